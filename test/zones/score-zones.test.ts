// The zones score, distance, far, place and city, and geo with score and distance.

import dnsPacket from 'dns-packet'
import { beforeAll, describe, expect, it } from 'vitest'
import { readYamlFile } from '../../src/config/yaml-file.ts'
import { PRESETS } from '../../src/config/zone-files.ts'
import { Responder, TRANSPORT } from '../../src/dns/responder.ts'
import type { Weights } from '../../src/score/weights.ts'
import { parseZoneFile, type ZoneDefinition } from '../../src/zones/definition.ts'
import { ownerOf } from '../../src/zones/example.ts'
import { wireName } from '../../src/zones/wire-name.ts'
import { compileZoneSet, type ZoneSet } from '../../src/zones/zone-set.ts'
import { type SmallFile, tableOf } from '../support/table-of-rows.ts'

const WEIGHTS: Weights = {
  countries: [
    { codes: ['DE', 'US', 'AU'], weight: 10 },
    { codes: ['SE', 'DK'], weight: 5 },
    { codes: ['CH'], weight: 0 },
  ],
  default: -5,
  unknown: -7,
  distance: [
    { over: 4000, weight: 0 },
    { over: 8000, weight: -1 },
  ],
  asns: [{ asns: [64500], weight: -1000 }],
  prefixes: [
    { cidr: '10.0.0.0/8', weight: 100 },
    { cidr: '8.8.4.0/24', weight: -10 },
    { cidr: '2001:db8:bad::/48', weight: -300 },
  ],
  rpki: { valid: 0, 'not-found': 0, invalid: 0 },
}

const ROWS = {
  asn: [
    '8.8.4.0,8.8.4.255,15169,Google LLC',
    '8.8.8.0,8.8.8.255,15169,Google LLC',
    '20.0.0.0,20.0.0.255,64500,Bad',
    '21.0.0.0,21.0.0.255,64501,Homeless',
  ].join('\n'),
  country: [
    '8.0.0.0,8.255.255.255,US',
    '20.0.0.0,20.0.0.255,DE',
    '30.0.0.0,30.0.0.255,CN',
    '31.0.0.0,31.0.0.255,DK',
    '32.0.0.0,32.0.0.255,CH',
    '33.0.0.0,33.0.0.255,NZ',
  ].join('\n'),
  country6: '2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,SE\n',
  city: '8.8.8.0,8.8.8.255,US,California,,Mountain View,,37.4223,-122.085,\n',
}

const FILES: readonly SmallFile[] = [
  { dataset: 'asn', format: 'ip-location-db', name: 'asn.csv', contents: ROWS.asn },
  { dataset: 'country', format: 'ip-location-db', name: 'country.csv', contents: ROWS.country },
  { dataset: 'country', format: 'ip-location-db', name: 'country6.csv', contents: ROWS.country6 },
  { dataset: 'city', format: 'ip-location-db-city', name: 'city.csv', contents: ROWS.city },
]

const OPTIONS = {
  domain: 'asnzone.internal',
  countries: ['us'],
  authority: {
    nameservers: [wireName('localhost')],
    contact: wireName('nobody.invalid'),
    serial: 1,
    about: [],
  },
}

let definitions: ZoneDefinition[]
let zoneSet: ZoneSet
let responder: Responder

beforeAll(async () => {
  const originPoint = { latitude: 52.52, longitude: 13.405 }
  const path = `${PRESETS}asnzone.yaml`
  definitions = parseZoneFile(path, readYamlFile(path, 'ASNZONE_ZONE').contents)
  zoneSet = zonesWith({})
  responder = new Responder(await tableOf(FILES, { originPoint, weights: WEIGHTS }), zoneSet)
})

/** The zones with other settings. */
const zonesWith = (values: { tooFar?: number }): ZoneSet =>
  compileZoneSet(definitions, { ...OPTIONS, ...values })

/** The answer as one line: data of the records, or the RCODE when there is none. */
function ask(address: string, zone: string, type: 'A' | 'TXT', from = responder): string {
  const name = `${ownerOf(address)}.${zone}.asnzone.internal`
  const query = dnsPacket.encode({ type: 'query', id: 7, questions: [{ name, type, class: 'IN' }] })
  const packet = new Uint8Array(4096)
  packet.set(query)
  const length = from.respond(packet, 0, query.length, TRANSPORT.udp)
  const reply = dnsPacket.decode(Buffer.from(packet.subarray(0, length)))
  const answers = (reply.answers ?? []) as { data: string | Buffer[] }[]
  if (answers.length === 0)
    return `${(reply as unknown as { rcode: string }).rcode}, ${reply.authorities?.[0].type}`
  return answers
    .map(({ data }) => (typeof data === 'string' ? data : Buffer.concat(data).toString()))
    .join(' / ')
}

describe('score', () => {
  it.each([
    { name: 'a positive sum', address: '31.0.0.1', a: '127.0.2.5', txt: '5 | country DK 5' },
    { name: 'a negative sum', address: '30.0.0.1', a: '127.0.1.5', txt: '-5 | country CN -5' },
    {
      name: 'a sum of several parts',
      address: '33.0.0.1',
      a: '127.0.1.6',
      txt: '-6 | country NZ -5 | distance 17878 km -1',
    },
    {
      name: 'a sum below -255',
      address: '20.0.0.1',
      a: '127.0.1.255',
      txt: '-990 | country DE 10 | AS64500 -1000',
    },
    { name: 'IPv6', address: '2001:db8::1', a: '127.0.2.5', txt: '5 | country SE 5' },
    {
      name: 'an IPv6 prefix',
      address: '2001:db8:bad::1',
      a: '127.0.1.255',
      txt: '-295 | country SE 5 | prefix 2001:db8:bad::/48 -300',
    },
    { name: 'no country', address: '21.0.0.1', a: '127.0.1.7', txt: '-7 | country unknown -7' },
    {
      name: 'an address of which only the prefix is known',
      address: '10.1.2.3',
      a: '127.0.2.93',
      txt: '93 | country unknown -7 | prefix 10.0.0.0/8 100',
    },
  ])('lists $name', ({ address, a, txt }) => {
    expect(ask(address, 'score', 'A')).toBe(a)
    expect(ask(address, 'score', 'TXT')).toBe(txt)
  })

  it.each([
    { name: 'a weight of 0', address: '32.0.0.1' },
    { name: 'parts that make 0', address: '8.8.4.77' },
    { name: 'nothing known', address: '192.168.1.1' },
  ])('does not list $name', ({ address }) => {
    expect(ask(address, 'score', 'A')).toBe('NXDOMAIN, SOA')
    expect(ask(address, 'score', 'TXT')).toBe('NXDOMAIN, SOA')
  })
})

