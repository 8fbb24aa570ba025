// Reads every source, lays them over each other and builds the table: the preparing half from end to end.

import { AsnzoneError } from '../../errors.ts'
import { minuteOf } from '../../minute.ts'
import { Scorer } from '../../score/scorer.ts'
import { NO_WEIGHTS, type Weights } from '../../score/weights.ts'
import { collectGarbage } from '../../system/collect-garbage.ts'
import { distanceBetween, widthOf } from '../../table/address-arithmetic.ts'
import { buildTable, type LayerName, type TableInput } from '../../table/build/builder.ts'
import { byLength, flatten } from '../../table/build/flatten.ts'
import { emptyIntervalMap, type IntervalMap, overlay } from '../../table/interval-map.ts'
import type { RpkiCounts, SourceSummary } from '../../table/metadata.ts'
import type { Table } from '../../table/table.ts'
import { FORMATS, kindOf } from '../formats/formats.ts'
import { unpack } from '../formats/reading/unpack.ts'
import { dateOfData } from '../sources/age.ts'
import { credibleDate, doubtOf } from '../sources/date.ts'
import type { Source } from '../sources/sources.ts'
import { Collector } from './collector.ts'
import { readCountryPoints } from './country-points.ts'
import { describer } from './describe.ts'
import { type LearnedWeights, readLearned } from './learned.ts'
import { LIMITS, type Limits, tooMany } from './limits.ts'
import { coordinatesOf, type OriginPoint } from './origin-point.ts'
import { prefixLayers } from './prefix-weights.ts'
import { readRegistries } from './registries.ts'
import { REGISTRY_FILES, type RegistryFiles } from './registries-file.ts'
import { rpkiLayers } from './rpki-layers.ts'
import { ValueTables } from './value-tables.ts'
import { addressesOf, type SortedVrps } from './vrps.ts'

/** Told about each source and family when it has been read. */
export interface SourceReport extends SourceSummary {
  readonly outOfOrder: number
  readonly overlapping: number
  readonly merged: number
  /** Rows that say nothing or nothing credible; see the format. */
  readonly skipped: number
  /** A line about a date in the file that can't be right, with the first report of the file. */
  readonly doubt?: string | undefined
  /** Milliseconds to read and flatten the file. */
  readonly milliseconds: number
}

/** What distances are counted from, and what scores are made of. */
export interface ScoringSettings {
  /** Where distances are counted from; there are none when not given. */
  readonly originPoint?: OriginPoint | undefined
  /** What scores are the sum of; they are 0 when not given. */
  readonly weights?: Weights
  /** How what was learned counts; it is not looked at when not given. */
  readonly learned?: LearnedWeights | undefined
}

/** Settings of `loadTable`. */
export interface LoadOptions extends ScoringSettings, Partial<Limits> {
  /** Called once a source and family, in the order they are read. */
  readonly onSource?: (report: SourceReport) => void
  /** Others than the ones that are shipped with asnzone. */
  readonly registryFiles?: RegistryFiles
  /** Where what was learned lies, if something was. */
  readonly dataDirectory?: string
  /** Told of what is left out: what was learned, where its file is damaged. */
  readonly onWarning?: (message: string) => void
  /** Makes room where the rows of real files would take what the table needs; garbage is collected where it isn't told. */
  readonly release?: () => void
}

/** Values below are told apart by a bit each: nearly all AS numbers in use, and all countries. */
const DENSE = 2 ** 20

/** The layers of a table while sources are laid over each other. */
interface Layers {
  v4: Partial<Record<LayerName, IntervalMap>>
  v6: Partial<Record<LayerName, IntervalMap>>
  readonly ases: Partial<Record<'registry' | 'allocated', IntervalMap>>
  readonly named: Set<number>
  vrps: Record<4 | 6, SortedVrps[]>
}

/**
 * Builds a table from sources in order of precedence: what an earlier one says hides what a later one says of
 * the same addresses. Overrides come before all others, wherever they stand.
 *
 * @throws {AsnzoneError} `ASNZONE_DATA` when a file can't be read or holds a row that can't be right.
 */
