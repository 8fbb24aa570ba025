// Range files: what is read, in every form that a file may have.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Collector } from '../../../src/data/compile/collector.ts'
import { ValueTables } from '../../../src/data/compile/value-tables.ts'
import { RangeFileReader } from '../../../src/data/formats/ip-location-db.ts'
import { addressText, lastAddress } from '../../support/bigint-address.ts'
import { byteByByte, cutAt, cuts } from '../../support/chunked-input.ts'
import { rowOf } from '../../support/painted-rows.ts'
import { readRangeFile, readRangeText } from '../../support/range-file.ts'

describe('what is read', () => {
  test('AS numbers of IPv4', () => {
    expect(
      readRangeText(
        'asn',
        '1.0.0.0,1.0.0.255,13335,"Cloudflare, Inc."\n1.0.4.0,1.0.7.255,38803,Gtelecom Pty Ltd\n',
      ),
    ).toEqual({
      rows: ['1.0.0.0 1.0.0.255 13335', '1.0.4.0 1.0.7.255 38803'],
      names: { 13335: 'Cloudflare, Inc.', 38803: 'Gtelecom Pty Ltd' },
    })
  })

  test('AS numbers of IPv6, «::» for a single group', () => {
    expect(
      readRangeText('asn', '2001::,2001::ffff:ffff:ffff:ffff:ffff:ffff,6939,Hurricane Electric LLC\n'),
    ).toEqual({
      rows: ['2001:: 2001:0:ffff:ffff:ffff:ffff:ffff:ffff 6939'],
      names: { 6939: 'Hurricane Electric LLC' },
    })
  })

  test('countries, in capitals or not', () => {
    expect(
      readRangeText('country', '1.0.0.0,1.0.0.255,AU\n1.0.1.0,1.0.3.255,cn\n1.0.4.0,1.0.7.255,xK\n'),
    ).toEqual({
      rows: ['1.0.0.0 1.0.0.255 AU', '1.0.1.0 1.0.3.255 CN', '1.0.4.0 1.0.7.255 XK'],
      names: {},
    })
  })

  test('numbers instead of addresses', () => {
    expect(
      readRangeText('asn', '16777216,16777471,13335,x\n0,0,1,y\n4294967295,4294967295,2,z\n'),
    ).toMatchObject({
      rows: ['1.0.0.0 1.0.0.255 13335', '0.0.0.0 0.0.0.0 1', '255.255.255.255 255.255.255.255 2'],
    })
    expect(
      readRangeText(
        'asn',
        '42540488161975842760550356425300246528,42540488241204005274814694018844196863,6939,x\n' +
          `0,1,1,y\n${lastAddress(4)},${lastAddress(4)},2,z\n`,
      ),
    ).toMatchObject({
      rows: [
        '2001:: 2001:0:ffff:ffff:ffff:ffff:ffff:ffff 6939',
        ':: ::1 1',
        'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2',
      ],
    })
  })

  test('AS numbers from 1 to 4294967294', () => {
    expect(readRangeText('asn', '1.0.0.0,1.0.0.0,1,a\n1.0.0.1,1.0.0.1,4294967294,b\n')).toMatchObject({
      rows: ['1.0.0.0 1.0.0.0 1', '1.0.0.1 1.0.0.1 4294967294'],
    })
  })

  test('rows stay in the order of the file, whatever they overlap', () => {
    expect(
      readRangeText('country', '9.0.0.0,9.0.0.255,NL\n1.0.0.0,9.0.0.9,DE\n1.0.0.0,9.0.0.9,DE\n'),
    ).toMatchObject({
      rows: ['9.0.0.0 9.0.0.255 NL', '1.0.0.0 9.0.0.9 DE', '1.0.0.0 9.0.0.9 DE'],
    })
  })

  test.each([
    { name: 'CRLF', text: '1.0.0.0,1.0.0.255,AU\r\n1.0.1.0,1.0.3.255,CN\r\n' },
    { name: 'a byte order mark', text: '\ufeff1.0.0.0,1.0.0.255,AU\n1.0.1.0,1.0.3.255,CN\n' },
    { name: 'no line break at the end', text: '1.0.0.0,1.0.0.255,AU\n1.0.1.0,1.0.3.255,CN' },
    { name: 'quotes around everything', text: '"1.0.0.0","1.0.0.255","AU"\r\n"1.0.1.0","1.0.3.255","CN"' },
  ])('$name makes no difference', ({ text }) => {
    expect(readRangeText('country', text)).toMatchObject({
      rows: ['1.0.0.0 1.0.0.255 AU', '1.0.1.0 1.0.3.255 CN'],
    })
  })

  test('names are sanitised, quotes and line breaks in them too', () => {
    expect(
      readRangeText(
        'asn',
        '1.0.0.0,1.0.0.0,1,"LLC ""SPUTNIK"""\n1.0.0.1,1.0.0.1,2,"two\r\nlines, one name"\n' +
          '1.0.0.2,1.0.0.2,3,A | B\n1.0.0.3,1.0.0.3,4,\n',
      ),
    ).toMatchObject({ names: { 1: "LLC 'SPUTNIK'", 2: 'two lines, one name', 3: 'A / B' } })
  })

  test('the first name of an AS stays, over files too', () => {
    const valueTables = new ValueTables()
    valueTables.asNames.set(2, 'from another file')
    const reader = new RangeFileReader('file.csv', new Collector('asn', valueTables))
    reader.push(Buffer.from('1.0.0.0,1.0.0.0,1,first\n1.0.0.1,1.0.0.1,1,second\n1.0.0.2,1.0.0.2,2,third\n'))
    reader.finish()
    expect(Object.fromEntries(valueTables.asNames)).toEqual({ 1: 'first', 2: 'from another file' })
  })

  test('70,000 rows, more than there is room for at first', () => {
    const lines = Array.from(
      { length: 70_000 },
      (_, n) => `${n * 256},${n * 256 + 255},${n + 70_001},AS${n + 70_001}`,
    )
    const into = new Collector('asn', new ValueTables())
    const reader = new RangeFileReader('file.csv', into)
    reader.push(Buffer.from(lines.join('\n')))
    reader.finish()
    const { count, starts, ends, values } = into.layer('asn', 4).finish()
    expect([count, starts.length, ends.length, values.length]).toEqual([70_000, 70_000, 70_000, 70_000])
    const rows = lines.map((_, n) => `${starts[n]},${ends[n]},${values[n]},AS${values[n]}`)
    expect(rows.filter((row, n) => row !== lines[n])).toEqual([])
  })
})

