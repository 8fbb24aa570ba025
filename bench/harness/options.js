// The command line of a bench.

import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** The asnzone that is measured when nothing else is asked for. */
export const BUILT_ASNZONE = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/**
 * Reads the options of the command line; what is wrong with them, or --help, ends the process.
 *
 * @template {Record<string, number | string | boolean>} Standard
 * @param {string} help
 * @param {Standard} standard every option with its default, whose kind is the option's kind: a number is one
 *   above 0, a string a file or a list, a boolean a switch
 * @returns {Standard}
 */
export function readOptions(help, standard) {
  try {
    const options = Object.fromEntries(
      Object.entries(standard).map(([name, value]) => [
        name,
        { type: typeof value === 'boolean' ? 'boolean' : 'string' },
      ]),
    )
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } } })
    if (values.help) {
      console.log(help)
      process.exit()
    }
    const read = { ...standard }
    for (const [name, value] of Object.entries(values)) {
      read[name] = typeof standard[name] === 'number' ? positive(name, value) : value
    }
    if (typeof read.asnzone === 'string') read.asnzone = resolve(read.asnzone)
    return read
  } catch (error) {
    refuse(error.message, help)
  }
}

/**
 * Ends the process because an option can't be right.
 *
 * @param {string} reason
 * @param {string} help
 * @returns {never}
 */
export function refuse(reason, help) {
  console.error(`${reason}\n\n${help}`)
  process.exit(2)
}

function positive(name, text) {
  const number = Number(text)
  if (!(number > 0)) throw new Error(`--${name} ${text}: not a number above 0`)
  return number
}