export async function loadTable(sources: readonly Source[], options: LoadOptions = {}): Promise<Table> {
  const { onSource, registryFiles = REGISTRY_FILES } = options
  const limits: Limits = { ...LIMITS, ...options }
  const { originPoint, weights = NO_WEIGHTS } = options
  const valueTables = new ValueTables(await readCountryPoints())
  const layers: Layers = { v4: {}, v6: {}, ases: {}, named: new Set(), vrps: { 4: [], 6: [] } }
  const summaries: SourceSummary[] = []
  const isOverride = ({ dataset }: Source): boolean => dataset === 'override'
  for (const source of [...sources].sort((a, b) => Number(isOverride(b)) - Number(isOverride(a)))) {
    const started = performance.now()
    const collected = new Collector(source.dataset, valueTables, limits)
    const { name, path } = source
    const read = await FORMATS[source.format].reader()
    await read({ name, chunks: unpack(name, path, limits, kindOf(source.format)) }, collected)
    const reports = addSource(source, collected, layers)
    const milliseconds = Math.round(performance.now() - started)
    for (const report of reports) {
      summaries.push(summaryOf(report))
      onSource?.({ ...report, milliseconds })
    }
  }
  valueTables.allow(Number.POSITIVE_INFINITY)
  const registries = await readRegistries(registryFiles, valueTables.registries)
  addLayerBelow(layers.v4, 'registry', registries.v4)
  addLayerBelow(layers.v6, 'registry', registries.v6)
  addLayerBelow(layers.ases, 'registry', registries.ases)
  const prefixes = prefixLayers(weights.prefixes)
  const learned = readLearned(options)
  const rpki = validate(layers, valueTables)
  // ROAs make a third more records: what was needed for them goes before it is joined by what the table needs.
  const release = rpki === null ? (): void => {} : (options.release ?? collectGarbage)
  release()
  const locationLayersOf = (family: 4 | 6) => {
    const { location, country } = family === 4 ? layers.v4 : layers.v6
    const nothing = emptyIntervalMap(widthOf(family))
    return { location: location ?? nothing, country: country ?? nothing }
  }
  const giveUp = (family: 'v4' | 'v6'): Partial<Record<LayerName, IntervalMap>> => {
    const given = {
      ...layers[family],
      weight: prefixes[family],
      ...(learned !== null && { learned: learned.values.layers[family] }),
    }
    layers[family] = {}
    release()
    return given
  }
  return build({
    v4: () => giveUp('v4'),
    v6: () => giveUp('v6'),
    ases: { ...layers.ases, named: layers.named },
    describe: describer(valueTables, {
      originPoint:
        originPoint === undefined
          ? null
          : coordinatesOf(originPoint, locationLayersOf, valueTables.locations),
      scorer: new Scorer(weights),
      prefixes: weights.prefixes,
      learned: learned?.values ?? null,
    }),
    describeLocation: (location) => valueTables.locations.describe(location),
    metadata: {
      sources: summaries,
      date: dateOfData(summaries) ?? new Date().toISOString(),
      ...(rpki !== null && { rpki }),
      ...(learned !== null && { learned: learned.counts }),
    },
    onReleased: release,
  })
}

/** Turns ROAs into layers of what they say of prefixes, and tells of how many they say what; null where there are none. */
function validate(layers: Layers, valueTables: ValueTables): RpkiCounts | null {
  const rpki = rpkiLayers(
    layers.vrps,
    (family) => (family === 4 ? layers.v4.asn : layers.v6.asn),
    valueTables,
  )
  layers.vrps = { 4: [], 6: [] }
  if (rpki === null) return null
  layers.v4.rpki = rpki.v4
  layers.v6.rpki = rpki.v6
  return rpki.counts
}

/** What is too much for a table is the fault of the data. */
function build(input: TableInput): Table {
  try {
    return buildTable(input)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    const reason = `too much for a table: ${cause.message}; name fewer sources, or smaller ones`
    throw new AsnzoneError('ASNZONE_DATA', `all sources together are ${reason}`, { cause })
  }
}

type Report = Omit<SourceReport, 'milliseconds'>

