// What the zones name besides the data: name servers, contact, serial and the TXT record of an apex.

import { describe, expect, test } from 'vitest'
import { aboutTexts, zoneSetOptions } from '../../src/app/zone-set.ts'
import { loadSettings } from '../../src/config/load.ts'
import type { TableMetadata } from '../../src/table/metadata.ts'
import { VERSION } from '../../src/version.ts'
import { serialOf } from '../../src/zones/serial.ts'
import { messageOf } from '../support/errors.ts'
import { name } from '../support/message.ts'

const SETTINGS = loadSettings({ options: { nameservers: ['ns.test'], contact: 'dns.test' } })

const source = { name: 'a.csv', family: 4, rows: 1, distinct: 1, addresses: 1, date: null } as const

const METADATA: TableMetadata = {
  sources: [
    { ...source, what: 'asn', attribution: 'RouteViews', licence: 'CC BY 4.0' },
    { ...source, what: 'asn', family: 6, attribution: 'RouteViews', licence: 'CC BY 4.0' },
    { ...source, what: 'country', attribution: 'NRO', licence: 'CC0-1.0' },
  ],
  date: '2026-06-17T19:05:00.000Z',
  coverage: { v4: { asn: 1, country: 1 }, v6: { asn: 1, country: 0 } },
}

test('names in wire form, the serial and every country', () => {
  const { authority, countries, domain } = zoneSetOptions(SETTINGS, METADATA)
  expect(domain).toBe('asnzone.internal')
  expect(authority.nameservers.map((octets) => Buffer.from(octets))).toEqual([name('ns.test')])
  expect(Buffer.from(authority.contact)).toEqual(name('dns.test'))
  expect(authority.serial).toBe(2026061719)
  expect(countries).toEqual(expect.arrayContaining(['AD', 'US', 'XK', 'ZW']))
})

test('an apex tells the version, the time of the data and one credit a data set', () => {
  const sources = METADATA.sources.map((it) => ({ ...it, date: METADATA.date }))
  expect(aboutTexts({ ...METADATA, sources })).toEqual([
    `asnzone ${VERSION}`,
    'data of 2026-06-17T19:05Z',
    'asn: RouteViews, CC BY 4.0',
    'country: NRO, CC0-1.0',
  ])
  // Where no source tells, that the table has the time of its compilation is no age.
  expect(aboutTexts(METADATA)[1]).toBe('data of an unknown date')
})

test('answers are stale from the max-age of the oldest data on, and only where that is to be told', () => {
  const [source] = METADATA.sources
  const sources = [
    { ...source, what: 'override', date: '2020-01-01T00:00:00.000Z' },
    { ...source, date: '2026-06-17T19:00:00.000Z' },
    { ...source, date: '2026-06-10T19:00:00.000Z' },
  ]
  const staleAfter = (options: Record<string, string>): number | undefined =>
    zoneSetOptions(loadSettings({ options }), { ...METADATA, sources }).staleAfter
  expect(staleAfter({ 'stale-answer': 'tell', 'max-age': '2d' })).toBe(Date.parse('2026-06-12T19:00:00.000Z'))
  expect(staleAfter({ 'max-age': '2d' })).toBe(Number.POSITIVE_INFINITY)
})

test.each([
  ['2026-06-17T19:00:00.000Z', 2026061719],
  ['2026-06-17T19:59:59.999Z', 2026061719],
  ['2026-06-17T23:30:00-01:00', 2026061800],
])('the serial of %s is %i', (date, serial) => {
  expect(serialOf(date)).toBe(serial)
})

describe('complaints', () => {
  test.each([
    [{ domain: 'a..b' }, "domain: 'a..b' has an empty label"],
    [
      { contact: 'me@b.test' },
      "contact: 'me@b.test' has a label with other characters than letters, digits, '-' and '_'",
    ],
    [
      { nameservers: ['ns.test', 'n s'] },
      "nameservers: 'n s' has a label with other characters than letters, digits, '-' and '_'",
    ],
  ])('%o', (changes, message) => {
    const complaint = () => zoneSetOptions({ ...SETTINGS, ...changes }, METADATA)
    expect(messageOf('ASNZONE_CONFIG', complaint)).toBe(message)
  })

  test('more name servers than a reply has room for', () => {
    const longName = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(58)).join('.')
    const complaint = () => zoneSetOptions({ ...SETTINGS, nameservers: Array(5).fill(longName) }, METADATA)
    expect(messageOf('ASNZONE_CONFIG', complaint)).toBe(
      'nameservers: 1245 octets of NS records, more than 1024; name fewer',
    )
  })
})
