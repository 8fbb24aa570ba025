// Text that no terminal and no reader of a log can be deceived with.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable } from '../src/printable.ts'
import { anyText } from './support/any-text.ts'

test.each([
  ['plain', 'São Paulo – 東京', 'São Paulo – 東京'],
  ['a new line', 'a\nb', 'a\\u{a}b'],
  ['an escape sequence', '\x1b[2J', '\\u{1b}[2J'],
  ['C1 control characters', '\x9b2J', '\\u{9b}2J'],
  ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
  ['text that runs backwards', '\u202egnp', '\\u{202e}gnp'],
])('%s', (_, text, shown) => {
  expect(printable(text)).toBe(shown)
})

test('whatever the text, it is one line without control characters', () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
    }),
  )
})
