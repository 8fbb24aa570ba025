// Merges flattened sources into the compiled table.
//
// Per family the layers AS, country and registry are walked together; each piece on which none of them changes
// becomes a step whose entry names a record. Records are deduplicated: some 700,000 rows make about 130,000.

import { assemble } from './assemble.ts'
import { cutAlongPrefixes, cutLength, cutStep } from './cidr.ts'
import { RecordsBuilder } from './records.ts'
import { type Steps, StepsBuilder, walkTogether } from './steps.ts'
import { Table, type TableMetadata } from './table.ts'
import { distanceBetween } from './words.ts'

/** What is known of one address family. A value of 0 is «nothing known» in every layer. */
export interface FamilyLayers {
  /** AS numbers. */
  readonly asn: Steps
  /** Countries: numbers below 1,024 as `countryValue` in src/data/countries.ts makes them. */
  readonly country: Steps
  /** Registries: 1 + the index in `TableInput.registries`. */
  readonly registry: Steps
}

/** All that a table is built from. */
export interface TableInput {
  readonly v4: FamilyLayers
  readonly v6: FamilyLayers
  /** The name of an AS, sanitised and at most 80 octets; '' when it has none. */
  readonly nameOf: (asn: number) => string
  /** A country value's ISO 3166-1 alpha-2 code and number (0 when it has none). */
  readonly countryOf: (value: number) => { readonly code: string; readonly number: number }
  /** At most seven. */
  readonly registries: readonly string[]
  readonly metadata: TableMetadata
}

/** Builds the compiled table in one SharedArrayBuffer. */
export function buildTable(input: TableInput): Table {
  const records = new RecordsBuilder(input)
  const v4 = mergeFamily(input.v4, records, 4)
  const v6 = mergeFamily(input.v6, records, 6)
  const { asNumbers, asRecords } = records.summariseAses()
  return new Table(
    assemble({
      v4,
      v6,
      asNumbers,
      asRecords,
      records: records.finish(),
      strings: records.strings.finish(),
      metadata: new TextEncoder().encode(JSON.stringify(input.metadata)),
    }),
  )
}

function mergeFamily(layers: FamilyLayers, records: RecordsBuilder, family: 4 | 6): Steps {
  const { asn: ases, country: countries, registry: registries } = layers
  const cuts = cutAlongPrefixes(ases)
  const width = ases.width
  const builder = new StepsBuilder(width, cuts.count + countries.count)
  walkTogether([cuts, countries, registries], (start, end, indexes) => {
    const cut = cuts.values[indexes[0]]
    const asn = ases.values[cutStep(cut)]
    const country = countries.values[indexes[1]]
    if (asn === 0 && country === 0) {
      builder.add(start, 0, 0)
      return
    }
    const record = records.number(asn, country, registries.values[indexes[2]])
    records.countAddresses(record, family, distanceBetween(start, 0, end, 0, width))
    builder.add(start, 0, ((record << 8) | cutLength(cut)) >>> 0)
  })
  return builder.finish()
}
