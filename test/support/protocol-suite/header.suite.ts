// The header and the question of a reply.

import { expect, test } from 'vitest'
import type { Asker } from '../asker.ts'
import { CLASS, header, query, questionOf, RCODE, TYPE } from '../message.ts'

const ADDRESS = '8.8.8.8.geo.asnzone.internal'

const RD = 0x0100
const TC = 0x0200
const Z_AD_CD = 0x0070

/** Registers the tests. */
export function headerTests(asker: Asker): void {
  test('ID, QR, AA and RD; RA and Z are clear (RFC 1035 4.1.1)', async () => {
    for (const [id, flags] of [
      [0, 0],
      [0xbeef, RD],
      [0xffff, 0],
    ]) {
      const reply = await asker.ask(ADDRESS, { id, flags })
      expect(reply).toMatchObject({ id, qr: true, aa: true, tc: false, rd: flags === RD, ra: false, z: 0 })
      expect(reply.rcode).toBe(RCODE.NOERROR)
    }
  })

  test('TC, Z, AD and CD of a query are ignored and come back clear (RFC 8906 8.1.3)', async () => {
    const reply = await asker.ask(ADDRESS, { flags: TC | Z_AD_CD })
    expect(reply).toMatchObject({ rcode: RCODE.NOERROR, tc: false, z: 0 })
    expect(reply.answers).toHaveLength(1)
  })

  test('the question comes back octet for octet, in whatever case (RFC 4343 4.1)', async () => {
    for (const name of ['8.8.8.8.GEO.asnZONE.iNTERNAL', '10.0.0.1.Geo.Asnzone.Internal', 'X.eXAMPLE.cOM']) {
      const octets = query(name)
      const reply = await asker.send(octets)
      expect(reply.questions).toEqual(questionOf(octets))
    }
  })

  test('a dot, a NUL and octets above 127 in labels come back octet for octet', async () => {
    const octets = query([Uint8Array.of(0x2e), Uint8Array.of(0, 0xff, 0xc0), 'geo', 'asnzone', 'internal'])
    const reply = await asker.send(octets)
    expect(reply.rcode).toBe(RCODE.NXDOMAIN)
    expect(reply.questions).toEqual(questionOf(octets))
  })

  test('a label with dots is not a reversed address', async () => {
    expect((await asker.send(query(['8.8.8.8', 'geo', 'asnzone', 'internal']))).rcode).toBe(RCODE.NXDOMAIN)
  })

  test.each(Array.from({ length: 15 }, (_, i) => i + 1))(
    'opcode %i: NOTIMP, opcode kept (RFC 8906 8.1.4)',
    async (opcode) => {
      const flags = opcode << 11
      expect((await asker.ask(ADDRESS, { flags })).rcode).toBe(RCODE.NOTIMP)
      expect((await asker.send(header(7, flags))).rcode).toBe(RCODE.NOTIMP)
    },
  )

  test('a response is not answered, whatever it holds (RFC 1035 4.1.1)', async () => {
    const responses = [
      query(ADDRESS, { flags: 0x8000 }),
      query(ADDRESS, { flags: 0x8583 }),
      query(ADDRESS, { flags: 0x8000 | (4 << 11) }),
      query(ADDRESS, { flags: 0x8000, edns: { version: 1 } }),
      header(1, 0x8000),
    ]
    expect(await asker.exchange(responses)).toEqual([])
  })

  test('a name in no zone, and the root: REFUSED without AA and SOA (RFC 8906 8.1.1)', async () => {
    for (const name of ['example.com', 'internal', 'xasnzone.internal', 'com', '']) {
      const reply = await asker.ask(name)
      expect(reply, name).toMatchObject({ rcode: RCODE.REFUSED, aa: false, answers: [], authorities: [] })
      expect(reply.questions).not.toHaveLength(0)
    }
  })

  test.each([
    ['CS', 2],
    ['HS', CLASS.HS],
    ['NONE', CLASS.NONE],
    ['an unknown one', 4711],
  ])('class %s: REFUSED (RFC 6895 3.2)', async (_, questionClass) => {
    const reply = await asker.ask(ADDRESS, { class: questionClass })
    expect(reply).toMatchObject({ rcode: RCODE.REFUSED, aa: false, answers: [] })
  })

  test('class ANY: the answer without AA (RFC 1035 3.2.5)', async () => {
    const reply = await asker.ask(ADDRESS, { class: CLASS.ANY })
    expect(reply).toMatchObject({ rcode: RCODE.NOERROR, aa: false })
    expect(reply.answers).toMatchObject([{ class: CLASS.IN }])
  })

  test.each([
    ['AXFR', 252],
    ['IXFR', 251],
  ])('%s: REFUSED (RFC 5936 2.2.1, RFC 1995 4)', async (_, type) => {
    const reply = await asker.ask('geo.asnzone.internal', { type })
    expect(reply).toMatchObject({ rcode: RCODE.REFUSED, answers: [] })
  })

  test('an IXFR with its SOA in the authority section is read (RFC 1995 3)', async () => {
    const soa = Buffer.concat([
      Uint8Array.of(0xc0, 12, 0, TYPE.SOA, 0, 1, 0, 0, 0, 0, 0, 22, 0, 0),
      Buffer.alloc(20),
    ])
    const reply = await asker.ask('geo.asnzone.internal', { type: 251, counts: [1, 0, 1, 0], tail: soa })
    expect(reply.rcode).toBe(RCODE.REFUSED)
  })
}
