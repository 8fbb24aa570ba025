// Collects what one file tells: rows by layer and family, names of ASes, and the date inside the file.

import type { LayerName } from '../../table/build/builder.ts'
import { RangesBuilder } from '../../table/build/ranges.ts'
import type { IntervalMap } from '../../table/interval-map.ts'
import type { Dataset } from '../sources/dataset.ts'
import { LIMITS, type Limits, tooMany } from './limits.ts'
import { sanitiseName } from './names.ts'
import type { Geoname, ValueTables } from './value-tables.ts'
import { Vrps } from './vrps.ts'

/** How many ASes are remembered as asked for lately; a power of two. */
const RECENT = 1 << 14

/** The bytes of a file while it is read. */
export interface DataFile {
  /** The file's name for error messages. */
  readonly name: string
  /** Unpacked; a reader stops the file when it stops iterating. */
  readonly chunks: AsyncIterable<Buffer>
}

/** Reads one format: rows go into the collector, and what can't be right is an error of `ASNZONE_DATA`. */
export type ReadFormat = (file: DataFile, into: Collector) => Promise<void>

/** A layer that needs no flattening. */
export interface FlatLayer {
  readonly layer: LayerName
  readonly intervals: IntervalMap
}

/** What one file told. */
export class Collector {
  readonly dataset: Dataset
  readonly valueTables: ValueTables
  readonly limits: Limits
  /** Rows that were taken, by family. */
  readonly rows = { 4: 0, 6: 0 }
  /** Rows that say nothing or nothing credible, such as an unrouted range or a prefix shorter than any is. */
  skipped = 0
  /** Places that the file names by GeoNames' number, for the files after it. */
  geonames = 0
  /** The time of the data in ISO 8601, UTC, where the file tells it. */
  date: string | null = null
  /** What is odd about the file, and no fault; who knows its name adds that. */
  doubt: string | null = null
  /** The ASes that the file names. */
  readonly named = new Set<number>()
  readonly #layers = { 4: new Map<LayerName, RangesBuilder>(), 6: new Map<LayerName, RangesBuilder>() }
  /** An AS that was asked for lately, by its low bits: most rows are of such a one, and looking here is cheap. */
  readonly #recent = new Uint32Array(RECENT)
  readonly #flat = new Map<4 | 6, FlatLayer>()
  readonly #vrps = new Map<4 | 6, Vrps>()
  readonly #asLayers = new Map<'registry' | 'allocated', RangesBuilder>()

  constructor(dataset: Dataset, valueTables: ValueTables, limits: Limits = LIMITS) {
    this.dataset = dataset
    this.valueTables = valueTables
    this.limits = limits
    valueTables.allow(limits.maxNames)
  }

  /** Where rows of a layer and family go. */
  layer(layer: LayerName, family: 4 | 6): RangesBuilder {
    let rows = this.#layers[family].get(layer)
    if (rows === undefined) {
      rows = new RangesBuilder(family)
      this.#layers[family].set(layer, rows)
    }
    return rows
  }

  /** Takes the layer of a family whose rows the reader had in order and without overlaps. */
  lay(family: 4 | 6, flat: FlatLayer): void {
    this.#flat.set(family, flat)
  }

  /** Where rows about AS numbers go; the numbers are written as IPv4 addresses are. */
  asLayer(layer: 'registry' | 'allocated'): RangesBuilder {
    let rows = this.#asLayers.get(layer)
    if (rows === undefined) {
      rows = new RangesBuilder(4)
      this.#asLayers.set(layer, rows)
    }
    return rows
  }

  /**
   * Names an AS, unless a source before this one did. An empty name is none.
   *
   * @throws {RangeError} when the file has too many.
   */
  nameAs(asn: number, raw: string): void {
    const name = sanitiseName(raw)
    if (name === '') return
    this.named.add(asn)
    const { maxNames } = this.limits
    if (this.named.size > maxNames) throw tooMany(maxNames, 'ASes with names', 'max-names')
    const { asNames } = this.valueTables
    if (!asNames.has(asn)) asNames.set(asn, name)
  }

  /**
   * Notes a place that this file or another tells of addresses by its number.
   *
   * @throws {RangeError} when the file has too many.
   */
  noteGeoname(id: number, place: Geoname): void {
    const { maxNames } = this.limits
    if (++this.geonames > maxNames) throw tooMany(maxNames, 'places', 'max-names')
    this.valueTables.geonames.set(id, place)
  }

  /** Whether a row's name of an AS is still of use: reading it as text is what costs. */
  wantsName(asn: number): boolean {
    const slot = asn & (RECENT - 1)
    if (this.#recent[slot] === asn) return false
    this.#recent[slot] = asn
    return !this.named.has(asn)
  }

  /** Where validated ROA payloads go. */
  vrps(family: 4 | 6): Vrps {
    let vrps = this.#vrps.get(family)
    if (vrps === undefined) {
      vrps = new Vrps(family)
      this.#vrps.set(family, vrps)
    }
    return vrps
  }

  /** The layers of a family that got rows. */
  layersOf(family: 4 | 6): { layer: LayerName; rows: RangesBuilder }[] {
    return [...this.#layers[family]].flatMap(([layer, rows]) => (rows.count > 0 ? [{ layer, rows }] : []))
  }

  /** The layer of a family that came flat; undefined where there is none. */
  flatLayerOf(family: 4 | 6): FlatLayer | undefined {
    return this.#flat.get(family)
  }

  /** The layers over AS numbers that got rows. */
  asLayers(): ReadonlyMap<'registry' | 'allocated', RangesBuilder> {
    return this.#asLayers
  }
}
