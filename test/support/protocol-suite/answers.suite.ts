// The records of an answer, below an apex and at it.

import { describe, expect, test } from 'vitest'
import { type Asker, answersOf } from '../asker.ts'
import { CLASS, RCODE, TYPE } from '../message.ts'
import { OWN_ZONES } from '../own-zones.ts'

const GOOGLE_V6 = '8.8.8.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.0.6.8.4.1.0.0.2'
const ZONE = 'asnzone.internal'

/** Registers the tests. */
export function answerTests(asker: Asker): void {
  test.each([
    ['the own shape', 'TXT', '8.8.8.8.geo.asnzone.internal', '"15169 | Google LLC | US | -- | 0"'],
    ['the Cymru shape', 'TXT', '8.8.8.8.origin.asn.cymru.com', '"15169 | 8.8.8.0/24 | US | arin |"'],
    ['the rspamd shape', 'TXT', '163.51.128.66.asn.rspamd.com', '"7819|66.128.48.0/20|US|arin|"'],
    ['three strings stay three', 'TXT', '8.8.8.8.asn.routeviews.org', '"15169" "8.8.8.0" "24"'],
    ['an ISO 3166-1 number', 'A', '8.8.8.8.zz.countries.nerd.dk', '127.0.3.72'],
    ['a code in lower case', 'TXT', '8.8.8.8.zz.countries.nerd.dk', '"us"'],
    ['a listed address', 'A', '8.8.8.8.us.countries.nerd.dk', '127.0.0.2'],
    [
      '32 nibbles',
      'TXT',
      `${GOOGLE_V6}.origin6.asn.cymru.com`,
      '"15169 | 2001:4860:4840::/42 | US | arin |"',
    ],
    [
      '16 nibbles, as mtr asks',
      'TXT',
      `${GOOGLE_V6.slice(32)}.origin6.asn.cymru.com`,
      '"15169 | 2001:4860:4840::/42 | US | arin |"',
    ],
    [
      'IPv6 in a zone of both families',
      'TXT',
      `${GOOGLE_V6}.geo.asnzone.internal`,
      '"15169 | Google LLC | US | -- | 0"',
    ],
    [
      'an AS',
      'TXT',
      'AS3333.asn.cymru.com',
      '"3333 | NL | ripencc |  | Reseaux IP Europeens Network Coordination Centre (RIPE NCC)"',
    ],
    [
      'an AS in lower case',
      'TXT',
      'as3333.ASN.cymru.com',
      '"3333 | NL | ripencc |  | Reseaux IP Europeens Network Coordination Centre (RIPE NCC)"',
    ],
    [
      'an address as it is written',
      'TXT',
      '8.8.8.8.ip.asnzone.internal',
      '"15169 | Google LLC | 8.8.8.0/24 | US | arin |"',
    ],
    [
      'IPv6 as it is written',
      'TXT',
      '2001:4860:4860::8888.ip.asnzone.internal',
      '"15169 | Google LLC | 2001:4860:4840::/42 | US | arin |"',
    ],
    ['JSON of two strings', 'TXT', '8.8.8.8.objects.asnzone.internal', OWN_ZONES.objects.example.answer],
  ] as const)('%s: %s %s', async (_, type, name, answer) => {
    const reply = await asker.ask(name, { type: TYPE[type] })
    expect(reply).toMatchObject({ rcode: RCODE.NOERROR, aa: true, authorities: [], additionals: [] })
    expect(reply.answers).toMatchObject([
      { owner: name.toLowerCase(), type: TYPE[type], class: CLASS.IN, ttl: 3600 },
    ])
    expect(answersOf(reply)).toEqual([answer])
  })

  test.each([
    ['8.8.8.8', 'json', '8.8.8.0/24'],
    ['2001:4860:4860::8888', 'json', '2001:4860:4840::/42'],
    ['2001:4860:4860::/48', 'JSON', '2001:4860:4840::/42'],
  ])('JSON: %s.%s', async (ip, label, prefix) => {
    const [answer] = answersOf(await asker.ask(`${ip}.${label}.asnzone.internal`))
    // What stands in quotation marks is escaped as JSON escapes it.
    const object = JSON.parse(JSON.parse(answer))
    expect(object).toMatchObject({ ip, asn: 15169, name: 'Google LLC', prefix, country: 'US', city: null })
  })

  test("a zone's own TTL", async () => {
    const reply = await asker.ask('8.8.8.8.long.asnzone.internal', { edns: {} })
    expect(reply.answers).toMatchObject([{ ttl: 60 }])
  })

  test('a zone with partial: short IPv6 names are addresses', async () => {
    const reply = await asker.ask('6.8.4.0.6.8.4.1.0.0.2.short-names.asnzone.internal')
    expect(answersOf(reply)).toEqual(['"2001:4860:4840::/42 of Google LLC"'])
  })

  test.each([
    ['text where there is text', '8.8.8.8.zz.countries.nerd.dk', TYPE.TXT],
    ['the SOA at an apex', 'zz.countries.nerd.dk', TYPE.SOA],
  ])('ANY gives one RRset: %s (RFC 8482 4.1)', async (_, name, type) => {
    const reply = await asker.ask(name, { type: TYPE.ANY })
    expect(reply).toMatchObject({ rcode: RCODE.NOERROR, answers: [{ type }], authorities: [] })
  })

  describe('at the apex', () => {
    test('SOA: its serial is the time of the data', async () => {
      const reply = await asker.ask(`geo.${ZONE}`, { type: TYPE.SOA })
      expect(reply).toMatchObject({
        aa: true,
        answers: [{ owner: `geo.${ZONE}`, ttl: 3600 }],
        authorities: [],
      })
      expect(answersOf(reply)).toEqual(['localhost. nobody.invalid. 2026061719 86400 7200 604800 300'])
    })

    test("SOA: its minimum is the zone's negative TTL", async () => {
      const reply = await asker.ask(`long.${ZONE}`, { type: TYPE.SOA })
      expect(reply).toMatchObject({ answers: [{ ttl: 60 }] })
      expect(answersOf(reply)).toEqual(['localhost. nobody.invalid. 2026061719 86400 7200 604800 30'])
    })

    test('NS', async () => {
      const reply = await asker.ask(ZONE, { type: TYPE.NS })
      expect(reply).toMatchObject({ aa: true, answers: [{ type: TYPE.NS, owner: ZONE, ttl: 3600 }] })
      expect(answersOf(reply)).toEqual(['localhost.'])
    })

    test("TXT: version, the data's date, credits", async () => {
      // With EDNS, because over UDP it is no more than four times as long as the query.
      const [text] = answersOf(await asker.ask('origin.asn.cymru.com', { edns: {} }))
      expect(text).toMatch(/^"asnzone \d+\.\d+\.\d+\S*" "data of 2026-06-17T19:00Z" "asn: .+, CC.+"/)
    })

    test.each(['asnzone.internal', 'geo.asnzone.internal', 'asn.cymru.com', 'ad.countries.nerd.dk'])(
      'A of %s: NODATA with SOA',
      async (apex) => {
        const reply = await asker.ask(apex, { type: TYPE.A })
        expect(reply).toMatchObject({
          rcode: RCODE.NOERROR,
          answers: [],
          authorities: [{ owner: apex, type: TYPE.SOA }],
        })
      },
    )
  })
}
