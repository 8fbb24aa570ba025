// The options of npm run fuzz, alike for what is fuzzed.

import { parseArgs } from 'node:util'

const helpOf = (inputs) => `Usage: npm run fuzz -- [http] [options]
  http         hostile requests to the HTTP server, in the place of messages to the responder
  --inputs N   how many inputs to send (${inputs})
  --seed S     decides which (1)
  --from N     the number of the first (0)
  --seconds S  stop after so many seconds, whatever is left`

/**
 * The options of the command line; ends the process where they are wrong or help is wanted.
 *
 * @param {number} inputs how many inputs there are unless told otherwise
 */
export function readOptions(inputs) {
  const help = helpOf(inputs)
  try {
    const names = { inputs, seed: 1, from: 0, seconds: Number.POSITIVE_INFINITY }
    const options = Object.fromEntries(Object.keys(names).map((name) => [name, { type: 'string' }]))
    const { values } = parseArgs({
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      // What is fuzzed, which main.js has looked at.
      allowPositionals: true,
    })
    if (values.help) {
      console.log(help)
      process.exit()
    }
    return Object.fromEntries(
      Object.entries(names).map(([name, standard]) => {
        const number = values[name] === undefined ? standard : Number(values[name])
        if (!(number >= 0)) throw new Error(`--${name} ${values[name]}: not a number from 0 up`)
        return [name, number]
      }),
    )
  } catch (error) {
    console.error(`${error.message}\n\n${help}`)
    process.exit(2)
  }
}
