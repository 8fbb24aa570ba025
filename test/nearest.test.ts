// The word that was probably meant.

import { expect, test } from 'vitest'
import { nearest } from '../src/nearest.ts'

const KNOWN = ['listen', 'domain', 'zones', 'disable', 'log-level', 'log-format', 'tcp-idle']

test.each([
  ['a letter too many', 'listenn', 'listen'],
  ['a letter too few', 'domin', 'domain'],
  ['two letters swapped', 'zoens', 'zones'],
  ['another letter', 'disabla', 'disable'],
  ['another separator', 'log_level', 'log-level'],
  ['another case', 'LISTEN', 'listen'],
  ['the nearer of two', 'log-levle', 'log-level'],
  ['a long word may have more slips', 'lok-fromat', 'log-format'],
  ['the word itself', 'tcp-idle', 'tcp-idle'],
  ['another form of the word', 'domainname-of-own', 'domain'],
])('%s: %s is %s', (_, word, expected) => {
  expect(nearest(word, KNOWN)).toBe(expected)
})

test.each([
  ['another word', 'colour'],
  ['a short word far from all', 'xyz'],
  ['a long word far from all', 'maximum-connections'],
  ['a long word with the same end only', 'update-level'],
])('%s: no suggestion', (_, word) => {
  expect(nearest(word, KNOWN)).toBeUndefined()
})

test('countries are meant by country', () => {
  expect(nearest('country', ['enabled', 'countries', 'default'])).toBe('countries')
  expect(nearest('update-interval', ['refresh', 'stats-interval'])).toBeUndefined()
})

test('the first of equally near words, and none of none', () => {
  expect(nearest('ab', ['aa', 'bb'])).toBe('aa')
  expect(nearest('listen', [])).toBeUndefined()
})
