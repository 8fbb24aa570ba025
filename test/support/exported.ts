// Exports of the small table, as text.

import { type ExportFormat, FORMATS, type FormatName, subjectsFor } from '../../src/export/formats.ts'
import type { MmdbRequest } from '../../src/export/mmdb/mmdb.ts'
import type { ExportRequest } from '../../src/export/request.ts'
import { familiesOf } from '../../src/export/zone-entries.ts'
import type { ZoneSet } from '../../src/zones/zone-set.ts'
import { smallTable, smallZoneSet } from './small-table.ts'

/** What a test asks for; what it doesn't say is as the command has it. */
export interface Asked extends Partial<Omit<MmdbRequest, 'families'>> {
  readonly family?: 4 | 6
  readonly zone?: string
  readonly zoneSet?: ZoneSet
  readonly maxNames?: number
}

/** The octets of an export, as one buffer. */
export function exported(name: FormatName, asked: Asked = {}): Buffer {
  const { family, zone: zoneName, zoneSet = smallZoneSet(), maxNames = 1_000_000, what = [], ...rest } = asked
  const format: ExportFormat = FORMATS[name]
  const zone = zoneSet.zones.find((it) => it.name === zoneName)
  const has = format.kind === 'zone' ? familiesOf(zone!) : ([4, 6] as const)
  const request: ExportRequest = {
    table: smallTable(),
    countries: [],
    asns: [],
    head: 'a head',
    ...rest,
    what: subjectsFor(name, what),
    families: family === undefined ? has : [family],
  }
  const chunks =
    format.kind === 'zone' ? format.write({ ...request, zone: zone!, maxNames }) : format.write(request)
  const encoding = format.kind === 'zone' ? 'latin1' : 'utf8'
  return Buffer.concat(
    [...chunks].map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk)),
  )
}

/** The lines of an export. */
export const linesOf = (name: FormatName, asked: Asked = {}): string[] =>
  exported(name, asked).toString('utf8').trimEnd().split('\n')
