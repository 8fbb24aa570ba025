// Messages of other opcodes that real programs send: NOTIFY (RFC 1996), UPDATE (RFC 2136), DSO (RFC 8490).

import { expect, test } from 'vitest'
import type { Asker } from '../../support/asker.ts'
import { CLASS, header, name, opt, query, question, RCODE, TYPE } from '../../support/message.ts'

const ZONE = 'geo.asnzone.internal'
const QUESTION = question(name(ZONE), TYPE.SOA, CLASS.IN)

const opcodeFlags = (opcode: number): number => opcode << 11

/** A record of the zone's name without RDATA, as UPDATE has them for «must exist» and «delete». */
const emptyRecord = (type: number, recordClass: number): number[] => [
  0xc0,
  12,
  0,
  type,
  recordClass >> 8,
  recordClass & 255,
  0,
  0,
  0,
  0,
  0,
  0,
]

/** Registers the tests. */
export function opcodeTests(asker: Asker): void {
  test('RFC 1996 3.12: a NOTIFY is answered, with NOTIMP', async () => {
    const soa = [0xc0, 12, 0, TYPE.SOA, 0, 1, 0, 0, 0, 0, 0, 22, 0, 0, ...new Array(20).fill(0)]
    const notify = Buffer.concat([
      header(7, opcodeFlags(4) | 0x0400, [1, 1, 0, 1]),
      QUESTION,
      Uint8Array.from(soa),
      opt(),
    ])
    const reply = await asker.send(notify)
    expect(reply).toMatchObject({ opcode: 4, rcode: RCODE.NOTIMP, aa: false, answers: [], authorities: [] })
    expect(reply.questions).toEqual(QUESTION)
    expect(reply.opt).toEqual({ size: 1232, version: 0, flags: 0 })
  })

  test('RFC 2136 3.1: an UPDATE changes nothing and is answered, with NOTIMP', async () => {
    const update = Buffer.concat([
      header(8, opcodeFlags(5), [1, 1, 1, 1]),
      QUESTION,
      Uint8Array.from(emptyRecord(TYPE.ANY, CLASS.ANY)),
      Uint8Array.from(emptyRecord(TYPE.TXT, CLASS.ANY)),
      opt(),
    ])
    const reply = await asker.send(update)
    expect(reply).toMatchObject({ opcode: 5, rcode: RCODE.NOTIMP, answers: [], authorities: [] })
    expect(reply.opt).not.toBeNull()
    expect((await asker.ask('8.8.8.8.geo.asnzone.internal')).answers).toHaveLength(1)
  })

  test('RFC 8490 5.1.1: DSO is not offered, NOTIMP', async () => {
    const keepalive = [0, 1, 0, 8, ...new Array(8).fill(0)]
    const reply = await asker.send(Buffer.concat([header(9, opcodeFlags(6)), Uint8Array.from(keepalive)]))
    expect(reply).toMatchObject({ opcode: 6, rcode: RCODE.NOTIMP, opt: null })
    expect(reply.octets).toHaveLength(12)
  })

  test('RFC 6891 6.1.1: NOTIMP has an OPT record when the query has one that can be reached', async () => {
    for (const opcode of [1, 2, 3, 4, 5, 6, 15]) {
      const flags = opcodeFlags(opcode)
      expect((await asker.ask(ZONE, { flags, edns: { flags: 0x8000 } })).opt?.flags).toBe(0x8000)
      expect((await asker.ask(ZONE, { flags })).opt).toBeNull()
      const cut = query(ZONE, { flags, edns: {} }).subarray(0, 30)
      expect(await asker.send(cut)).toMatchObject({ rcode: RCODE.NOTIMP, opt: null })
    }
  })
}
