// asnzone learn takes the memory of a piece of its input, not of all of it: it has a heap that neither would fit into.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { compiledData } from '../support/compiled-data.ts'
import { outcomeOf } from '../support/programs.ts'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** MB of the heap. */
const HEAP = 64

const LINE = '1795767300 10.1.2.3 spam\n'

/** Lines of a piece, and pieces: 100 MB. */
const [LINES, PIECES] = [40_000, 100]

test('a long log, and a line that does not end', async () => {
  const args = [`--max-old-space-size=${HEAP}`, MAIN, 'learn', '--data-dir', compiledData()]
  const child = spawn(process.execPath, args)
  const outcome = outcomeOf(child)
  // A child that has died says so in its outcome.
  child.stdin.on('error', () => {})
  const write = async (piece: string): Promise<void> => {
    if (!child.stdin.write(piece)) await Promise.race([once(child.stdin, 'drain'), outcome])
  }
  const log = LINE.repeat(LINES)
  for (let i = 0; i < PIECES; i++) await write(log)
  const endless = 'x'.repeat(log.length)
  for (let i = 0; i < PIECES; i++) await write(endless)
  await write(`\n${Math.floor(Date.now() / 1000)} 8.8.8.8 spam\n`)
  child.stdin.end()
  const { code, stdout, stderr } = await outcome
  expect([code, stdout.split('\n')[0]], stderr).toEqual([
    0,
    `1 verdict learned, 1 of spam and 0 of ham; ${LINES * PIECES + 1} ignored: 1 format, ${LINES * PIECES} private`,
  ])
}, 300_000)
