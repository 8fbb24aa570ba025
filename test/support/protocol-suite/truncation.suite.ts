// Long answers: cut over UDP, whole over TCP.

import { expect, test } from 'vitest'
import { type Asker, answersOf } from '../asker.ts'
import { RCODE } from '../message.ts'
import { LONG_LABELS, OWN_ZONES } from '../own-zones.ts'

const LONG = '8.8.8.8.long.asnzone.internal'
const LONGEST = `8.8.8.8.${LONG_LABELS}.asnzone.internal`

/** Registers the tests. */
export function truncationTests(asker: Asker): void {
  test.each([
    ['no EDNS: 512 octets (RFC 1035 4.2.1)', undefined],
    ['a size below 512 means 512 (RFC 6891 6.2.3)', 0],
    ['a size that the answer does not fit', 600],
  ])('%s', async (_, size) => {
    const reply = await asker.ask(LONG, size === undefined ? {} : { edns: { size } })
    if (asker.isUdp) expectCut(reply.octets.length, reply)
    else expect(answersOf(reply)).toEqual([OWN_ZONES.long.example.answer])
  })

  test.each([1232, 4096, 65535])('a size of %i that the answer fits: whole', async (size) => {
    const reply = await asker.ask(LONG, { edns: { size } })
    expect(reply.tc).toBe(false)
    expect(answersOf(reply)).toEqual([OWN_ZONES.long.example.answer])
  })

  test('over UDP no reply has more than 1232 octets, whatever the client can take (RFC 9715)', async () => {
    const reply = await asker.ask(LONGEST, { edns: { size: 65535 } })
    if (asker.isUdp) expectCut(reply.octets.length, reply)
    else {
      expect(reply.octets.length).toBeGreaterThan(1232)
      expect(answersOf(reply)).toEqual([OWN_ZONES.longest.example.answer])
    }
  })

  test('to the octet: a size that just fits, and one less (RFC 6891 7, RFC 2181 9)', async () => {
    const whole = await asker.ask(LONG, { edns: { size: 1232 } })
    const { length } = whole.octets
    expect((await asker.ask(LONG, { edns: { size: length } })).tc).toBe(false)
    expect((await asker.ask(LONG, { edns: { size: length - 1 } })).tc).toBe(asker.isUdp)
  })

  test('a short answer is whole below 512 octets without EDNS', async () => {
    const reply = await asker.ask('8.8.8.8.geo.asnzone.internal')
    expect(reply.octets.length).toBeLessThan(512)
    expect(reply.tc).toBe(false)
  })

  /** TC with the question and OPT, and no half of an RRset (RFC 2181 9). */
  function expectCut(
    length: number,
    reply: { tc: boolean; rcode: number; answers: readonly unknown[] },
  ): void {
    expect(reply).toMatchObject({ tc: true, rcode: RCODE.NOERROR, aa: true, answers: [], authorities: [] })
    expect(length).toBeLessThanOrEqual(12 + 255 + 4 + 11)
  }
}
