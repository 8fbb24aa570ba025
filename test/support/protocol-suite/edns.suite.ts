// EDNS(0): OPT in queries and replies (RFC 6891).

import { describe, expect, test } from 'vitest'
import type { Asker } from '../asker.ts'
import { opt, RCODE, TYPE } from '../message.ts'

const ADDRESS = '8.8.8.8.geo.asnzone.internal'

/** Registers the tests. */
export function ednsTests(asker: Asker): void {
  test('no OPT in the query, none in the reply (RFC 6891 7)', async () => {
    for (const name of [ADDRESS, '1.0.0.10.geo.asnzone.internal', 'example.com']) {
      expect((await asker.ask(name)).opt).toBeNull()
    }
  })

  test.each([
    ['an answer', ADDRESS, RCODE.NOERROR],
    ['NODATA', '8.geo.asnzone.internal', RCODE.NOERROR],
    ['NXDOMAIN', '1.0.0.10.geo.asnzone.internal', RCODE.NXDOMAIN],
    ['REFUSED', 'example.com', RCODE.REFUSED],
    ['an answer that is too long for UDP', '8.8.8.8.long.asnzone.internal', RCODE.NOERROR],
  ])('OPT in the query, one in the reply: %s (RFC 6891 6.1.1, 7)', async (_, name, rcode) => {
    const reply = await asker.ask(name, { edns: { size: 512 } })
    expect(reply).toMatchObject({ rcode, opt: { size: 1232, version: 0, flags: 0 } })
  })

  test.each([1, 2, 255])('version %i: BADVERS, our version, no answer (RFC 6891 6.1.3)', async (version) => {
    const reply = await asker.ask(ADDRESS, { edns: { version } })
    expect(reply).toMatchObject({ rcode: RCODE.BADVERS, answers: [], authorities: [], opt: { version: 0 } })
  })

  test('DO comes back, other flags do not (RFC 3225 3, RFC 6891 6.1.4)', async () => {
    expect((await asker.ask(ADDRESS, { edns: { flags: 0xffff } })).opt?.flags).toBe(0x8000)
    expect((await asker.ask(ADDRESS, { edns: { flags: 0x7fff } })).opt?.flags).toBe(0)
  })

  test('an unknown option is ignored and not echoed (RFC 6891 6.1.2)', async () => {
    const options = [0xfd, 0xe9, 0, 3, 1, 2, 3, 0xfd, 0xea, 0, 0]
    const reply = await asker.ask(ADDRESS, { edns: { options } })
    expect(reply.answers).toHaveLength(1)
    expect(reply.octets.subarray(-11)).toEqual(opt({ size: 1232 }))
  })

  describe('an OPT that is wrong: FORMERR', () => {
    const second = opt()
    const rootless = Buffer.concat([Uint8Array.of(1, 0x78), opt()])
    const longOption = opt({ options: [0xfd, 0xe9, 0, 4, 1, 2, 3] })
    const halfOption = opt({ options: [0xfd, 0xe9, 0] })
    const longRecord = Buffer.from(opt())
    longRecord[10] = 1
    test.each([
      ['two of them (RFC 6891 6.1.1)', [1, 0, 0, 2], Buffer.concat([opt(), second])],
      ['its owner is not the root (RFC 6891 6.1.2)', [1, 0, 0, 1], rootless],
      ['an option is longer than the record (RFC 6891 6.1.2)', [1, 0, 0, 1], longOption],
      ['half an option', [1, 0, 0, 1], halfOption],
      ['the record is longer than the message (RFC 6891 7)', [1, 0, 0, 1], longRecord],
      ['half a record', [1, 0, 0, 1], opt().subarray(0, 8)],
      ['one is announced and none is there', [1, 0, 0, 1], Buffer.alloc(0)],
    ] as const)('%s', async (_, counts, tail) => {
      const reply = await asker.ask(ADDRESS, { counts, tail })
      expect(reply).toMatchObject({ rcode: RCODE.FORMERR, aa: false, answers: [] })
    })
  })

  test('another additional record beside OPT is skipped', async () => {
    const record = Buffer.concat([
      Uint8Array.of(0xc0, 12, 0, TYPE.TXT, 0, 1, 0, 0, 0, 0, 0, 2, 1, 0x78),
      opt(),
    ])
    const reply = await asker.ask(ADDRESS, { counts: [1, 0, 0, 2], tail: record })
    expect(reply).toMatchObject({ rcode: RCODE.NOERROR, opt: { version: 0 } })
    expect(reply.answers).toHaveLength(1)
  })
}
