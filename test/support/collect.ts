// Reads a small file of some format and shows what it told as lines that a test can compare.

import { Collector, type ReadFormat } from '../../src/data/compile/collector.ts'
import { ValueTables } from '../../src/data/compile/value-tables.ts'
import { countryCode } from '../../src/data/countries.ts'
import type { Dataset } from '../../src/data/sources/dataset.ts'
import { networkText } from '../../src/table/address-text.ts'
import type { LayerName } from '../../src/table/build/builder.ts'
import type { RangesBuilder } from '../../src/table/build/ranges.ts'
import { detailLength, detailSet } from '../../src/table/interval-map.ts'

/** What a file told. */
export interface Collected {
  /** By layer: `1.0.0.0-1.0.0.255 13335`, and behind it the real prefix length and the origins, if told. */
  readonly rows: Partial<Record<LayerName, readonly string[]>>
  /** The same over AS numbers. */
  readonly ases: Partial<Record<'registry' | 'allocated', readonly string[]>>
  readonly names: Readonly<Record<string, string>>
  /** How many ASes it names. */
  readonly namedCount: number
  readonly counts: Readonly<Record<4 | 6, number>>
  readonly skipped: number
  readonly date: string | null
}

const LAYERS: readonly LayerName[] = ['asn', 'country', 'registry', 'allocated', 'label', 'location']

/** Reads `contents` in chunks of `chunk` octets. */
export async function collect(
  read: ReadFormat,
  dataset: Dataset,
  contents: string | Buffer,
  chunk = 1 << 20,
): Promise<Collected> {
  const valueTables = new ValueTables()
  const into = new Collector(dataset, valueTables)
  await read({ name: 'file', chunks: chunksOf(Buffer.from(contents as string), chunk) }, into)
  const textOf = (layer: LayerName, value: number): string => {
    if (layer === 'country') return countryCode(value)
    if (layer === 'location') {
      const { country, latitude, longitude } = valueTables.locations.describe(value)
      return [country, latitude, longitude].join(' ').trim()
    }
    if (layer === 'registry') return valueTables.registries.text(value)
    return layer === 'label' ? `'${valueTables.labels.text(value)}'` : String(value)
  }
  const rows: Partial<Record<LayerName, string[]>> = {}
  for (const family of [4, 6] as const) {
    for (const entry of into.layersOf(family)) {
      const lines = linesOf(
        entry.rows,
        (value) => textOf(entry.layer, value),
        valueTables,
        (words) => networkText(words),
      )
      rows[entry.layer] = [...(rows[entry.layer] ?? []), ...lines]
    }
  }
  const ases: Partial<Record<'registry' | 'allocated', string[]>> = {}
  for (const [layer, builder] of into.asLayers()) {
    ases[layer] = linesOf(
      builder,
      (value) => textOf(layer, value),
      valueTables,
      ([asn]) => `AS${asn}`,
    )
  }
  return {
    rows: Object.fromEntries(LAYERS.filter((name) => rows[name]).map((name) => [name, rows[name]])),
    ases,
    names: Object.fromEntries([...valueTables.asNames].map(([asn, name]) => [`AS${asn}`, name])),
    namedCount: into.named.size,
    counts: { ...into.rows },
    skipped: into.skipped,
    date: into.date,
  }
}

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

function linesOf(
  rows: RangesBuilder,
  textOf: (value: number) => string,
  valueTables: ValueTables,
  address: (words: Uint32Array) => string,
): string[] {
  const { width, count, starts, ends, values, details } = rows.finish()
  return Array.from({ length: count }, (_, row) => {
    const at = (words: Uint32Array): string => address(words.subarray(row * width, (row + 1) * width))
    const length = detailLength(details?.[row] ?? 0)
    const origins = valueTables.origins.text(detailSet(details?.[row] ?? 0))
    const detail = `${length === 0 ? '' : ` /${length}`}${origins === '' ? '' : ` [${origins}]`}`
    return `${at(starts)}-${at(ends)} ${textOf(values[row])}${detail}`
  })
}
