// Names of the configuration as octets of the wire.

import { describe, expect, test } from 'vitest'
import { labelCount, wireName } from '../../src/zones/wire-name.ts'

const LABEL_63 = 'x'.repeat(63)

describe('wireName', () => {
  test.each([
    ['a name', 'geo.asnzone.internal', '\x03geo\x07asnzone\x08internal\0'],
    ['a final dot', 'nerd.dk.', '\x04nerd\x02dk\0'],
    ['upper case', 'Asn.RSPAMD.com', '\x03asn\x06rspamd\x03com\0'],
    ['digits, - and _', '_8.a-1', '\x02_8\x03a-1\0'],
    ['the root as nothing', '', '\0'],
    ['the root as a dot', '.', '\0'],
  ])('%s', (_, text, wire) => {
    expect(Buffer.from(wireName(text)).toString('latin1')).toBe(wire)
  })

  test('a label of 63 characters and a name of 255 octets are the longest', () => {
    const longest = `${LABEL_63}.${LABEL_63}.${LABEL_63}.${'y'.repeat(61)}`
    expect(wireName(longest)).toHaveLength(255)
    expect(() => wireName(`${longest}y`)).toThrow(`'${longest}y' is longer than 255 octets`)
  })

  test.each([
    ['an empty label', 'a..b', "'a..b' has an empty label"],
    ['a dot in front', '.a', "'.a' has an empty label"],
    ['a label of 64 characters', `${LABEL_63}x.b`, `'${LABEL_63}x.b' has a label of more than 63 characters`],
    ['a blank', 'a b', "'a b' has a label with other characters than letters, digits, '-' and '_'"],
    [
      'a letter that is not ASCII',
      'ä.de',
      "'ä.de' has a label with other characters than letters, digits, '-' and '_'",
    ],
    [
      'a letter whose lower case is ASCII',
      '\u212a.de',
      "'\u212a.de' has a label with other characters than letters, digits, '-' and '_'",
    ],
    [
      'a placeholder',
      '{cc}.de',
      "'{cc}.de' has a label with other characters than letters, digits, '-' and '_'",
    ],
  ])('refuses %s', (_, text, message) => {
    expect(() => wireName(text)).toThrow(new Error(message))
  })
})

test('labelCount does not count the root', () => {
  expect(['', 'dk', 'zz.countries.nerd.dk'].map((text) => labelCount(wireName(text)))).toEqual([0, 1, 4])
})
