// DNS zones as files: what a name server would answer from them is what the responder answers.

import { describe, expect, test } from 'vitest'
import { askResponder } from '../../src/dns/ask-responder.ts'
import { Responder } from '../../src/dns/responder.ts'
import { catalogZone } from '../../src/export/catalog-zone.ts'
import { familiesFor } from '../../src/export/zone-choice.ts'
import { ownerOf } from '../../src/zones/example.ts'
import { ANSWER_TYPES } from '../../src/zones/record-type.ts'
import { exported, linesOf } from '../support/exported.ts'
import { ROWS, type Row, smallTable, smallZoneSet } from '../support/small-table.ts'

const zones = (txt: string | string[] | undefined, more: object = {}) =>
  smallZoneSet({
    own: {
      apex: 'own.test',
      owner: 'ip',
      txt,
      example: { ask: '8.8.8.8', type: 'TXT', answer: '' },
      ...more,
    },
  })

describe('rbldnsd', () => {
  test('the head, networks, and the entry for tests', () => {
    const lines = linesOf('rbldnsd', { zone: 'asn.rspamd.com' })
    expect(lines.slice(0, 5)).toEqual([
      '# a head',
      '$SOA 3600 localhost. nobody.invalid. 2026061719 86400 7200 604800 300',
      '$NS 3600 localhost.',
      '$TTL 3600',
      '8.8.8.0/24 :127.0.0.2:15169|8.8.8.0/24|US|arin|',
    ])
    expect(lines).toContain('127.0.0.2/32 :127.0.0.2:test entry, RFC 5782')
    expect(lines).toContain('203.0.113.0/24 :127.0.0.2:64500|203.0.113.0/24|--|--|')
  })

  test('a zone without A records is listed all the same, and has no entry for tests', () => {
    const lines = linesOf('rbldnsd', { zone: 'geo.asnzone.internal', family: 6 })
    expect(lines).toContain('2001:4860:4840::/42 :127.0.0.2:15169 | Google LLC | US | -- | 0')
    expect(lines.join()).not.toContain('test entry')
  })

  test('what rbldnsd would change is written so that it comes out', () => {
    const zoneSet = zones('=$1 {country}$')
    expect(linesOf('rbldnsd', { zoneSet, zone: 'own.test', family: 4 })).toContain(
      '8.8.8.0/24 :127.0.0.2:==$$1 US$$',
    )
  })

  test('networks of one record have ranges of their own', () => {
    const row = { asn: 64500, name: 'One', country: 'DE' }
    const apart = smallTable([
      { cidr: '192.0.2.0/24', ...row },
      { cidr: '198.51.100.0/24', ...row },
    ])
    const lines = linesOf('rbldnsd', { table: apart, zoneSet: zones('{range}'), zone: 'own.test', family: 4 })
    expect(lines).toContain('192.0.2.0/24 :127.0.0.2:192.0.2.0-192.0.2.255')
    expect(lines).toContain('198.51.100.0/24 :127.0.0.2:198.51.100.0-198.51.100.255')
  })

  test('AS numbers are a generic data set', () => {
    expect(linesOf('rbldnsd', { zone: 'as.asnzone.internal' })).toContain(
      'as7819 TXT "7819 | US | arin |  | Telnet"',
    )
  })

  test('several strings and long ones are refused by name', () => {
    expect(() => exported('rbldnsd', { zone: 'asn.routeviews.org' })).toThrow(
      'asn.routeviews.org answers with 3 character-strings, and rbldnsd has one: export it as a zone file',
    )
    expect(() =>
      exported('rbldnsd', { zoneSet: zones(`${'x'.repeat(255)}`), zone: 'own.test', family: 4 }),
    ).toThrow('own.test has an answer of 255 octets, and rbldnsd cuts what is longer than 254')
  })
})

describe('JSON', () => {
  const json = { by: 'a "b"', name: '{name}' }

  test('an object is written as the text that it is, and names what it tells of each prefix', () => {
    const apart = smallTable([
      { cidr: '192.0.2.0/24', asn: 64500, name: 'One\\', country: 'DE' },
      { cidr: '198.51.100.0/24', asn: 64500, name: 'One\\', country: 'DE' },
    ])
    const zoneSet = zones(undefined, { json: { ...json, prefix: '{prefix}' } })
    const lines = linesOf('rbldnsd', { table: apart, zoneSet, zone: 'own.test', family: 4 })
    expect(lines).toContain(
      '192.0.2.0/24 :127.0.0.2:{"by":"a \\"b\\"","name":"One\\\\","prefix":"192.0.2.0/24"}',
    )
    expect(lines).toContain(
      '198.51.100.0/24 :127.0.0.2:{"by":"a \\"b\\"","name":"One\\\\","prefix":"198.51.100.0/24"}',
    )
  })

  test.each([
    ['txt', zones('{ip} {asn}')],
    ['json', zones(undefined, { json: { ip: '{ip}' } })],
  ])('what tells each address its own {ip} in %s is no file', (_, zoneSet) => {
    expect(() => familiesFor('rbldnsd', true, zoneSet.zones[0], 4)).toThrow(
      'own.test tells each address its own {ip}, and no file has so many answers: export a zone without it',
    )
  })
})

