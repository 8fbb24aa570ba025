// What was learned, written for the compile and read by it.

import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type LearnedRow,
  PRODUCT_FILE,
  productState,
  readProduct,
  writeProduct,
} from '../../src/learn/product.ts'
import { temporaryFolder } from '../support/folders.ts'

const ROWS: readonly LearnedRow[] = [
  { kind: 'country', country: 'US', decibels: 0.6871, text: 'US | 3351 spam, 758 ham | 2026-11-27' },
  { kind: 'as', asn: 14061, country: 'US', decibels: 14.1, text: 'AS14061 | 22 spam, 2 ham | 2026-11-27' },
  { kind: 'as', asn: 65551, country: '', decibels: -4, text: 'AS65551 | 0 spam, 9 ham | 2026-11-27' },
  { kind: 'network', cidr: '165.245.131.0/24', decibels: 18.4, text: '165.245.131.0/24 | 1 spam, 0 ham' },
  { kind: 'network', cidr: '2001:db8:7::/48', decibels: -3.25, text: '2001:db8:7::/48 | 0 spam, 3 ham' },
]

const written = (rows: readonly LearnedRow[]): string => {
  const folder = temporaryFolder()
  writeProduct(folder, rows)
  return folder
}

test('what was written is read, and the file is one that people can read', () => {
  const folder = written(ROWS)
  expect(readProduct(folder)).toEqual(ROWS)
  expect(readFileSync(join(folder, PRODUCT_FILE), 'utf8').split('\n').slice(0, 3)).toEqual([
    '# learned by asnzone, version 1, 5 rows',
    'country,US,,0.6871,"US | 3351 spam, 758 ham | 2026-11-27"',
    'as,14061,US,14.1,"AS14061 | 22 spam, 2 ham | 2026-11-27"',
  ])
  expect(readdirSync(folder)).toEqual([PRODUCT_FILE])
})

test('where nothing was learned there are no rows, which are not no file', () => {
  const folder = temporaryFolder()
  expect(readProduct(folder)).toBe(null)
  expect(productState(folder)).toBe(null)
  writeProduct(folder, [])
  expect(readProduct(folder)).toEqual([])
  expect(productState(folder)?.size).toBe(40)
})

test('rows of any number are written whole and read the same', () => {
  const rows = Array.from(
    { length: 30_000 },
    (_, at): LearnedRow => ({
      kind: 'network',
      cidr: `10.${at >> 8}.${at & 255}.0/24`,
      decibels: at / 1024 - 15,
      text: 'x'.repeat(60),
    }),
  )
  expect(JSON.stringify(readProduct(written(rows))) === JSON.stringify(rows)).toBe(true)
})

test('a decibel is read to the twelfth digit, whatever it is', () => {
  fc.assert(
    fc.property(fc.double({ min: -150, max: 150, noNaN: true }), (decibels) => {
      const [row] = readProduct(written([{ ...ROWS[0], decibels }]))!
      expect(row.decibels).toBeCloseTo(decibels, 11)
    }),
    { numRuns: 50 },
  )
})

describe('a file that is not one is refused with its line', () => {
  const head = (rows: number): string => `# learned by asnzone, version 1, ${rows} rows\n`
  test.each([
    ['nothing', '', 1, 'not a file of what was learned'],
    ['another file', 'US,1\n', 1, 'not a file of what was learned'],
    ['another version', '# learned by asnzone, version 2, 0 rows\n', 1, 'not a file of what was learned'],
    ['one that was cut between lines', `${head(2)}country,US,,1,"x"\n`, 2, 'it has 1 row of 2'],
    ['one that was cut in a line', `${head(1)}country,US,,1,"x"`, 1, 'cut off'],
    ['one that has more', `${head(0)}country,US,,1,"x"\n`, 2, 'it has 1 row of 0'],
    ['a kind that there is not', `${head(1)}city,US,,1,"x"\n`, 2, 'not a row'],
    ['a country of three letters', `${head(1)}country,USA,,1,"x"\n`, 2, 'not a row'],
    ['a country of a country', `${head(1)}country,US,US,1,"x"\n`, 2, 'not a row'],
    ['AS 0', `${head(1)}as,0,US,1,"x"\n`, 2, 'not a row'],
    ['an AS number with a zero before it', `${head(1)}as,01,US,1,"x"\n`, 2, 'not a row'],
    ['an AS number of 33 bits', `${head(1)}as,4294967296,US,1,"x"\n`, 2, 'not a row'],
    ['a number that is none', `${head(1)}country,US,,NaN,"x"\n`, 2, 'not a row'],
    ['more decibels than there are', `${head(1)}country,US,,201,"x"\n`, 2, 'not a row'],
    ['bits after a length', `${head(1)}network,192.0.2.1/24,,1,"x"\n`, 2, 'not a row'],
    ['an octet of 256', `${head(1)}network,256.0.2.0/24,,1,"x"\n`, 2, 'not a row'],
    ['an octet with a zero before it', `${head(1)}network,192.0.02.0/24,,1,"x"\n`, 2, 'not a row'],
    ['an IPv6 network that is not canonical', `${head(1)}network,2001:0db8::/32,,1,"x"\n`, 2, 'not a row'],
    ['IPv4 inside IPv6', `${head(1)}network,::ffff:c000:200/120,,1,"x"\n`, 2, 'not a row'],
    ['an evidence without text', `${head(1)}country,US,,1,""\n`, 2, 'not a row'],
    ['an evidence that is too long', `${head(1)}country,US,,1,"${'x'.repeat(201)}"\n`, 2, 'not a row'],
    ['an evidence with a control character', `${head(1)}country,US,,1,"\x1b[2J"\n`, 2, 'not a row'],
    ['a good row and a bad one', `${head(2)}country,US,,1,"x"\nx\n`, 3, 'not a row'],
  ])('%s', (_, text, line, reason) => {
    const folder = temporaryFolder()
    const path = join(folder, PRODUCT_FILE)
    writeFileSync(path, text)
    expect(() => readProduct(folder)).toThrow(
      expect.objectContaining({
        code: 'ASNZONE_DATA',
        message: expect.stringMatching(new RegExp(`^${path}:${line}: .*${reason}.*; 'asnzone learn'`)),
      }),
    )
  })
})

test('whatever stands in the file is rows or an AsnzoneError', () => {
  const folder = temporaryFolder()
  const good = readFileSync(join(written(ROWS), PRODUCT_FILE))
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, octet, end) => {
      const octets = Uint8Array.from(good)
      octets[at] = octet
      writeFileSync(join(folder, PRODUCT_FILE), octets.subarray(0, end))
      try {
        for (const { decibels } of readProduct(folder)!) expect(Math.abs(decibels)).toBeLessThanOrEqual(200)
      } catch (error) {
        expect(error).toMatchObject({ code: 'ASNZONE_DATA' })
      }
    }),
  )
})

test('a link is not followed', () => {
  const folder = temporaryFolder()
  const elsewhere = join(written(ROWS), PRODUCT_FILE)
  symlinkSync(elsewhere, join(folder, PRODUCT_FILE))
  expect(() => readProduct(folder)).toThrow(expect.objectContaining({ code: 'ASNZONE_DATA' }))
  writeProduct(folder, [])
  expect(readProduct(folder)).toEqual([])
  expect(existsSync(elsewhere)).toBe(true)
  expect(readFileSync(elsewhere, 'utf8')).toContain('14061')
})
