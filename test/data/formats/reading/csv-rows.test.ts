// Bytes cut into CSV rows and fields (RFC 4180), however the stream cuts the bytes.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CsvRows, fieldText, isUtf8Field } from '../../../../src/data/formats/reading/csv-rows.ts'
import { AsnzoneError } from '../../../../src/errors.ts'
import { byteByByte, cutAt, cuts } from '../../../support/chunked-input.ts'

interface Read {
  readonly rows: { readonly line: number; readonly fields: string[] }[]
  /** The message of the error that ended it. */
  readonly error: string | null
}

function read(chunks: readonly Buffer[]): Read {
  const rows: { line: number; fields: string[] }[] = []
  const csv = new CsvRows('file.csv', (row) => {
    const kept = Math.min(row.fields, row.starts.length)
    rows.push({ line: row.line, fields: Array.from({ length: kept }, (_, field) => fieldText(row, field)) })
  })
  try {
    for (const chunk of chunks) csv.push(chunk)
    csv.end()
  } catch (error) {
    if (!(error instanceof AsnzoneError)) throw error
    return { rows, error: error.message }
  }
  return { rows, error: null }
}

const readText = (text: string): Read => read([Buffer.from(text)])

/** The rows of a file without a fault. */
function rowsOf(text: string): string[][] {
  const { rows, error } = readText(text)
  expect(error).toBeNull()
  return rows.map(({ fields }) => fields)
}

describe('rows', () => {
  test.each([
    {
      name: 'LF',
      text: 'a,b\nc,d\n',
      rows: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    },
    {
      name: 'CRLF',
      text: 'a,b\r\nc,d\r\n',
      rows: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    },
    { name: 'LF and CRLF in one file', text: 'a\r\nb\nc\r\n', rows: [['a'], ['b'], ['c']] },
    {
      name: 'no line break at the end',
      text: 'a,b\nc,d',
      rows: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    },
    {
      name: 'a lone CR at the end',
      text: 'a,b\nc,d\r',
      rows: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    },
    { name: 'a byte order mark', text: '\ufeffa,b\n', rows: [['a', 'b']] },
    { name: 'a byte order mark before a quote', text: '\ufeff"a",b\n', rows: [['a', 'b']] },
    { name: 'a second byte order mark is text', text: '\ufeff\ufeffa\n', rows: [['\ufeffa']] },
    { name: 'empty fields', text: ',a,,\n', rows: [['', 'a', '', '']] },
    { name: 'an empty field at the very end', text: 'a,', rows: [['a', '']] },
    { name: 'blank lines', text: 'a\n\n\r\n \t\r\nb\n\n \n', rows: [['a'], ['b']] },
    { name: 'two line breaks and nothing else', text: '\n\n', rows: [] },
    { name: 'quotes with nothing in them', text: 'a\n""\n', rows: [['a'], ['']] },
    { name: 'an empty file', text: '', rows: [] },
    { name: 'a byte order mark alone', text: '\ufeff', rows: [] },
    { name: 'a single character', text: 'a', rows: [['a']] },
    { name: 'blanks are kept', text: ' a , b \n', rows: [[' a ', ' b ']] },
    { name: 'a CR inside a field is text', text: 'a\rb,c\n', rows: [['a\rb', 'c']] },
    { name: 'characters of several octets', text: 'é,日本,🌍\n', rows: [['é', '日本', '🌍']] },
  ])('$name', ({ text, rows }) => {
    expect(rowsOf(text)).toEqual(rows)
  })
})

