// How long a negative answer may be kept (RFC 2308).

import { expect, test } from 'vitest'
import type { Asker } from '../../support/asker.ts'
import { RCODE, TYPE } from '../../support/message.ts'

/** A zone file whose SOA has a lower TTL than its minimum. */
export const BRIEF_ZONE = {
  brief: {
    apex: 'brief.{domain}',
    owner: 'ip',
    ttl: 20,
    'negative-ttl': 300,
    txt: '{asn}',
    example: { ask: '8.8.8.8', type: 'TXT', answer: '"15169"' },
  },
} as const

/** Registers the tests. */
export function negativeCachingTests(asker: Asker): void {
  test.each([
    ['NXDOMAIN', '1.0.0.10.brief.asnzone.internal', RCODE.NXDOMAIN],
    ['NODATA', '10.brief.asnzone.internal', RCODE.NOERROR],
  ])('RFC 2308 3: the SOA of %s has the lower one of its own TTL and its minimum', async (_, name, rcode) => {
    const reply = await asker.ask(name)
    expect(reply).toMatchObject({ rcode, aa: true, authorities: [{ type: TYPE.SOA, ttl: 20 }] })
    const { rdata } = reply.authorities[0]
    expect(rdata.readUInt32BE(rdata.length - 4)).toBe(300)
  })

  test('RFC 2308 3: the SOA itself keeps its TTL', async () => {
    const reply = await asker.ask('brief.asnzone.internal', { type: TYPE.SOA })
    expect(reply.answers).toMatchObject([{ ttl: 20 }])
  })
}
