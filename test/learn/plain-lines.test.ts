// Lines with verdicts: the format `plain`, and how lines are cut from a stream.

import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isPublic, readSender } from '../../src/learn/address.ts'
import { linesOf, MAX_LINE, TOO_LONG } from '../../src/learn/lines.ts'
import { plain, readTime } from '../../src/learn/readers/plain.ts'

const OPTIONS = { reporter: 'local', now: 0, spam: 10, ham: 2, ownSymbols: [], verdict: null, trusted: [] }
const read = (line: string) => plain.read(line, OPTIONS)

describe('a line of the format plain', () => {
  const verdict = { weight: 1, undoes: false }
  test.each([
    ['1795767300 8.8.8.8 spam', { time: 1795767300, address: '8.8.8.8', spam: true, reporter: 'local' }],
    [
      '2026-11-27T08:15:00Z  8.8.8.8\tHAM mx1 ',
      { time: 1795767300, address: '8.8.8.8', spam: false, reporter: 'mx1' },
    ],
    [
      '2026-11-27T09:15:00.5+0100 2001:4860:0:0::1 ham',
      { time: 1795767300.5, address: '2001:4860::1', spam: false, reporter: 'local' },
    ],
    [
      '1795767300 ::ffff:8.8.8.8 spam',
      { time: 1795767300, address: '8.8.8.8', spam: true, reporter: 'local' },
    ],
    [
      '1795767300 64:ff9b::808:808 spam',
      { time: 1795767300, address: '8.8.8.8', spam: true, reporter: 'local' },
    ],
  ])('%s', (line, expected) => {
    expect(read(line)).toEqual({ ...verdict, ...expected })
  })

  test.each([
    ['', null],
    ['  ', null],
    ['# a comment', null],
    ['8.8.8.8 spam', 'format'],
    ['1795767300 8.8.8.8 maybe', 'format'],
    ['1795767300 8.8.8.8 spam mx1 more', 'format'],
    ['1795767300 8.8.8.8 spam MX1', 'format'],
    ['yesterday 8.8.8.8 spam', 'format'],
    ['2026-13-27T08:15:00Z 8.8.8.8 spam', 'format'],
    ['-5 8.8.8.8 spam', 'format'],
    [TOO_LONG, 'format'],
    ['1795767300 unknown spam', 'address'],
    ['1795767300 8.8.8.0/24 spam', 'address'],
    ['1795767300 8.8.8.08 spam', 'address'],
    ['1795767300 10.1.2.3 spam', 'private'],
    ['1795767300 ::1 ham', 'private'],
    ['1795767300 ::ffff:192.168.1.1 ham', 'private'],
    ['1795767300 fe80::1%eth0 ham', 'private'],
  ])('«%s» is none', (line, ignored) => {
    expect(read(line)).toEqual(ignored === null ? null : { ignored })
  })

  test('whatever it is, it is a verdict, a reason or nothing', () => {
    const word = fc.oneof(fc.string(), fc.constantFrom('1795767300', '8.8.8.8', 'spam', '2026-11-27T08:15Z'))
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        const reading = read(words.join(' '))
        if (reading === null || 'ignored' in reading) return
        expect(isPublic(readSender(reading.address)!.words)).toBe(true)
        expect(reading.time).toBeGreaterThan(0)
      }),
    )
  })
})

test('a time without an offset is local', () => {
  expect(readTime('2026-11-27T08:15')).toBe(new Date(2026, 10, 27, 8, 15).getTime() / 1000)
})

describe('lines', () => {
  const cut = async (pieces: readonly Buffer[]): Promise<string[]> => {
    const lines: string[] = []
    for await (const some of linesOf(Readable.from(pieces))) lines.push(...some)
    return lines
  }

  test('are the same however a stream comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('', 'a', 'äö', 'x'.repeat(50), 'b\r'), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
        async (lines, sizes) => {
          const octets = Buffer.from(lines.map((line) => `${line}\n`).join(''))
          const whole: Buffer[] = []
          for (let at = 0, i = 0; at < octets.length; i++) {
            const size = sizes[i % sizes.length]
            whole.push(octets.subarray(at, at + size))
            at += size
          }
          expect(await cut(whole)).toEqual(lines.map((line) => line.replace(/\r$/, '')))
        },
      ),
      { numRuns: 50 },
    )
  })

  test('a last one without its end is one', async () => {
    expect(await cut([Buffer.from('a\nb')])).toEqual(['a', 'b'])
  })

  test('one that is too long is told as such, in little memory, and those around it are read', async () => {
    const long = Array.from({ length: 40 }, () => Buffer.alloc(MAX_LINE / 8, 'x'))
    expect(await cut([Buffer.from('a\n'), ...long, Buffer.from('x\nb\n')])).toEqual(['a', TOO_LONG, 'b'])
    expect(await cut(long)).toEqual([TOO_LONG])
    expect(await cut([Buffer.from(`${'x'.repeat(MAX_LINE + 1)}\nb\n`)])).toEqual([TOO_LONG, 'b'])
  })
})

test.each([
  ['8.8.8.8', true],
  ['100.64.0.1', false],
  ['100.128.0.1', true],
  ['172.31.255.255', false],
  ['172.32.0.0', true],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['2001:4860::1', true],
  ['::', false],
  ['fdff::1', false],
  ['fe00::1', true],
  ['ff02::1', false],
])('%s may come over the internet: %s', (text, expected) => {
  expect(isPublic(readSender(text)!.words)).toBe(expected)
})
