// CSV of RPKI validators: what counts in it, and what is refused.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readVrpCsv } from '../../../src/data/formats/vrp-csv.ts'
import { cutAt, cuts } from '../../support/chunked-input.ts'
import { type CollectedVrps, collectedVrps, refusalOf } from '../../support/collected-vrps.ts'

const read = (text: string, pieces?: readonly Buffer[]): Promise<CollectedVrps> =>
  collectedVrps(readVrpCsv, text, pieces)

const HEADER = 'ASN,IP Prefix,Max Length,Trust Anchor'
const ROWS = 'AS13335,1.1.1.0/24,24,apnic\nAS0,10.0.0.0/8,32,apnic\nAS64500,2001:db8::/32,48,ripe\n'

const VRPS = ['1.1.1.0/24-24 AS13335', '10.0.0.0/8-32 AS0', '2001:db8::/32-48 AS64500']

describe('what validators write', () => {
  test('Routinator', async () => {
    expect(await read(`${HEADER}\n${ROWS}`)).toEqual({ vrps: VRPS, skipped: 0, date: null, doubt: null })
  })

  test('rpki-client, with times: what has expired is left out', async () => {
    const rows = ROWS.replaceAll('\n', ',4102444800\n')
    expect(await read(`${HEADER},Expires\n${rows}13335,1.0.0.0/24,24,apnic,1600000000\n`)).toEqual({
      vrps: VRPS,
      skipped: 1,
      date: null,
      doubt: '1 of 4 ROAs have expired and are left out: does the validator still write the file?',
    })
  })

  test('other columns, another order, CRLF and a byte order mark', async () => {
    const text =
      '\ufeffURI,Max Length,"ASN",IP Prefix,Not After\r\nrsync://x,24,AS13335,1.1.1.0/24,2026-12-01\r\n'
    expect(await read(text)).toMatchObject({ vrps: ['1.1.1.0/24-24 AS13335'] })
  })

  test('in pieces of any size', async () => {
    await fc.assert(
      fc.asyncProperty(cuts, async (offsets) => {
        expect((await read('', cutAt(Buffer.from(`${HEADER}\n${ROWS}`), offsets))).vrps).toEqual(VRPS)
      }),
      { numRuns: 200 },
    )
  })
})

const MEND = 'mend it, or have the validator write the file again'
const CUT = 'the file was cut off; fetch it again, or have the validator write it again'
const NO_HEADER =
  'file:1: the first line has to name the columns ASN, IP Prefix and Max Length; have the validator write the file with its header'

describe('what is refused', () => {
  test.each([
    ['AS1,1.0.0.0/24,23,x', 'its maximum length, 23, is not from 24 to 32 as that of a /24 is'],
    ['AS1,1.0.0.0/24,33,x', 'its maximum length, 33, is not from 24 to 32 as that of a /24 is'],
    ['AS1,2001:db8::/32,129,x', "'129' is not a maximum length from 0 to 128"],
    ['AS1,1.0.0.0/24,,x', "'' is not a maximum length from 0 to 128"],
    ['AS1,1.0.0.1/24,24,x', "'1.0.0.1/24' has bits after its length; did you mean 1.0.0.0/24?"],
    ['AS4294967296,1.0.0.0/24,24,x', "'AS4294967296' is not an AS number from 0 to 4294967295"],
    [
      'AS1,1.0.0.0/33,33,x',
      "'1.0.0.0/33' is not an IP address or a CIDR such as 192.0.2.0/24 or 2001:db8::/32",
    ],
  ])('%s', async (row, reason) => {
    const text = `${HEADER}\nAS1,1.0.0.0/8,8,x\n${row}\n`
    expect(await refusalOf(readVrpCsv, text)).toBe(`file:3: ${reason}; ${MEND}`)
  })

  test.each([
    ['nothing', '', NO_HEADER],
    ['no header', ROWS, NO_HEADER],
    ['another header', 'asn,prefix\n', NO_HEADER],
    [
      'a header alone',
      `${HEADER}\n`,
      'file:1: it has no ROAs; has the validator finished its first run? Have it write the file again',
    ],
    ['a row that was cut', `${HEADER}\nAS1,1.0.0.0/2`, `file:2: 2 columns, not the 4 of the header: ${CUT}`],
    ['a last row without an end', `${HEADER}\n${ROWS.trimEnd()}`, `file:4: the last line has no end: ${CUT}`],
    [
      'a time that is none',
      `${HEADER},Expires\nAS1,1.0.0.0/24,24,x,tomorrow\n`,
      `file:2: 'tomorrow' is not a time in seconds since 1970; ${MEND}`,
    ],
  ])('%s', async (_, text, message) => {
    expect(await refusalOf(readVrpCsv, text)).toBe(message)
  })
})
