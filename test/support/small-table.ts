// A table and zones made by hand: enough of the world for tests that need no data file.

import { zoneSetOptions } from '../../src/app/zone-set.ts'
import { loadSettings } from '../../src/config/load.ts'
import type { Settings } from '../../src/config/setting-values.ts'
import { readZoneDefinitions } from '../../src/config/zone-files.ts'
import { countryCode, countryNumber, countryValue } from '../../src/data/countries.ts'
import { buildTable, type FamilyLayers } from '../../src/table/build/builder.ts'
import { flatten } from '../../src/table/build/flatten.ts'
import { RangesBuilder } from '../../src/table/build/ranges.ts'
import { ATTRIBUTE } from '../../src/table/build/record-attributes.ts'
import type { Location, RecordTexts } from '../../src/table/build/record-texts.ts'
import { parseCidr } from '../../src/table/cidr-text.ts'
import type { TableMetadata } from '../../src/table/metadata.ts'
import type { Table } from '../../src/table/table.ts'
import { parseZoneFile } from '../../src/zones/definition.ts'
import { compileZoneSet, type ZoneSet } from '../../src/zones/zone-set.ts'
import { OWN_ZONES } from './own-zones.ts'

/** What a row says of a network. */
export interface Row {
  readonly cidr: string
  readonly asn?: number
  readonly name?: string
  readonly country?: string
  readonly registry?: string
}

/** The rows of the small table; some repeat what the bundled data says, the rest is made up. */
export const ROWS: readonly Row[] = [
  { cidr: '8.8.8.0/24', asn: 15169, name: 'Google LLC', country: 'US', registry: 'arin' },
  { cidr: '66.128.48.0/20', asn: 7819, name: 'Telnet', country: 'US', registry: 'arin' },
  {
    cidr: '193.0.0.0/21',
    asn: 3333,
    name: 'Reseaux IP Europeens Network Coordination Centre (RIPE NCC)',
    country: 'NL',
    registry: 'ripencc',
  },
  { cidr: '200.0.0.0/16', asn: 64496, name: 'São Paulo Telecomunicações', country: 'BR', registry: 'lacnic' },
  { cidr: '198.51.100.0/24', country: 'DE', registry: 'ripencc' },
  { cidr: '203.0.113.0/24', asn: 64500 },
  { cidr: '203.0.112.0/24', asn: 4294967295, name: 'The last AS' },
  { cidr: '192.0.2.0/24', asn: 64501, name: 'Prishtina', country: 'XK', registry: 'ripencc' },
  { cidr: '100.64.0.0/16', asn: 64502, name: 'A union', country: 'EU', registry: 'ripencc' },
  { cidr: '2001:4860:4840::/42', asn: 15169, name: 'Google LLC', country: 'US', registry: 'arin' },
  { cidr: '2001:db8::/32', asn: 64500 },
  { cidr: '2001:db9::/48', country: 'DE' },
]

const MOUNTAIN_VIEW: Location = {
  city: 'Mountain View',
  region: 'California',
  country: 'US',
  continent: 'NA',
  latitude: '37.4223',
  longitude: '-122.085',
}

/** The settings' defaults, as far as zones show them. */
const SETTINGS = loadSettings({})

const METADATA: TableMetadata = {
  sources: [
    {
      what: 'asn',
      name: 'rows.ts',
      family: 4,
      rows: 1,
      distinct: 1,
      addresses: 256,
      date: '2026-06-17T19:00:00.000Z',
      licence: 'CC0-1.0',
      attribution: 'nobody',
    },
  ],
  date: '2026-06-17T19:00:00.000Z',
  coverage: { v4: { asn: 256, country: 0 }, v6: { asn: 0, country: 0 } },
  learned: { networks: 3, ases: 2, countries: 1, date: '2026-06-17T20:00:00.000Z' },
  rpki: { v4: { valid: 6, 'not-found': 3, invalid: 1 }, v6: { valid: 0, 'not-found': 0, invalid: 0 } },
}

/**
 * A table of rows that do not overlap.
 *
 * @param also columns that no row can tell, alike in every record
 * @param place what is known of the location, where `also` has one
 */
export function smallTable(
  rows: readonly Row[] = ROWS,
  also: Omit<RecordTexts, 'country'> = {},
  place: Location = MOUNTAIN_VIEW,
): Table {
  const names = new Map(rows.map(({ asn, name }) => [asn ?? 0, name ?? '']))
  const registries = [...new Set(rows.map(({ registry = '' }) => registry))]
  const cidrs = rows.map((row) => ({ row, cidr: parseCidr(row.cidr) }))
  const intervals = (family: 4 | 6, value: (row: Row) => number) => {
    const ranges = new RangesBuilder(family, 16)
    for (const { row, cidr } of cidrs) {
      if (cidr.family === family && value(row) !== 0) ranges.add(cidr.start, cidr.end, value(row))
    }
    return flatten(ranges.finish()).intervals
  }
  const layers = (family: 4 | 6): FamilyLayers => ({
    asn: intervals(family, ({ asn = 0 }) => asn),
    country: intervals(family, ({ country }) => (country === undefined ? 0 : countryValue(country))),
    registry: intervals(family, ({ registry }) =>
      registry === undefined ? 0 : registries.indexOf(registry) + 1,
    ),
  })
  // The registry of an AS is that of its addresses here.
  const delegated = new RangesBuilder(4, 16)
  for (const { asn = 0, registry } of rows) {
    const number = Uint32Array.of(asn)
    if (registry !== undefined) delegated.add(number, number, registries.indexOf(registry) + 1)
  }
  return buildTable({
    v4: layers(4),
    v6: layers(6),
    ases: { registry: flatten(delegated.finish()).intervals },
    describe: (attributes) => {
      const [asn, country, registry] = [
        attributes[ATTRIBUTE.asn],
        attributes[ATTRIBUTE.country],
        attributes[ATTRIBUTE.registry],
      ]
      const code = country === 0 ? '' : countryCode(country)
      return {
        ...(asn !== 0 && { asn: String(asn), name: names.get(asn) ?? '' }),
        ...(code !== '' && { country: { code, number: countryNumber(code) } }),
        ...(registry !== 0 && { registry: registries[registry - 1] }),
        score: { sum: 0, parts: '' },
        ...also,
      }
    },
    describeLocation: () => place,
    metadata: METADATA,
  })
}

let presets: ReturnType<typeof readZoneDefinitions> | undefined

/** The zones of zones/, read once. */
export function presetZones(): ReturnType<typeof readZoneDefinitions> {
  presets ??= readZoneDefinitions(undefined, [])
  return presets
}

/** The presets and OWN_ZONES, or other zones given as the contents of a zone file. */
export function smallZoneSet(
  zones?: Readonly<Record<string, unknown>>,
  settings: Settings = SETTINGS,
): ZoneSet {
  const own = parseZoneFile('own.yaml', { zones: zones ?? OWN_ZONES })
  return compileZoneSet(
    [...(zones === undefined ? presetZones() : []), ...own],
    zoneSetOptions(settings, METADATA),
  )
}