describe('zone files', () => {
  test('what is not ASCII, quotes and backslashes are escaped', () => {
    const text = exported('zone', {
      zoneSet: zones('"{name}\\{country}"'),
      zone: 'own.test',
      family: 4,
    }).toString()
    expect(text).toContain('*.0.200 TXT "\\"S\\195\\163o Paulo Telecomunica\\195\\167\\195\\181es\\\\BR\\""')
  })

  test('strings stay apart', () => {
    expect(linesOf('zone', { zone: 'asn.routeviews.org' })).toContain('*.8.8.8 TXT "15169" "8.8.8.0" "24"')
  })

  test('too many names are refused', () => {
    expect(() => exported('zone', { zone: 'asn.rspamd.com', maxNames: 10 })).toThrow(
      /^asn\.rspamd\.com has 31 names, more than 10: /,
    )
    expect(() => exported('zone', { zone: 'asn.rspamd.com', maxNames: 30 })).toThrow('has 31 names')
    // As many as there may be, and so many that nobody has to count them exactly, make the same file.
    const just = exported('zone', { zone: 'asn.rspamd.com', maxNames: 31 })
    expect(just.equals(exported('zone', { zone: 'asn.rspamd.com', maxNames: 1e6 }))).toBe(true)
  })

  // 2.0.0.0/8 would be *.2; but 2001:: has names below 1.0.0.2, of which 1, 0 and 0.0 of *.2 are above.
  const AWKWARD: readonly Row[] = [
    ...ROWS,
    { cidr: '2.0.0.0/8', asn: 1, country: 'FR' },
    { cidr: '3.0.0.0/8', asn: 2, country: 'US' },
    { cidr: '127.0.0.0/8', asn: 3, country: 'US' },
    { cidr: '198.51.101.7/32', asn: 5, country: 'GB' },
  ]

  test.each(['country.asnzone.internal', 'geo.asnzone.internal', 'de.country.asnzone.internal'])(
    '%s, with names of both families, answers as the responder',
    (zone) => {
      const table = smallTable(AWKWARD)
      const responder = new Responder(table, smallZoneSet())
      const records = namesOf(exported('zone', { table, zone }).toString('latin1'))
      const addresses = [
        ...AWKWARD.flatMap(({ cidr }) => around(cidr.split('/')[0])),
        ...['2.0.0.1', '2.0.0.2', '2.0.1.1', '2.1.0.1', '2.0.0.0', '2.4.0.1', '2.255.255.255', '3.0.0.1'],
        ...['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.1.0.2', '2001:db8::1', '2001::1'],
      ]
      for (const address of addresses) {
        for (const type of ANSWER_TYPES) {
          const expected = askResponder(responder, `${ownerOf(address)}.${zone}`, type)
          expect([address, type, lookUp(records, ownerOf(address), type)]).toEqual([address, type, expected])
        }
      }
    },
  )

  test('a catalog zone names its members', () => {
    const members = smallZoneSet().zones.filter(({ name }) => /^(de|us)\.country\.asnzone/.test(name))
    expect(catalogZone('catalog.test', members, 'a head').split('\n')).toEqual([
      '; a head',
      '$ORIGIN catalog.test.',
      '@ 0 SOA invalid. invalid. 2026061719 86400 7200 604800 0',
      '@ 0 NS invalid.',
      'version 0 TXT "2"',
      'de-country-asnzone-internal.zones 0 PTR de.country.asnzone.internal.',
      'us-country-asnzone-internal.zones 0 PTR us.country.asnzone.internal.',
      '',
    ])
  })
})

const around = (address: string): string[] =>
  address.includes(':') ? [address, `${address}1`] : [address, address.replace(/\d+$/, '9')]

type Names = ReadonlyMap<string, ReadonlyMap<string, string>>

/** The names of a zone file, and those above them, which exist as well. */
function namesOf(file: string): Names {
  const names = new Map<string, Map<string, string>>()
  for (const [, owner, type, rdata] of file.matchAll(/^([^@;$\s]\S*) (A|AAAA|TXT) (.*)$/gm)) {
    const labels = owner.split('.')
    for (let i = 0; i < labels.length; i++) {
      const name = labels.slice(i).join('.')
      if (!names.has(name)) names.set(name, new Map())
    }
    names.get(owner)!.set(type, decoded(rdata))
  }
  return names
}

/** Octets that are written as digits, as the text that they are. */
function decoded(rdata: string): string {
  const octets = rdata.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number(digits)))
  return Buffer.from(octets, 'latin1').toString('utf8')
}

/** RFC 4592 3.3: the name, or the wildcard below the closest name that exists. */
function lookUp(names: Names, owner: string, type: string): string {
  const found = names.get(owner)
  if (found !== undefined) return found.get(type) ?? ''
  const labels = owner.split('.')
  const encloser = labels.findIndex((_, i) => i > 0 && names.has(labels.slice(i).join('.')))
  if (encloser < 0) return ''
  return names.get(`*.${labels.slice(encloser).join('.')}`)?.get(type) ?? ''
}
