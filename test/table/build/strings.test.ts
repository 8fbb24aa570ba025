// The strings section: a length octet, then the octets.

import { describe, expect, test } from 'vitest'
import { StringsBuilder } from '../../../src/table/build/strings.ts'
import { COUNTRY_LOWER, COUNTRY_NUMBER } from '../../../src/table/layout.ts'

/** The octets of the string at an offset. */
function octetsAt(strings: Uint8Array, offset: number): Uint8Array {
  return strings.subarray(offset + 1, offset + 1 + strings[offset])
}

const textAt = (strings: Uint8Array, offset: number): string =>
  new TextDecoder().decode(octetsAt(strings, offset))

describe('StringsBuilder', () => {
  test('offset 0 is the empty string, before and after others are added', () => {
    const builder = new StringsBuilder()
    expect(builder.add('')).toBe(0)
    builder.add('x')
    expect(builder.add('')).toBe(0)
    expect(textAt(builder.finish(), 0)).toBe('')
  })

  test('the next string follows at once', () => {
    const builder = new StringsBuilder()
    const offsets = ['15169', 'Google LLC', 'é'].map((text) => builder.add(text))
    expect(offsets).toEqual([1, 7, 18])
    expect([...builder.finish()]).toEqual([
      ...[0],
      ...[5, ...Buffer.from('15169')],
      ...[10, ...Buffer.from('Google LLC')],
      ...[2, 0xc3, 0xa9],
    ])
  })

  test.each([
    { name: '255 octets of ASCII', text: 'x'.repeat(255) },
    { name: '255 octets of two-octet characters', text: `${'é'.repeat(127)}x` },
    { name: '252 octets of four-octet characters', text: '🌍'.repeat(63) },
  ])('$name fit', ({ text }) => {
    const builder = new StringsBuilder()
    const offset = builder.add(text)
    expect(textAt(builder.finish(), offset)).toBe(text)
  })

  test.each([
    { name: '256 octets of ASCII', text: 'x'.repeat(256) },
    { name: '256 octets of two-octet characters', text: 'é'.repeat(128) },
    { name: 'a character across the 255th octet', text: `${'x'.repeat(254)}é` },
  ])('$name do not, and leave no trace', ({ text }) => {
    const builder = new StringsBuilder()
    const error = new RangeError(`'${text}' is longer than the 255 octets of a string`)
    expect(() => builder.add(text)).toThrow(error)
    builder.add('next')
    expect([...builder.finish()]).toEqual([0, 4, ...Buffer.from('next')])
  })

  test('a country is its code, its lower-case code and its number', () => {
    const builder = new StringsBuilder()
    builder.add('before')
    const offset = builder.addBlock(['XK', 'xk', 983])
    const after = builder.add('after')
    const strings = builder.finish()
    expect(textAt(strings, offset)).toBe('XK')
    expect(textAt(strings, offset + COUNTRY_LOWER)).toBe('xk')
    expect([...octetsAt(strings, offset + COUNTRY_NUMBER)]).toEqual([983 >> 8, 983 & 255])
    expect(after).toBe(offset + COUNTRY_NUMBER + 3)
    expect(textAt(strings, after)).toBe('after')
  })

  test('grows as it must and keeps what it has', () => {
    const builder = new StringsBuilder()
    const texts = Array.from({ length: 20_000 }, (_, n) => `${n} ${'ä'.repeat(n % 100)}`)
    const added = texts.map((text, n) => {
      const offset = builder.add(text)
      if (n % 1000 === 0) builder.addBlock(['NL', '', 528])
      return { offset, text }
    })
    const strings = builder.finish()
    expect(strings.length).toBeGreaterThan(1 << 20)
    const changed = added.filter(({ offset, text }) => textAt(strings, offset) !== text)
    expect(changed).toEqual([])
  })
})
