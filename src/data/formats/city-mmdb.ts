// City databases in MaxMind DB files: addresses with a place; mmdb-layouts.ts knows where it stands in a record.

import { AsnzoneError } from '../../errors.ts'
import { widthOf } from '../../table/address-arithmetic.ts'
import { IntervalMapBuilder } from '../../table/interval-map.ts'
import type { Collector } from '../compile/collector.ts'
import { locationValue } from '../compile/location-value.ts'
import type { Locations } from '../compile/locations.ts'
import { COUNTRY_VALUES } from '../countries.ts'
import type { Mmdb } from './reading/mmdb.ts'
import type { MmdbRecord } from './reading/mmdb-decoder.ts'
import { countryOfRecord, locationOfRecord, WANTED_LOCATION } from './reading/mmdb-layouts.ts'

/** @throws {AsnzoneError} `ASNZONE_DATA` when the file is damaged or holds no places. */
export function readCityMmdb(mmdb: Mmdb, into: Collector): void {
  const isCity = [readFamily(mmdb, 4, into), readFamily(mmdb, 6, into)].includes(true)
  if (isCity) return
  throw new AsnzoneError(
    'ASNZONE_DATA',
    `${mmdb.name}: no coordinates in it; '${mmdb.type}' is not a city database`,
  )
}

/** The networks are in order and don't overlap, so they make a layer as they come. Tells whether any has coordinates. */
function readFamily(mmdb: Mmdb, family: 4 | 6, into: Collector): boolean {
  const builder = new IntervalMapBuilder(widthOf(family), 1 << 16)
  const read = (record: MmdbRecord | null): number => placeValue(record, into.valueTables.locations)
  let hasCoordinates = false
  mmdb.walkValues(family, into.limits, WANTED_LOCATION, read, (start, value, isKnown) => {
    if (value > COUNTRY_VALUES) hasCoordinates = true
    if (value !== 0) into.rows[family]++
    else if (isKnown) into.skipped++
    builder.add(start, 0, value)
  })
  if (into.rows[family] === 0) return false
  into.lay(family, { layer: 'location', intervals: builder.finish() })
  return hasCoordinates
}

function placeValue(record: MmdbRecord | null, locations: Locations): number {
  if (record === null) return 0
  return locationValue(locations, { country: countryOfRecord(record), ...locationOfRecord(record) })
}
