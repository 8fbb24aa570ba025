import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Attributes,
  MOST_ATTRIBUTES,
  MOST_LINE_OCTETS,
  MOST_REQUEST_OCTETS,
  RequestReader,
} from '../../src/policy/request.ts'

const octetsOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The requests in pieces of a stream, and the reader behind it. */
function readAll(...pieces: readonly (string | Uint8Array)[]) {
  const reader = new RequestReader()
  const requests: Record<string, string>[] = []
  const take = (attributes: Attributes): void => void requests.push(Object.fromEntries(attributes))
  for (const piece of pieces) reader.read(typeof piece === 'string' ? octetsOf(piece) : piece, take)
  return { reader, requests }
}

describe('a request', () => {
  test.each([
    [
      'lines that end with a line feed',
      'request=smtpd_access_policy\na=1\n\n',
      [{ request: 'smtpd_access_policy', a: '1' }],
    ],
    ['lines that end with CR LF', 'a=1\r\nb=2\r\n\r\n', [{ a: '1', b: '2' }]],
    ['values with an equals sign', 'a=1=2\n\n', [{ a: '1=2' }]],
    ['an empty value', 'a=\nb=\n\n', [{ a: '', b: '' }]],
    ['blanks around names and values', ' a = 1 \n\n', [{ a: '1' }]],
    ['a name that comes twice', 'a=1\na=2\n\n', [{ a: '2' }]],
    ['several in one piece', 'a=1\n\na=2\n\na=3\n\n', [{ a: '1' }, { a: '2' }, { a: '3' }]],
    ['a line without an equals sign', 'a=1\nnonsense\nb=2\n\n', [{ a: '1', b: '2' }]],
    ['a value with a control character', 'a=1\u0001\nb=2\n\n', [{ b: '2' }]],
    ['a lone empty line', '\n\na=1\n\n', [{ a: '1' }]],
    ['a lone empty line with CR LF', '\r\n\r\na=1\r\n\r\n\r\n', [{ a: '1' }]],
    ['nothing but lines that are passed over', 'nonsense\n\na=\u0001\r\n\r\na=1\n\n', [{}, {}, { a: '1' }]],
    ['letters beyond ASCII', 'a=müller\n\n', [{ a: 'müller' }]],
  ])('%s', (_, text, requests) => {
    expect(readAll(text).requests).toEqual(requests)
  })

  test('a value that is not UTF-8 is passed over and counted', () => {
    const { reader, requests } = readAll(new Uint8Array([0x61, 0x3d, 0xff, 0x0a]), 'b=2\n\n')
    expect(requests).toEqual([{ b: '2' }])
    expect(reader.passedOver).toBe(1)
  })

  test('in whatever pieces it comes, it is the same', () => {
    const text = 'request=smtpd_access_policy\r\nclient_address=192.0.2.1\nsender=ä@x\n\nb=2\n\n'
    const whole = readAll(text).requests
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 })), (lengths) => {
        const octets = octetsOf(text)
        const pieces: Uint8Array[] = []
        let at = 0
        for (const length of lengths) {
          pieces.push(octets.slice(at, at + length))
          at += length
        }
        expect(readAll(...pieces, octets.slice(at)).requests).toEqual(whole)
      }),
    )
  })
})

/** Names and values in which others are found. */
const likeOthers = fc.stringMatching(/^[ab= ]{0,4}$/)

test('at once or octet by octet, requests of plain lines are the same', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.tuple(likeOthers, likeOthers), { maxLength: 6 })), (requests) => {
      const lines = requests.map((of) => of.map(([name, value]) => `${name}=${value}\n`).join(''))
      const octets = octetsOf(lines.map((of) => `${of}\n`).join(''))
      const apart = Array.from(octets, (_, at) => octets.slice(at, at + 1))
      expect(readAll(octets).requests).toEqual(readAll(...apart).requests)
    }),
  )
})

describe('what is too much', () => {
  test.each([
    ['a line of 4,097 octets', `a=${'x'.repeat(MOST_LINE_OCTETS - 1)}\n\n`, 'line too long'],
    ['a line without an end', 'x'.repeat(100_000), 'line too long'],
    [
      '101 attributes',
      Array.from({ length: MOST_ATTRIBUTES + 1 }, (_, i) => `a${i}=1\n`).join(''),
      'too many attributes',
    ],
    ['a request of more than 32 KiB', `a=${'x'.repeat(4000)}\n`.repeat(9), 'request too long'],
    ['the same name without an end', 'a=1\n'.repeat(MOST_REQUEST_OCTETS / 4 + 1), 'request too long'],
  ])('%s', (_, text, fault) => {
    const { reader, requests } = readAll(text, 'a=1\n\n')
    expect(reader.fault).toBe(fault)
    expect(requests).toEqual([])
  })

  test('what is just not too much', () => {
    const line = `a=${'x'.repeat(MOST_LINE_OCTETS - 2)}\r\n`
    const { reader, requests } = readAll(line, '\n')
    expect(reader.fault).toBeNull()
    expect(requests[0].a).toHaveLength(MOST_LINE_OCTETS - 2)
  })

  test('random octets are read to an end, and never throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (pieces) => {
        for (const request of readAll(...pieces).requests) {
          for (const text of Object.entries(request).flat()) expect(text).not.toMatch(/\p{Cc}/u)
        }
      }),
    )
  })
})
