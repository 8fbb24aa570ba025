// Rows of words: each once, numbered in the order in which they came, however many there are.

import { expect, test } from 'vitest'
import { WordRows } from '../../../src/table/build/word-rows.ts'

test.each([1, 2, 5, 8])('rows of %i words keep their numbers while their table grows', (width) => {
  const rows = new WordRows(width, 2)
  const numbers = new Map<string, number>()
  for (let n = 0; n < 3000; n++) {
    // Every third row has come before; words differ in high bits or low ones.
    const seed = n % 3 === 0 ? n >> 1 : n
    const row = Uint32Array.from({ length: width }, (_, k) => (seed % 2 === 0 ? seed << 16 : seed) + k)
    const known = numbers.get(row.join()) ?? numbers.size
    expect(rows.numberOf(row)).toBe(known)
    numbers.set(row.join(), known)
    expect(rows.isAt(known, row)).toBe(true)
    expect([...rows.words.subarray(known * width, (known + 1) * width)]).toEqual([...row])
  }
  expect(rows.count).toBe(numbers.size)
})

test('a row of zeros is a row', () => {
  const rows = new WordRows(2, 2)
  expect(rows.numberOf(Uint32Array.of(0, 1))).toBe(0)
  expect(rows.numberOf(new Uint32Array(2))).toBe(1)
  expect(rows.isAt(0, new Uint32Array(2))).toBe(false)
})

test('rows that are forgotten come again with the first numbers', () => {
  const rows = new WordRows(2, 2)
  for (let n = 0; n < 100; n++) rows.numberOf(Uint32Array.of(n, n))
  rows.clear()
  expect([rows.count, rows.words.length]).toEqual([0, 0])
  for (let n = 99; n >= 0; n--) expect(rows.numberOf(Uint32Array.of(n, n))).toBe(99 - n)
  expect(rows.numberOf(Uint32Array.of(99, 99))).toBe(0)
})
