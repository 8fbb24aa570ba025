// Merges flattened sources into the compiled table.
//
// Per family the layers are walked together; each piece on which none of them changes becomes an interval whose
// entry names a record. Records are deduplicated: some 700,000 rows make about 130,000 of them.

import { distanceBetween, type Width, widthOf } from '../address-arithmetic.ts'
import {
  detailSet,
  emptyIntervalMap,
  type IntervalMap,
  IntervalMapBuilder,
  isNothing,
  walkTogether,
} from '../interval-map.ts'
import type { FamilyCoverage, TableMetadata } from '../metadata.ts'
import { Table } from '../table.ts'
import { assemble } from './assemble.ts'
import { cutAlongPrefixes, cutInterval, cutLength } from './cidr.ts'
import { ATTRIBUTE, ATTRIBUTE_COUNT, type AttributeName } from './record-attributes.ts'
import type { Describe, DescribeLocation } from './record-texts.ts'
import { type AsLayers, RecordsBuilder } from './records.ts'

/** The attributes that have a layer of their own. */
export type LayerName = Exclude<AttributeName, 'origins'>

/**
 * What is known of one address family: a layer for each attribute, numbered as the caller likes, 0 for «nothing
 * known». Where nothing but a registry, a date, a location, what RPKI says and what was learned is known, nothing is.
 */
export type FamilyLayers = { readonly [Name in LayerName]?: IntervalMap }

/** Attributes that alone don't make an address known. */
const SUPPLEMENTARY: readonly AttributeName[] = ['registry', 'allocated', 'location', 'rpki', 'learned']

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
  /** Told when much of what the table is built from isn't needed any more. */
  readonly onReleased?: () => void
}

/** Builds the compiled table in one SharedArrayBuffer. */
export function buildTable(input: TableInput): Table {
  const records = new RecordsBuilder(input.describe, input.describeLocation)
  const v4 = mergeFamily(input.v4, records, 4)
  const v6 = mergeFamily(input.v6, records, 6)
  input.onReleased?.()
  const { asNumbers, asRecords } = records.summariseAses(input.ases)
  const words = records.finish()
  records.forget()
  input.onReleased?.()
  const metadata: TableMetadata = { ...input.metadata, coverage: { v4: v4.coverage, v6: v6.coverage } }
  return new Table(
    assemble({
      v4: v4.intervals,
      v6: v6.intervals,
      asNumbers,
      asRecords,
      records: words,
      strings: records.strings.finish(),
      metadata: new TextEncoder().encode(JSON.stringify(metadata)),
    }),
  )
}

interface MergedFamily {
  readonly intervals: IntervalMap
  readonly coverage: FamilyCoverage
}

function mergeFamily(given: TableInput['v4'], records: RecordsBuilder, family: 4 | 6): MergedFamily {
  const layers = typeof given === 'function' ? given() : given
  const width: Width = widthOf(family)
  const ases = layers.asn ?? emptyIntervalMap(width)
  const cuts = cutAlongPrefixes(ases)
  const others = (Object.keys(ATTRIBUTE) as AttributeName[]).flatMap((name) => {
    const intervals = name === 'asn' || name === 'origins' ? undefined : layers[name]
    const mask = SUPPLEMENTARY.includes(name) ? 0 : 0xffffffff
    return intervals === undefined || isNothing(intervals)
      ? []
      : [{ attribute: ATTRIBUTE[name], intervals, mask }]
  })
  const builder = new IntervalMapBuilder(
    width,
    cuts.count + (layers.country?.count ?? 0) + (layers.location?.count ?? 0),
  )
  const attributes = new Uint32Array(ATTRIBUTE_COUNT)
  const coverage = { asn: 0, country: 0 }
  walkTogether([cuts, ...others.map(({ intervals }) => intervals)], (start, end, indexes) => {
    const cut = cuts.values[indexes[0]]
    const interval = cutInterval(cut)
    attributes[ATTRIBUTE.asn] = ases.values[interval]
    attributes[ATTRIBUTE.origins] = ases.details === undefined ? 0 : detailSet(ases.details[interval])
    let known = attributes[ATTRIBUTE.asn]
    for (let i = 0; i < others.length; i++) {
      const { attribute, intervals, mask } = others[i]
      const value = intervals.values[indexes[i + 1]]
      attributes[attribute] = value
      known |= value & mask
    }
    if (known === 0) {
      builder.add(start, 0, 0)
      return
    }
    const record = records.number(attributes)
    const addresses = distanceBetween(start, 0, end, 0, width)
    records.countAddresses(record, family, addresses)
    if (attributes[ATTRIBUTE.asn] !== 0) coverage.asn += addresses
    if (attributes[ATTRIBUTE.country] !== 0) coverage.country += addresses
    builder.add(start, 0, ((record << 8) | cutLength(cut)) >>> 0)
  })
  return { intervals: builder.finish(), coverage }
}
