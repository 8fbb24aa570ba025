// Lines for a terminal: marked ones are coloured where there are colours, and nothing in them can pass for a colour.

import { expect, test } from 'vitest'
import { lineText } from '../src/print.ts'

test.each([
  ['plain', false, 'plain'],
  ['plain', true, 'plain'],
  [{ text: 'stale', mark: 'odd' }, false, 'stale'],
  [{ text: 'stale', mark: 'odd' }, true, '\u001b[33mstale\u001b[39m'],
  [{ text: 'refused', mark: 'bad' }, true, '\u001b[31mrefused\u001b[39m'],
  [{ text: 'a\u001b[39mb', mark: 'bad' }, true, '\u001b[31ma\\u{1b}[39mb\u001b[39m'],
  ['a\u001b[31mb', true, 'a\\u{1b}[31mb'],
] as const)('%j with colours: %s', (line, coloured, expected) => {
  expect(lineText(line, coloured)).toBe(expected)
})