describe('geo', () => {
  it.each([
    { name: 'everything', address: '8.8.8.8', txt: '15169 | Google LLC | US | 9128 | 9' },
    { name: 'a score of 0', address: '32.0.0.1', txt: '-- | -- | CH | 727 | 0' },
    { name: 'no place', address: '21.0.0.1', txt: '64501 | Homeless | -- | -- | -7' },
    { name: 'a prefix of our own', address: '10.1.2.3', txt: '-- | -- | -- | -- | 93' },
  ])('tells distance and score: $name', ({ address, txt }) => {
    expect(ask(address, 'geo', 'TXT')).toBe(txt)
  })
})

describe('distance', () => {
  it.each([
    { name: 'far', address: '33.0.0.1', txt: '17878', a: '127.3.69.214' },
    { name: 'in a city', address: '8.8.8.8', txt: '9128', a: '127.3.35.168' },
    { name: 'unknown', address: '21.0.0.1', txt: 'NXDOMAIN, SOA', a: 'NXDOMAIN, SOA' },
  ])('$name', ({ address, txt, a }) => {
    expect(ask(address, 'distance', 'TXT')).toBe(txt)
    expect(ask(address, 'distance', 'A')).toBe(a)
  })

  it('is 0 for a place like here: 127.3.0.0', async () => {
    const originPoint = { latitude: 37.4223, longitude: -122.085 }
    const near = new Responder(await tableOf(FILES, { originPoint }), zoneSet)
    expect(ask('8.8.8.8', 'distance', 'A', near)).toBe('127.3.0.0')
    expect(ask('8.8.8.8', 'distance', 'TXT', near)).toBe('0')
  })
})

describe('far', () => {
  it.each([
    { name: 'far', address: '33.0.0.1', txt: 'distance 17878 km', a: '127.0.0.2' },
    { name: 'near', address: '32.0.0.1', txt: 'NXDOMAIN, SOA', a: 'NXDOMAIN, SOA' },
    { name: 'unknown', address: '21.0.0.1', txt: 'NXDOMAIN, SOA', a: 'NXDOMAIN, SOA' },
    { name: 'IPv6', address: '2001:db8::1', txt: 'NXDOMAIN, SOA', a: 'NXDOMAIN, SOA' },
  ])('$name', ({ address, txt, a }) => {
    expect(ask(address, 'far', 'TXT')).toBe(txt)
    expect(ask(address, 'far', 'A')).toBe(a)
  })

  it('lists what is farther than the setting, and not what is just as far', async () => {
    const originPoint = { latitude: 52.52, longitude: 13.405 }
    const data = await tableOf(FILES, { originPoint })
    const asking = (tooFar: number) => ask('33.0.0.1', 'far', 'A', new Responder(data, zonesWith({ tooFar })))
    expect([17877, 17878, 17879].map(asking)).toEqual(['127.0.0.2', 'NXDOMAIN, SOA', 'NXDOMAIN, SOA'])
  })

  it('lists nothing without here', async () => {
    const nowhere = new Responder(await tableOf(FILES), zonesWith({ tooFar: 0 }))
    expect(ask('33.0.0.1', 'far', 'A', nowhere)).toBe('NXDOMAIN, SOA')
  })
})

describe('place', () => {
  it.each([
    {
      name: 'a city',
      address: '8.8.8.8',
      txt: 'NA | US | California | Mountain View | 37.4223 | -122.085 | 9128 | 8.8.8.0-8.8.8.255',
    },
    {
      name: "a country's point",
      address: '33.0.0.1',
      txt: 'OC | NZ |  |  | -38.41 | 174.55 | 17878 | 33.0.0.0-33.0.0.255',
    },
    {
      name: 'IPv6',
      address: '2001:db8::1',
      txt: 'EU | SE |  |  | 59.09 | 16.54 | 756 | 2001:db8::-2001:db8:bac:ffff:ffff:ffff:ffff:ffff',
    },
    { name: 'nothing', address: '21.0.0.1', txt: 'NXDOMAIN, SOA' },
  ])('tells $name', ({ address, txt }) => {
    expect(ask(address, 'place', 'TXT')).toBe(txt)
    expect(ask(address, 'place', 'A')).toContain(', SOA')
  })
})

describe('city', () => {
  it.each([
    { name: 'a city', address: '8.8.8.8', txt: 'Mountain View | California | US | 37.4223 | -122.085' },
    { name: "a country's point", address: '30.0.0.1', txt: '-- | -- | CN | 33.62 | 115.61' },
    { name: 'nothing', address: '21.0.0.1', txt: 'NXDOMAIN, SOA' },
  ])('tells $name', ({ address, txt }) => {
    expect(ask(address, 'city', 'TXT')).toBe(txt)
    expect(ask(address, 'city', 'A')).toContain(', SOA')
  })
})