describe('whatever the rows', () => {
  test.each([1, 4] as const)('numbers and text are the same file, of %i words', (width) => {
    const last = lastAddress(width)
    const row = rowOf(fc.bigInt({ min: 0n, max: last }), fc.integer({ min: 65536, max: 4294967294 }))
    const name = fc.constantFrom('x', '"a, ""b"""', 'é')
    fc.assert(
      fc.property(fc.array(row, { maxLength: 20 }), name, (rows, as) => {
        const file = (write: (address: bigint) => string): string =>
          // The first row says which family the numbers are of.
          [{ start: 0n, end: last, value: 1 }, ...rows]
            .map(({ start, end, value }) => `${write(start)},${write(end)},${value},${as}\n`)
            .join('')
        const text = readRangeText(
          'asn',
          file((address) => addressText(address, width)),
        )
        expect(text).toHaveProperty('rows.length', rows.length + 1)
        expect(readRangeText('asn', file(String))).toEqual(text)
      }),
    )
  })

  test('a file is the same from any pieces, and so is the reason to refuse it', () => {
    const lines = fc.constantFrom(
      '1.0.0.0,1.0.0.255,13335,"Cloudflare, Inc."\n',
      '1.0.4.0,1.0.7.255,38803,Gtelecom Pty Ltd\r\n',
      '5.5.5.5,5.5.5.5,7,"LLC ""SPUTNIK"" 🌍\nand sons"\n',
      '"214.95.0.0","215.0.255.255","749","é"\r\n',
    )
    const fault = fc.option(
      fc.record({ at: fc.nat(), put: fc.constantFrom('', '"', ',', '\n', '\r', 'x', 'é') }),
    )
    fc.assert(
      fc.property(
        fc.array(lines, { maxLength: 6 }),
        fc.boolean(),
        fault,
        cuts,
        (all, mark, change, offsets) => {
          let text = (mark ? '\ufeff' : '') + all.join('')
          if (change !== null) {
            const at = change.at % (text.length + 1)
            text = text.slice(0, at) + change.put + text.slice(at + 1)
          }
          const bytes = Buffer.from(text)
          const whole = readRangeFile('asn', [bytes])
          expect(readRangeFile('asn', byteByByte(bytes))).toEqual(whole)
          expect(readRangeFile('asn', cutAt(bytes, offsets))).toEqual(whole)
        },
      ),
      { numRuns: 250 },
    )
  })
})