/** Lays what a file told below what the sources before it told, and sums it up by family. */
function addSource(source: Source, collected: Collector, layers: Layers): Report[] {
  const { dataset, name, licence, attribution } = source
  const date = credibleDate(collected.date) ?? source.date
  const odd = collected.doubt === null ? undefined : `${name}: ${collected.doubt}`
  const doubt =
    doubtOf(
      name,
      collected.date,
      `${source.date === null ? 'an unknown date' : minuteOf(source.date)} counts`,
    ) ?? odd
  const of = { what: dataset, name, date, licence, attribution }
  if (dataset === 'override') for (const asn of collected.named) layers.named.add(asn)
  for (const [layer, rows] of collected.asLayers()) {
    addLayerBelow(layers.ases, layer, flatten(rows.finish()).intervals)
  }
  const reports = ([4, 6] as const).flatMap((family): Report[] => {
    const rows = collected.rows[family]
    if (rows === 0) return []
    const counts = { distinct: 0, addresses: 0, outOfOrder: 0, overlapping: 0, merged: 0 }
    const distinctOf = (values: Uint32Array): number => countDistinct(name, values, collected.limits)
    if (dataset === 'rpki') {
      const vrps = collected.vrps(family).sorted()
      layers.vrps[family].push(vrps)
      Object.assign(counts, {
        distinct: distinctOf(vrps.asns),
        addresses: addressesOf(vrps),
        merged: rows - vrps.count,
      })
    }
    const flat = collected.flatLayerOf(family)
    if (flat !== undefined) {
      const { layer, intervals } = flat
      addLayerBelow(family === 4 ? layers.v4 : layers.v6, layer, intervals)
      const merged = rows - intervals.count
      Object.assign(counts, {
        distinct: distinctOf(intervals.values),
        addresses: coverage(intervals),
        merged,
      })
    }
    for (const entry of collected.layersOf(family)) {
      const ranges = byLength(entry.rows.finish())
      const distinct = distinctOf(ranges.values)
      const { intervals, outOfOrder, overlapping, merged } = flatten(ranges)
      addLayerBelow(family === 4 ? layers.v4 : layers.v6, entry.layer, intervals)
      const addresses = coverage(intervals)
      // The layer that says most stands for the file.
      if (addresses < counts.addresses) continue
      Object.assign(counts, {
        distinct,
        addresses,
        outOfOrder,
        overlapping,
        merged,
      })
    }
    return [{ ...of, family, rows, ...counts, skipped: collected.skipped }]
  })
  if (reports.length > 0) return reports.map((report, i) => (i === 0 ? { ...report, doubt } : report))
  const names = collected.named.size + collected.geonames
  // Each format refuses an empty file as it reads it, if it can tell; what was meant is no data either way.
  if (names === 0 && dataset !== 'override') {
    throw new AsnzoneError('ASNZONE_DATA', `${name}: no row of it tells anything; fetch it again`)
  }
  const none = { addresses: 0, outOfOrder: 0, overlapping: 0, merged: 0 }
  return [{ ...of, family: null, rows: names, distinct: names, ...none, skipped: collected.skipped, doubt }]
}

function addLayerBelow<Name extends string>(
  layers: Partial<Record<Name, IntervalMap>>,
  layer: Name,
  intervals: IntervalMap,
): void {
  const above = layers[layer]
  layers[layer] = above === undefined ? intervals : overlay(above, intervals)
}

function summaryOf(report: Report): SourceSummary {
  const { what, name, family, rows, distinct, addresses, date, licence, attribution } = report
  return { what, name, family, rows, distinct, addresses, date, licence, attribution }
}

/** How many addresses a layer says something about. */
function coverage(intervals: IntervalMap): number {
  const { width, count, starts, values } = intervals
  const end = new Uint32Array(width)
  let addresses = 0
  for (let interval = 0; interval < count; interval++) {
    if (values[interval] === 0) continue
    const isLast = interval + 1 === count
    addresses += distanceBetween(
      starts,
      interval * width,
      isLast ? end : starts,
      isLast ? 0 : (interval + 1) * width,
      width,
    )
  }
  return addresses
}

/** How many different things are said; 0 is nothing. */
function countDistinct(file: string, values: Uint32Array, { maxNames }: Limits): number {
  let dense = 0
  const met = new Uint32Array(DENSE / 32)
  const others = new Set<number>()
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (value === 0) continue
    const bit = 1 << (value & 31)
    if (value >= DENSE) {
      others.add(value)
      if (others.size > maxNames) break
    } else if ((met[value >>> 5] & bit) === 0) {
      met[value >>> 5] |= bit
      dense++
    }
  }
  const distinct = dense + others.size
  if (distinct <= maxNames) return distinct
  const { message } = tooMany(maxNames, 'different values', 'max-names')
  throw new AsnzoneError('ASNZONE_DATA', `${file}: ${message}`)
}
