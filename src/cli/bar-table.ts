// A table of counts with bars, for terminals.

import { printable } from '../printable.ts'

/** A line of the table. */
export interface BarLine {
  readonly key: string
  readonly name: string
  readonly counter: number
}

const MAX_NAME = 40
const BAR = 30

/**
 * The table with its title.
 *
 * @param lines the most first
 * @param limit how many lines are shown for themselves; the others are one line
 */
export function barTable(title: string, lines: readonly BarLine[], limit: number): string {
  const total = lines.reduce((sum, { counter }) => sum + counter, 0)
  const rest = lines.slice(limit)
  const shown: readonly BarLine[] = [
    ...lines.slice(0, limit),
    ...(rest.length === 0
      ? []
      : [
          {
            key: '…',
            name: `${rest.length} more`,
            counter: rest.reduce((sum, { counter }) => sum + counter, 0),
          },
        ]),
  ]
  const widthOf = (text: (line: BarLine) => string): number =>
    Math.max(...shown.map((line) => [...text(line)].length))
  const keyOf = ({ key }: BarLine): string => printable(key)
  const numberOf = ({ counter }: BarLine): string => printable(counter.toLocaleString('en'))
  const nameOf = ({ name }: BarLine): string => {
    const characters = [...printable(name)]
    if (characters.length > MAX_NAME) characters.splice(MAX_NAME - 1, characters.length, '…')
    return characters.join('')
  }
  const [keys, names, numbers] = [widthOf(keyOf), widthOf(nameOf), widthOf(numberOf)]
  const rows = shown.map((line) => {
    const share = total === 0 ? 0 : line.counter / total
    const bar = '█'.repeat(Math.max(1, Math.round(share * BAR)))
    const columns = [
      keyOf(line).padEnd(keys),
      pad(nameOf(line), names),
      numberOf(line).padStart(numbers),
      `${(share * 100).toFixed(1)} %`.padStart(7),
      bar,
    ]
    return `  ${columns.join('  ')}`
  })
  return `${title}: ${total.toLocaleString('en')} queries\n${rows.join('\n')}\n`
}

/** padEnd counts UTF-16 units; a terminal shows characters. */
function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - [...text].length))
}