describe('quotes', () => {
  test.each([
    { name: 'around a comma', text: '1,"Cloudflare, Inc."\n', rows: [['1', 'Cloudflare, Inc.']] },
    { name: 'doubled', text: '"LLC ""SPUTNIK"""\n', rows: [['LLC "SPUTNIK"']] },
    { name: 'doubled, nothing else', text: '"""",""""""\n', rows: [['"', '""']] },
    { name: 'an empty field', text: '"",a,""\n', rows: [['', 'a', '']] },
    { name: 'an empty field at the very end', text: 'a,""', rows: [['a', '']] },
    { name: 'around line breaks', text: '"a\nb\r\nc",d\n', rows: [['a\nb\r\nc', 'd']] },
    { name: 'closed at the end of the file', text: '"a"', rows: [['a']] },
    { name: 'before CRLF', text: '"a"\r\n"b"\r\n', rows: [['a'], ['b']] },
    { name: 'before a lone CR at the end', text: '"a"\r', rows: [['a']] },
    { name: 'doubled beside characters of several octets', text: '"""é"" 🌍"\n', rows: [['"é" 🌍']] },
  ])('$name', ({ text, rows }) => {
    expect(rowsOf(text)).toEqual(rows)
  })

  test.each([
    {
      name: 'inside an unquoted field',
      text: 'a\nb"c\n',
      error: 'file.csv:2: a quote inside an unquoted field',
    },
    { name: 'behind a blank', text: 'a, "b"\n', error: 'file.csv:1: a quote inside an unquoted field' },
    { name: 'with text behind', text: 'a\n\n"b"c\n', error: 'file.csv:3: text after a closing quote' },
    { name: 'with a blank behind', text: '"a" ,b\n', error: 'file.csv:1: text after a closing quote' },
    {
      name: 'with a CR behind that ends no line',
      text: '"a"\rb\n',
      error: 'file.csv:1: text after a closing quote',
    },
    { name: 'not closed', text: 'a\nb,"c\nd\ne', error: 'file.csv:2: a quote is not closed' },
    { name: 'not closed but doubled', text: '"a""', error: 'file.csv:1: a quote is not closed' },
    { name: 'alone', text: '"', error: 'file.csv:1: a quote is not closed' },
  ])('broken: $name', ({ text, error }) => {
    expect(readText(text).error).toBe(error)
  })
})

test('a row’s number is that of its first line', () => {
  const { rows } = readText('a\n"b\nb\r\nb",b\nc\r\n\n"d\n",d\ne')
  expect(rows.map(({ line, fields }) => `${line} ${fields[0][0]}`)).toEqual([
    '1 a',
    '2 b',
    '5 c',
    '7 d',
    '9 e',
  ])
})

test('of many fields the first 64 are kept and all are counted', () => {
  const fields = Array.from({ length: 90 }, (_, n) => `field ${n}`)
  let counted = 0
  const csv = new CsvRows('file.csv', (row) => {
    counted = row.fields
  })
  csv.push(Buffer.from(`${fields.join(',')}\n`))
  expect(counted).toBe(90)
  expect(readText(`${fields.join(',')}\nnext\n`).rows).toEqual([
    { line: 1, fields: fields.slice(0, 64) },
    { line: 2, fields: ['next'] },
  ])
})

describe('a long row', () => {
  const error = 'file.csv:2: a row of more than 65536 octets; is this a CSV file?'

  test.each([
    { name: 'of 65,536 octets is read', text: `a\n${'x'.repeat(65535)}\nb\n`, rows: 3, error: null },
    { name: 'of 65,537 octets is refused', text: `a\n${'x'.repeat(65536)}\nb\n`, rows: 1, error },
    { name: 'of 65,536 octets at the end is read', text: `a\n${'x'.repeat(65536)}`, rows: 2, error: null },
    { name: 'of 65,537 octets at the end is refused', text: `a\n${'x'.repeat(65537)}`, rows: 1, error },
    { name: 'whose quote is never closed is refused', text: `a\n"${'x\n'.repeat(40000)}`, rows: 1, error },
  ])('$name, however it is cut', ({ text, rows, error: expected }) => {
    const bytes = Buffer.from(text)
    const pieces = Array.from({ length: 99 }, (_, n) => n * 997)
    for (const chunks of [[bytes], cutAt(bytes, pieces), cutAt(bytes, [3, 65530, 65538])]) {
      const found = read(chunks)
      expect([found.rows.length, found.error]).toEqual([rows, expected])
    }
  })
})

