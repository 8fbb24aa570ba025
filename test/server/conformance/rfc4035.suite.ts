// DS: what is asked about a cut between two zones is the upper one's (RFC 4035).

import { expect, test } from 'vitest'
import type { Asker } from '../../support/asker.ts'
import { RCODE, TYPE } from '../../support/message.ts'

/** Registers the tests. */
export function delegationTests(asker: Asker): void {
  test.each([
    ['geo.asnzone.internal', 'asnzone.internal'],
    ['country.asnzone.internal', 'asnzone.internal'],
    ['us.country.asnzone.internal', 'country.asnzone.internal'],
    ['origin.asn.cymru.com', 'asn.cymru.com'],
    ['zz.countries.nerd.dk', 'countries.nerd.dk'],
    ['US.Countries.Nerd.DK', 'countries.nerd.dk'],
    ['origin6.asn.routeviews.org', 'asn.routeviews.org'],
  ])('RFC 4035 3.1.4.1: DS of %s is NODATA of %s', async (name, above) => {
    const reply = await asker.ask(name, { type: TYPE.DS, edns: { flags: 0x8000 } })
    expect(reply).toMatchObject({ rcode: RCODE.NOERROR, aa: true, answers: [] })
    expect(reply.authorities).toMatchObject([{ owner: above, type: TYPE.SOA }])
  })

  test.each(['asnzone.internal', 'asn.cymru.com', 'asn.rspamd.com', 'countries.nerd.dk'])(
    'RFC 4035 3.1.4.1: DS of %s, which no zone of ours is above, is NODATA of its own, as of NSD and Knot',
    async (apex) => {
      const reply = await asker.ask(apex, { type: TYPE.DS })
      expect(reply).toMatchObject({ rcode: RCODE.NOERROR, aa: true, answers: [] })
      expect(reply.authorities).toMatchObject([{ owner: apex, type: TYPE.SOA }])
    },
  )

  test.each([
    ['8.8.8.8.geo.asnzone.internal', RCODE.NOERROR],
    ['1.0.0.10.geo.asnzone.internal', RCODE.NXDOMAIN],
    ['nosuch.geo.asnzone.internal', RCODE.NXDOMAIN],
  ])('RFC 4035 3.1.4.1: DS of %s, no apex, is answered by its zone', async (name, rcode) => {
    const reply = await asker.ask(name, { type: TYPE.DS })
    expect(reply).toMatchObject({ rcode, answers: [], authorities: [{ owner: 'geo.asnzone.internal' }] })
  })

  test('RFC 4035 3.1.4.1: no other type at an apex is the upper zone’s', async () => {
    for (const type of [TYPE.A, TYPE.AAAA, 48, 47, 5]) {
      const reply = await asker.ask('geo.asnzone.internal', { type })
      expect(reply.authorities).toMatchObject([{ owner: 'geo.asnzone.internal', type: TYPE.SOA }])
    }
  })
}
