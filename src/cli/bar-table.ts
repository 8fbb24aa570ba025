// A table of counts with bars, for terminals.

import { counted } from '../counted.ts'
import { printable } from '../printable.ts'

/** A line of the table. */
export interface BarLine {
  readonly key: string
  readonly name: string
  readonly counter: number
}

/** Characters of the longest bar, and of the shortest that it becomes on a narrow terminal. */
const BAR = 30
const LEAST_BAR = 10
/** Names are not cut to less, however narrow it is. */
const LEAST_NAME = 8

/**
 * The table with its title.
 *
 * @param lines the most first
 * @param limit how many lines are shown for themselves; the others are one line
 * @param width characters of a line, for which bars are made shorter and then names are cut; null where it may have as
 *   many as it needs
 */
export function barTable(
  title: string,
  lines: readonly BarLine[],
  limit: number,
  width: number | null,
): string {
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
  const [keys, numbers] = [widthOf(keyOf), widthOf(numberOf)]
  // Two blanks before each of five columns, and seven characters of a share.
  const room = width === null ? Number.POSITIVE_INFINITY : width - keys - numbers - 17
  const maxName = Math.max(LEAST_NAME, room - LEAST_BAR)
  const nameOf = ({ name }: BarLine): string => {
    const characters = [...printable(name)]
    if (characters.length > maxName) characters.splice(maxName - 1, characters.length, '…')
    return characters.join('')
  }
  const names = widthOf(nameOf)
  const longest = Math.min(BAR, Math.max(LEAST_BAR, room - names))
  const rows = shown.map((line) => {
    const share = total === 0 ? 0 : line.counter / total
    const bar = '█'.repeat(Math.max(1, Math.round(share * longest)))
    const columns = [
      keyOf(line).padEnd(keys),
      pad(nameOf(line), names),
      numberOf(line).padStart(numbers),
      `${(share * 100).toFixed(1)} %`.padStart(7),
      bar,
    ]
    return `  ${columns.join('  ')}`
  })
  return `${title}: ${counted(total, 'query', 'queries', (it) => it.toLocaleString('en'))}\n${rows.join('\n')}\n`
}

/** padEnd counts UTF-16 units; a terminal shows characters. */
function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - [...text].length))
}
