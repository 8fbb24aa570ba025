// Signed queries: there are no keys here, and the reply says so (RFC 8945).

import { expect, test } from 'vitest'
import type { Asker } from '../../support/asker.ts'
import { CLASS, name, opt, query, RCODE, type ResourceRecord } from '../../support/message.ts'

const ADDRESS = '8.8.8.8.geo.asnzone.internal'
const NOTAUTH = 9
const BADKEY = 17
const TSIG = 250

/** How a TSIG record differs from a usual one. */
interface Differences {
  readonly owner?: Buffer
  readonly algorithm?: Buffer
  readonly otherData?: number
  /** Added to what RDLENGTH and the length of other data say. */
  readonly lie?: number
}

/** A TSIG record with a MAC of 32 octets. */
function tsig(differences: Differences = {}): Buffer {
  const { owner = name('key.test'), algorithm = name('hmac-sha256'), otherData = 0, lie = 0 } = differences
  const mac = Buffer.alloc(32, 0xaa)
  const rdata = Buffer.concat([
    algorithm,
    Buffer.from('00006789abcd012c', 'hex'),
    Uint8Array.of(0, mac.length),
    mac,
    Buffer.from('beef0000', 'hex'),
    Uint8Array.of(0, otherData + lie),
    Buffer.alloc(otherData),
  ])
  const fixed = Buffer.from('00fa00ff000000000000', 'hex')
  fixed.writeUInt16BE(rdata.length, 8)
  return Buffer.concat([owner, fixed, rdata])
}

const signed = (record: Buffer, type?: number): Buffer =>
  query(ADDRESS, { counts: [1, 0, 0, 1], tail: record, ...(type !== undefined && { type }) })

/** Labels that make a name as long as names get. */
const LONGEST = name(['a', 'b', 'c', 'd'].map((letter) => letter.repeat(62)))

/** Registers the tests. */
export function tsigTests(asker: Asker): void {
  test.each([
    ['TXT', 16],
    ['AXFR', 252],
  ])('RFC 8945 5.2.1: %s signed with a key that is not known: NOTAUTH, BADKEY', async (_, type) => {
    const reply = await asker.send(signed(tsig({ otherData: 6 }), type))
    expect(reply).toMatchObject({ rcode: NOTAUTH, aa: false, answers: [], authorities: [] })
    expect(reply.additionals).toMatchObject([{ owner: 'key.test', type: TSIG, class: CLASS.ANY, ttl: 0 }])
    const [{ rdata }] = reply.additionals as [ResourceRecord]
    const algorithm = name('hmac-sha256')
    expect(rdata.subarray(0, algorithm.length)).toEqual(algorithm)
    // RFC 8945 5.3.2: time signed and fudge as they came, no MAC, the original id, the error, no other data.
    const rest = rdata.subarray(algorithm.length).toString('hex')
    expect(rest).toBe(`00006789abcd012c${'0000'}${'beef'}${BADKEY.toString(16).padStart(4, '0')}${'0000'}`)
  })

  test('RFC 8945 5.1: behind OPT, and OPT comes first in the reply', async () => {
    const octets = query(ADDRESS, { counts: [1, 0, 0, 2], tail: Buffer.concat([opt(), tsig()]) })
    const reply = await asker.send(octets)
    expect(reply).toMatchObject({ rcode: NOTAUTH, opt: { version: 0 }, additionals: [{ type: TSIG }] })
  })

  test.each([
    ['a record behind it', [1, 0, 0, 2], Buffer.concat([tsig(), opt()])],
    ['two of them', [1, 0, 0, 2], Buffer.concat([tsig(), tsig()])],
  ] as const)('RFC 8945 5.2: %s: FORMERR', async (_, counts, tail) => {
    const reply = await asker.send(query(ADDRESS, { counts, tail }))
    expect(reply).toMatchObject({ rcode: RCODE.FORMERR, additionals: [] })
  })

  test.each([
    ['other data that is longer than the record', tsig({ lie: 1 })],
    ['octets behind other data', tsig({ otherData: 4, lie: -1 })],
    ['no RDATA', Buffer.concat([name('key.test'), Buffer.from('00fa00ff000000000000', 'hex')])],
    [
      'an algorithm and nothing else',
      Buffer.concat([name('key.test'), Buffer.from('00fa00ff000000000001', 'hex'), Uint8Array.of(0)]),
    ],
  ])('RFC 8945 5.2: a TSIG that cannot be read: %s: FORMERR', async (_, record) => {
    const reply = await asker.send(signed(record))
    expect(reply).toMatchObject({ rcode: RCODE.FORMERR, additionals: [] })
  })

  test('RFC 8945 5.2.1: a TSIG whose names are compressed has no counterpart', async () => {
    const reply = await asker.send(signed(tsig({ owner: Buffer.from([0xc0, 12]) })))
    expect(reply).toMatchObject({ rcode: NOTAUTH, additionals: [] })
  })

  test('RFC 1035 4.2.1: a TSIG that does not fit a UDP reply is left out', async () => {
    const record = tsig({ owner: LONGEST, algorithm: LONGEST })
    const octets = signed(record)
    expect(octets.length).toBeGreaterThan(512)
    const reply = await asker.send(octets)
    expect(reply.rcode).toBe(NOTAUTH)
    expect(reply.additionals).toHaveLength(asker.isUdp ? 0 : 1)
  })
}
