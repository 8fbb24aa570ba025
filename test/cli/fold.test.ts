// Help on narrow terminals.

import { expect, test } from 'vitest'
import { folded } from '../../src/cli/fold.ts'
import { runCli } from '../support/programs.ts'

const HELP =
  'Exits with 0 when it is right,\nand with 1 else.\n\nExamples:\n  asnzone check --config /etc/asnzone.yaml\n'

test('sentences are folded at blanks, commands stay', () => {
  expect(folded(HELP, 20)).toBe(
    'Exits with 0 when it\nis right, and with 1\nelse.\n\nExamples:\n  asnzone check --config /etc/asnzone.yaml\n',
  )
})

test('nothing changes where all fits, or there is no terminal', () => {
  expect(folded(HELP, 80)).toBe(HELP)
  expect(folded(HELP, null)).toBe(HELP)
})

test('who got a command wrong is sent to the help of that one', async () => {
  const { code, stderr } = await runCli(['policy', 'check', 'anna@example.org'])
  expect([code, stderr.trim().split('\n').at(-1)]).toEqual([1, '(see asnzone policy check --help)'])
})
