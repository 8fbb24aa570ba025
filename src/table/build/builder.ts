// Merges flattened sources into the compiled table.
//
// Per family the layers are walked together; each piece on which none of them changes becomes a step whose
// entry names a record. Records are deduplicated: some 700,000 rows make about 130,000 of them.

import { detailSet, emptySteps, isNothing, type Steps, StepsBuilder, walkTogether } from '../steps.ts'
import { type FamilyCoverage, Table, type TableMetadata } from '../table.ts'
import { distanceBetween, type Width, widthOf } from '../words.ts'
import { assemble } from './assemble.ts'
import { cutAlongPrefixes, cutLength, cutStep } from './cidr.ts'
import { FACT, FACTS, type FactName } from './record-facts.ts'
import type { Describe, DescribeLocation } from './record-texts.ts'
import { type AsLayers, RecordsBuilder } from './records.ts'

/** The facts that have a layer of their own. */
export type LayerName = Exclude<FactName, 'origins'>

/**
 * What is known of one address family: a layer for each fact, numbered as the caller likes, 0 for «nothing
 * known». Where nothing but a registry, a date and a location is known, nothing is.
 */
export type FamilyLayers = { readonly [Name in LayerName]?: Steps }

/** Facts that alone don't make an address known. */
const BY_THE_WAY: readonly FactName[] = ['registry', 'allocated', 'location']

/** All that a table is built from. */
export interface TableInput {
  /** Layers, or what gives them up: they are as large as the table, and of no use when they are merged. */
  readonly v4: FamilyLayers | (() => FamilyLayers)
  readonly v6: FamilyLayers | (() => FamilyLayers)
  readonly ases?: AsLayers
  /** Turns the numbers in the layers into text. */
  readonly describe: Describe
  /** Needed where records have locations. */
  readonly describeLocation?: DescribeLocation
  readonly metadata: Omit<TableMetadata, 'coverage'>
}

/** Builds the compiled table in one SharedArrayBuffer. */
export function buildTable(input: TableInput): Table {
  const records = new RecordsBuilder(input.describe, input.describeLocation)
  const v4 = mergeFamily(input.v4, records, 4)
  const v6 = mergeFamily(input.v6, records, 6)
  const { asNumbers, asRecords } = records.summariseAses(input.ases)
  const metadata: TableMetadata = { ...input.metadata, coverage: { v4: v4.coverage, v6: v6.coverage } }
  return new Table(
    assemble({
      v4: v4.steps,
      v6: v6.steps,
      asNumbers,
      asRecords,
      records: records.finish(),
      strings: records.strings.finish(),
      metadata: new TextEncoder().encode(JSON.stringify(metadata)),
    }),
  )
}

interface MergedFamily {
  readonly steps: Steps
  readonly coverage: FamilyCoverage
}

function mergeFamily(given: TableInput['v4'], records: RecordsBuilder, family: 4 | 6): MergedFamily {
  const layers = typeof given === 'function' ? given() : given
  const width: Width = widthOf(family)
  const ases = layers.asn ?? emptySteps(width)
  const cuts = cutAlongPrefixes(ases)
  const others = (Object.keys(FACT) as FactName[]).flatMap((name) => {
    const steps = name === 'asn' || name === 'origins' ? undefined : layers[name]
    const mask = BY_THE_WAY.includes(name) ? 0 : 0xffffffff
    return steps === undefined || isNothing(steps) ? [] : [{ fact: FACT[name], steps, mask }]
  })
  const builder = new StepsBuilder(
    width,
    cuts.count + (layers.country?.count ?? 0) + (layers.location?.count ?? 0),
  )
  const facts = new Uint32Array(FACTS)
  const coverage = { asn: 0, country: 0 }
  walkTogether([cuts, ...others.map(({ steps }) => steps)], (start, end, indexes) => {
    const cut = cuts.values[indexes[0]]
    const step = cutStep(cut)
    facts[FACT.asn] = ases.values[step]
    facts[FACT.origins] = ases.details === undefined ? 0 : detailSet(ases.details[step])
    let known = facts[FACT.asn]
    for (let i = 0; i < others.length; i++) {
      const { fact, steps, mask } = others[i]
      const value = steps.values[indexes[i + 1]]
      facts[fact] = value
      known |= value & mask
    }
    if (known === 0) {
      builder.add(start, 0, 0)
      return
    }
    const record = records.number(facts)
    const addresses = distanceBetween(start, 0, end, 0, width)
    records.countAddresses(record, family, addresses)
    if (facts[FACT.asn] !== 0) coverage.asn += addresses
    if (facts[FACT.country] !== 0) coverage.country += addresses
    builder.add(start, 0, ((record << 8) | cutLength(cut)) >>> 0)
  })
  return { steps: builder.finish(), coverage }
}