describe('isUtf8Field and fieldText', () => {
  const fields = (bytes: Buffer): [boolean, string][] => {
    const found: [boolean, string][] = []
    const csv = new CsvRows('file.csv', (row) => {
      for (let field = 0; field < row.fields; field++)
        found.push([isUtf8Field(row, field), fieldText(row, field)])
    })
    csv.push(bytes)
    csv.end()
    return found
  }

  test.each([
    { name: 'ASCII', bytes: Buffer.from('abc'), is: [true, 'abc'] },
    { name: 'UTF-8', bytes: Buffer.from('é🌍'), is: [true, 'é🌍'] },
    { name: 'Latin-1', bytes: Buffer.from('é', 'latin1'), is: [false, '\ufffd'] },
    { name: 'a character cut short', bytes: Buffer.of(0x61, 0xf0, 0x9f, 0x8c), is: [false, 'a\ufffd'] },
    { name: 'an octet that continues nothing', bytes: Buffer.of(0x80, 0x61), is: [false, '\ufffda'] },
    {
      name: 'half of a surrogate pair',
      bytes: Buffer.of(0xed, 0xa0, 0x80),
      is: [false, '\ufffd\ufffd\ufffd'],
    },
    { name: 'an overlong form', bytes: Buffer.of(0xc0, 0xaf), is: [false, '\ufffd\ufffd'] },
  ])('$name', ({ bytes, is }) => {
    const row = Buffer.concat([Buffer.from('x,'), bytes, Buffer.from(',é\n')])
    expect(fields(row)).toEqual([[true, 'x'], is, [true, 'é']])
  })
})

describe('whatever the fields hold', () => {
  const field = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', '\r\n', ' ', 'é', '🌍'), maxLength: 6 }),
    fc.string({ unit: 'binary-ascii', maxLength: 6 }),
  )
  const rows = fc.array(
    fc.array(fc.record({ field, quoted: fc.boolean() }), { minLength: 1, maxLength: 5 }),
    { maxLength: 8 },
  )
  const layout = fc.record({ mark: fc.boolean(), crlf: fc.boolean(), lastBreak: fc.boolean() })

  test('written by RFC 4180 it is read again, from any pieces', () => {
    fc.assert(
      fc.property(rows, layout, cuts, (all, { mark, crlf, lastBreak }, offsets) => {
        const lines = all.map((row) =>
          row
            .map(({ field: text, quoted }) =>
              quoted || /[",\r\n]/.test(text) || (/^[ \t]*$/.test(text) && row.length === 1)
                ? `"${text.replaceAll('"', '""')}"`
                : text,
            )
            .join(','),
        )
        const lineBreak = crlf ? '\r\n' : '\n'
        const text =
          (mark ? '\ufeff' : '') + lines.join(lineBreak) + (lastBreak && all.length ? lineBreak : '')
        const bytes = Buffer.from(text)
        let line = 1
        const expected = all.map((row, n) => {
          const first = line
          line += lines[n].split('\n').length
          return { line: first, fields: row.map(({ field: value }) => value) }
        })
        for (const chunks of [[bytes], byteByByte(bytes), cutAt(bytes, offsets)]) {
          expect(read(chunks)).toEqual({ rows: expected, error: null })
        }
      }),
      { numRuns: 300 },
    )
  })

  test('nonsense gives the same rows and the same error from any pieces', () => {
    const nonsense = fc
      .array(fc.constantFrom('a', ',', '"', '""', '\n', '\r', '\r\n', '\ufeff', 'é', ' '), { maxLength: 30 })
      .map((parts) => Buffer.from(parts.join('')))
    fc.assert(
      fc.property(nonsense, cuts, (bytes, offsets) => {
        const whole = read([bytes])
        expect(read(byteByByte(bytes))).toEqual(whole)
        expect(read(cutAt(bytes, offsets))).toEqual(whole)
      }),
      { numRuns: 2000 },
    )
  })
})
