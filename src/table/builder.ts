// Merges flattened sources into the compiled table.
//
// Per family the layers are walked together; each piece on which none of them changes becomes a step whose
// entry names a record. Records are deduplicated: some 700,000 rows make about 130,000 of them.

import { assemble } from './assemble.ts'
import { cutAlongPrefixes, cutLength, cutStep } from './cidr.ts'
import { type Describe, FACT, FACTS, RecordsBuilder } from './records.ts'
import { type Steps, StepsBuilder, walkTogether } from './steps.ts'
import { Table, type TableMetadata } from './table.ts'
import { distanceBetween } from './words.ts'

/** What is known of one address family: a layer for each fact. A value of 0 is «nothing known». */
export interface FamilyLayers {
  /** AS numbers. */
  readonly asn: Steps
  /** Countries, as the caller numbers them. */
  readonly country: Steps
  /** Registries, as the caller numbers them; where nothing but a registry is known, nothing is. */
  readonly registry: Steps
}

/** All that a table is built from. */
export interface TableInput {
  readonly v4: FamilyLayers
  readonly v6: FamilyLayers
  /** Turns the numbers in the layers into text. */
  readonly describe: Describe
  readonly metadata: TableMetadata
}

/** Builds the compiled table in one SharedArrayBuffer. */
export function buildTable(input: TableInput): Table {
  const records = new RecordsBuilder(input.describe)
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
  const facts = new Uint32Array(FACTS)
  walkTogether([cuts, countries, registries], (start, end, indexes) => {
    const cut = cuts.values[indexes[0]]
    facts[FACT.asn] = ases.values[cutStep(cut)]
    facts[FACT.country] = countries.values[indexes[1]]
    facts[FACT.registry] = registries.values[indexes[2]]
    if (facts[FACT.asn] === 0 && facts[FACT.country] === 0) {
      builder.add(start, 0, 0)
      return
    }
    const record = records.number(facts)
    records.countAddresses(record, family, distanceBetween(start, 0, end, 0, width))
    builder.add(start, 0, ((record << 8) | cutLength(cut)) >>> 0)
  })
  return builder.finish()
}
