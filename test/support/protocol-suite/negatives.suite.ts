// NXDOMAIN and NODATA: which of the two, and the SOA that says how long.

import { expect, test } from 'vitest'
import { type Asker, answersOf } from '../asker.ts'
import { RCODE, TYPE } from '../message.ts'

/** Registers the tests. */
export function negativeTests(asker: Asker): void {
  test('NXDOMAIN carries the SOA, whose TTL is its minimum (RFC 2308 2.1, 3)', async () => {
    const reply = await asker.ask('1.0.0.10.geo.asnzone.internal')
    expect(reply).toMatchObject({ rcode: RCODE.NXDOMAIN, aa: true, answers: [] })
    expect(reply.authorities).toMatchObject([{ owner: 'geo.asnzone.internal', type: TYPE.SOA, ttl: 300 }])
    expect(reply.authorities[0].rdata.readUInt32BE(reply.authorities[0].rdata.length - 4)).toBe(300)
  })

  test('NODATA carries the SOA, whose TTL is its minimum (RFC 2308 2.2, 3)', async () => {
    const reply = await asker.ask('8.8.8.8.long.asnzone.internal', { type: TYPE.A })
    expect(reply).toMatchObject({ rcode: RCODE.NOERROR, aa: true, answers: [] })
    expect(reply.authorities).toMatchObject([{ owner: 'long.asnzone.internal', type: TYPE.SOA, ttl: 30 }])
  })

  test.each([
    'origin.asn.cymru.com',
    'nmap.asn.cymru.com',
    'peer.asn.cymru.com',
    'asn.rspamd.com',
    'asn.routeviews.org',
    'origin.asn.spameatingmonkey.net',
    'zz.countries.nerd.dk',
    'us.countries.nerd.dk',
    'geo.asnzone.internal',
    'origin.asnzone.internal',
    'country.asnzone.internal',
    'us.country.asnzone.internal',
  ])('10.0.0.1 in %s: NXDOMAIN with the SOA of the zone', async (zone) => {
    for (const type of [TYPE.A, TYPE.TXT]) {
      const reply = await asker.ask(`1.0.0.10.${zone}`, { type })
      expect(reply).toMatchObject({ rcode: RCODE.NXDOMAIN, authorities: [{ owner: zone, type: TYPE.SOA }] })
    }
  })

  test.each([
    ['one octet', '8.geo.asnzone.internal'],
    ['two octets', '8.8.geo.asnzone.internal'],
    ['three octets', '8.8.8.origin.asn.cymru.com'],
    ['an octet of no address that is known', '10.geo.asnzone.internal'],
    ['one nibble', '2.origin6.asn.cymru.com'],
    ['15 nibbles', '4.0.6.8.4.0.6.8.4.1.0.0.2.0.0.origin6.asn.cymru.com'],
    ['31 nibbles', `${'0.'.repeat(31)}origin6.asn.cymru.com`],
    ['nibbles in a zone of both families', 'f.f.geo.asnzone.internal'],
    ['17 nibbles in a zone of both families', `${'f.'.repeat(17)}geo.asnzone.internal`],
  ])('an empty non-terminal, %s: NODATA (RFC 8020 2)', async (_, name) => {
    for (const type of [TYPE.A, TYPE.TXT, TYPE.NS]) {
      expect(await asker.ask(name, { type })).toMatchObject({
        rcode: RCODE.NOERROR,
        answers: [],
        authorities: [{ type: TYPE.SOA }],
      })
    }
  })

  test.each([
    ['what a resolver that minimises may ask', '_.8.geo.asnzone.internal'],
    ['a leading zero', '8.8.8.08.geo.asnzone.internal'],
    ['an octet over 255', '8.8.8.256.geo.asnzone.internal'],
    ['a fifth octet', '1.8.8.8.88.geo.asnzone.internal'],
    ['a label in front of an address', 'www.8.8.8.8.origin.asn.cymru.com'],
    ['no hexadecimal', 'g.0.0.2.origin6.asn.cymru.com'],
    ['a 33rd nibble', `${'0.'.repeat(33)}origin6.asn.cymru.com`],
    ['IPv4 in a zone of IPv6', '88.8.8.8.origin6.asn.cymru.com'],
    ['nibbles in a zone of IPv4', 'f.f.origin.asn.cymru.com'],
    ['AS0', 'AS0.asn.cymru.com'],
    ['a leading zero in an AS number', 'AS03333.asn.cymru.com'],
    ['an AS number over 32 bits', 'AS4294967296.asn.cymru.com'],
    ['an AS that announces nothing', 'AS4294967200.asn.cymru.com'],
    ['a number without AS', '3333.asn.cymru.com'],
    ['a name below an AS', 'www.AS3333.asn.cymru.com'],
    ['below an apex that holds no names', 'www.asnzone.internal'],
  ])('a name that cannot exist, %s: NXDOMAIN', async (_, name) => {
    for (const type of [TYPE.A, TYPE.TXT]) {
      expect(await asker.ask(name, { type })).toMatchObject({
        rcode: RCODE.NXDOMAIN,
        answers: [],
        authorities: [{ type: TYPE.SOA }],
      })
    }
  })

  test('an unknown address of four digits that is also the top of IPv6 names: NODATA (RFC 8020 2)', async () => {
    const reply = await asker.ask('1.0.0.0.geo.asnzone.internal')
    expect(reply).toMatchObject({ rcode: RCODE.NOERROR, answers: [], authorities: [{ type: TYPE.SOA }] })
    expect((await asker.ask('1.0.0.0.origin.asnzone.internal')).rcode).toBe(RCODE.NXDOMAIN)
  })

  test('an unknown address of 16 nibbles is also an ancestor: NODATA (RFC 8020 2)', async () => {
    const reply = await asker.ask(`${'f.'.repeat(16)}origin6.asn.cymru.com`)
    expect(reply).toMatchObject({ rcode: RCODE.NOERROR, answers: [], authorities: [{ type: TYPE.SOA }] })
    expect((await asker.ask(`${'f.'.repeat(32)}origin6.asn.cymru.com`)).rcode).toBe(RCODE.NXDOMAIN)
  })

  test.each([
    ['AAAA', TYPE.AAAA],
    ['SOA', TYPE.SOA],
    ['NS', TYPE.NS],
    ['a private one', 65280],
    ['0', 0],
    ['OPT', TYPE.OPT],
    ['MAILB', 253],
  ])('type %s below the apex: NODATA (RFC 8906 8.1.2, RFC 3597 3, RFC 6895 3.1)', async (_, type) => {
    const reply = await asker.ask('8.8.8.8.geo.asnzone.internal', { type })
    expect(reply).toMatchObject({
      rcode: RCODE.NOERROR,
      aa: true,
      answers: [],
      authorities: [{ type: TYPE.SOA }],
    })
  })

  test('A where a zone has text only, and TXT where it has both', async () => {
    expect((await asker.ask('8.8.8.8.origin.asn.cymru.com', { type: TYPE.A })).answers).toEqual([])
    expect(answersOf(await asker.ask('8.8.8.8.us.countries.nerd.dk'))).toEqual(['"us"'])
  })

  test('an address in another country: NXDOMAIN, and the shorter names still NODATA', async () => {
    expect((await asker.ask('8.8.8.8.nl.countries.nerd.dk', { type: TYPE.A })).rcode).toBe(RCODE.NOERROR)
    expect((await asker.ask('88.8.8.8.nl.countries.nerd.dk', { type: TYPE.A })).rcode).toBe(RCODE.NXDOMAIN)
    expect((await asker.ask('8.8.8.nl.countries.nerd.dk', { type: TYPE.A })).rcode).toBe(RCODE.NOERROR)
  })
}
