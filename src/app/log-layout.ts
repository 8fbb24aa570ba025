// How a line of the log looks to people: on a terminal, in a file, and in the journal of systemd.

import { printable, printableJson } from '../printable.ts'
import { PRIORITY, withPriority } from '../system/journal.ts'

/** Where lines for people go. */
export type Place = 'terminal' | 'file' | 'journal'

/** What pino writes as JSON. */
interface Entry {
  readonly level: number
  readonly time: string
  readonly msg?: string
  readonly stack?: string
  readonly [field: string]: unknown
}

/** The names of pino's levels, and their colours on a terminal. */
const LEVELS = [
  { from: 50, name: 'ERROR', colour: 31, priority: PRIORITY.error },
  { from: 40, name: 'WARN', colour: 33, priority: PRIORITY.warning },
  { from: 30, name: 'INFO', colour: 32, priority: PRIORITY.information },
  { from: 0, name: 'DEBUG', colour: 34, priority: PRIORITY.debugging },
] as const

const INFO = 30

/**
 * A function that turns a line of JSON into what people read, of which every text was made printable: what is quoted
 * forges no line.
 *
 * @param isDetailed whether the fields of a line are told after its message
 */
export function layoutFor(place: Place, isDetailed: () => boolean): (json: string) => string {
  const isColoured = place === 'terminal' && !process.env.NO_COLOR
  return (json) => {
    const { level, time, msg = '', stack, ...fields } = JSON.parse(json) as Entry
    const { name, colour, priority } = LEVELS.find(({ from }) => level >= from) ?? LEVELS[0]
    const details =
      isDetailed() && Object.keys(fields).length > 0 ? ` ${printableJson(JSON.stringify(fields))}` : ''
    const calls = stack === undefined ? [] : stack.split('\n').map((line) => `    ${printable(line)}`)
    const text = [`${printable(msg)}${details}`, ...calls].join('\n')
    switch (place) {
      case 'journal':
        return `${withPriority(text, priority)}\n`
      case 'file':
        return `${time} ${name}: ${text}\n`
      case 'terminal': {
        // What is as it should be needs no word that says so.
        const label = level === INFO ? '' : isColoured ? `\x1b[${colour}m${name}\x1b[39m: ` : `${name}: `
        return `${clockOf(time)} ${label}${text}\n`
      }
    }
  }
}

/** The time of day where the terminal is. */
function clockOf(time: string): string {
  const at = new Date(time)
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((it) => String(it).padStart(2, '0')).join(':')
}
