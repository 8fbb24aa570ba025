// Queries that cannot be read: FORMERR, or silence where there is nothing to reply to.

import { expect, test } from 'vitest'
import type { Asker } from '../asker.ts'
import { CLASS, header, name, query, question, RCODE, TYPE } from '../message.ts'

const ADDRESS = name('8.8.8.8.geo.asnzone.internal')
const QUESTION = question(ADDRESS, TYPE.TXT, CLASS.IN)

/** A query whose question begins with these octets. */
const withName = (...octets: (Uint8Array | number)[]): Buffer =>
  Buffer.concat([
    header(1, 0, [1, 0, 0, 0]),
    ...octets.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : part)),
    Uint8Array.of(0, TYPE.TXT, 0, CLASS.IN),
  ])

/** Labels that make a name of `length` octets, the root included. */
function labelsOf(length: number): Uint8Array[] {
  const octets = new Array(Math.ceil((length - 1) / 64)).fill(64)
  octets[octets.length - 1] = (length - 1) % 64 || 64
  return octets.map((label) => Buffer.alloc(label - 1, 'x'))
}

/** Registers the tests. */
export function malformedTests(asker: Asker): void {
  test.each([
    ['no question (RFC 9619 4)', header(1, 0)],
    ['no question but its octets', Buffer.concat([header(1, 0), QUESTION])],
    ['a question is announced and not there', header(1, 0, [1, 0, 0, 0])],
    ['two questions (RFC 9619 4)', Buffer.concat([header(1, 0, [2, 0, 0, 0]), QUESTION, QUESTION])],
    ['65535 questions in a header', header(1, 0, [65535, 65535, 65535, 65535])],
    [
      '65535 records behind a question',
      query('8.8.8.8.geo.asnzone.internal', { counts: [1, 0, 65535, 65535] }),
    ],
    ['an answer in a query', query('8.8.8.8.geo.asnzone.internal', { counts: [1, 1, 0, 0] })],
    ['a record in the authority section', query('8.8.8.8.geo.asnzone.internal', { counts: [1, 0, 1, 0] })],
    ['octets behind the message', query('8.8.8.8.geo.asnzone.internal', { tail: Uint8Array.of(0) })],
    ['octets behind OPT', query('8.8.8.8.geo.asnzone.internal', { edns: {}, tail: Uint8Array.of(0) })],
    ['a pointer to the name itself (RFC 1035 4.1.4)', withName(0xc0, 12)],
    ['a pointer into the header', withName(1, 0x38, 0xc0, 0)],
    ['a pointer forward', withName(0xc0, 14, 0)],
    ['a label of the type 01', withName(0x41, 0x38, 0)],
    ['a label of the type 10 (RFC 6891 5)', withName(0x80, 0x38, 0)],
    ['a label longer than the message', withName(63, 0x38)],
    ['no root label', withName(1, 0x38)],
    ['a name of 256 octets (RFC 1035 2.3.4)', query(labelsOf(256))],
    ['a name of 300 octets', query(labelsOf(300))],
    ['no class', query('8.8.8.8.geo.asnzone.internal').subarray(0, -2)],
    ['no type', query('8.8.8.8.geo.asnzone.internal').subarray(0, -4)],
  ])('FORMERR: %s', async (_, octets) => {
    const reply = await asker.send(octets)
    expect(reply).toMatchObject({ rcode: RCODE.FORMERR, aa: false, tc: false, answers: [], authorities: [] })
    expect(reply.octets.length).toBeLessThanOrEqual(octets.length)
  })

  test('a name of 255 octets is legal (RFC 1035 2.3.4)', async () => {
    expect((await asker.send(query(labelsOf(255)))).rcode).toBe(RCODE.REFUSED)
  })

  test('the longest name below an apex: NXDOMAIN, the SOA at the right place', async () => {
    const apex = 'geo.asnzone.internal'
    const labels = labelsOf(255 - name(apex).length + 1)
    const reply = await asker.send(query([...labels, ...apex.split('.')], { edns: {} }))
    expect(reply).toMatchObject({ rcode: RCODE.NXDOMAIN, authorities: [{ owner: apex, type: TYPE.SOA }] })
  })

  test('every query that is cut short: FORMERR or, below 12 octets, silence', async () => {
    const octets = query('8.8.8.8.geo.asnzone.internal', { edns: { options: [0xfd, 0xe9, 0, 1, 7] } })
    // Over TCP a message below 12 octets ends the connection; that has a test of its own.
    const shortest = asker.isUdp ? 0 : 12
    for (let length = shortest; length < octets.length; length++) {
      const cut = octets.subarray(0, length)
      if (length < 12) expect(await asker.exchange([cut]), `${length} octets`).toEqual([])
      else expect((await asker.send(cut)).rcode, `${length} octets`).toBe(RCODE.FORMERR)
    }
  })

  test('a malformed query does not disturb the next one', async () => {
    const bad = withName(0xc0, 12)
    const good = query('8.8.8.8.geo.asnzone.internal', { id: 2 })
    const replies = await asker.exchange([bad, good, bad, good])
    expect(replies.map((reply) => reply[3] & 15)).toEqual([
      RCODE.FORMERR,
      RCODE.NOERROR,
      RCODE.FORMERR,
      RCODE.NOERROR,
    ])
  })
}
