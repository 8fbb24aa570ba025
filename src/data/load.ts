// Reads every source, flattens it and builds the table: the preparing half from end to end.

import { createReadStream } from 'node:fs'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { AsnzoneError } from '../errors.ts'
import { buildTable } from '../table/builder.ts'
import { type Flattened, flatten } from '../table/flatten.ts'
import type { Country, Describe } from '../table/records.ts'
import { emptySteps, type Steps } from '../table/steps.ts'
import type { SourceSummary, Table } from '../table/table.ts'
import { widthOf } from '../table/words.ts'
import { countryCode, countryNumber } from './countries.ts'
import { RangeFileReader } from './formats/ip-location-db.ts'
import { readRegistries } from './registries.ts'
import { REGISTRIES_FILE } from './registries-file.ts'
import type { Source } from './sources.ts'

/** Told about each source when it has been read. */
export interface SourceReport extends SourceSummary {
  readonly outOfOrder: number
  readonly overlapping: number
  readonly merged: number
  /** Milliseconds to read and flatten. */
  readonly milliseconds: number
}

/** Settings of `loadTable`. */
export interface LoadOptions {
  /** Called once a source, in the order they are read. */
  readonly onSource?: (report: SourceReport) => void
  /** Another file than the one that is shipped with asnzone. */
  readonly registriesFile?: string
}

/**
 * Builds a table from sources. For one kind and family there may be one source.
 *
 * @throws {AsnzoneError} `ASNZONE_DATA` when a file can't be read or holds a row that can't be right.
 */
export async function loadTable(sources: readonly Source[], options: LoadOptions = {}): Promise<Table> {
  const { onSource, registriesFile = REGISTRIES_FILE } = options
  const names = new Map<number, string>()
  const summaries: SourceSummary[] = []
  const layers = new Map<string, Steps>()
  for (const source of sources) {
    const started = performance.now()
    const { flattened, family, rows, distinct } = await readSource(source, names)
    const { what, name, date, licence, attribution } = source
    const layer = `${what} ${family}`
    if (layers.has(layer)) {
      throw new AsnzoneError('ASNZONE_DATA', `${name}: a second ${what} source for IPv${family}; keep one`)
    }
    layers.set(layer, flattened.steps)
    const summary: SourceSummary = { what, name, family, rows, distinct, date, licence, attribution }
    summaries.push(summary)
    const { outOfOrder, overlapping, merged } = flattened
    const milliseconds = Math.round(performance.now() - started)
    onSource?.({ ...summary, outOfOrder, overlapping, merged, milliseconds })
  }
  const registries = await readRegistries(registriesFile)
  const familyLayers = (family: 4 | 6) => ({
    asn: layers.get(`asn ${family}`) ?? emptySteps(widthOf(family)),
    country: layers.get(`country ${family}`) ?? emptySteps(widthOf(family)),
    registry: family === 4 ? registries.v4 : registries.v6,
  })
  const dates = summaries.flatMap(({ date }) => (date === null ? [] : [date])).sort()
  return buildTable({
    v4: familyLayers(4),
    v6: familyLayers(6),
    describe: describer(names, registries.names),
    metadata: { sources: summaries, date: dates.at(-1) ?? new Date().toISOString() },
  })
}

/** Turns the numbers of the layers into text. */
function describer(names: ReadonlyMap<number, string>, registries: readonly string[]): Describe {
  const countries = new Map<number, Country>()
  const countryOf = (value: number): Country => {
    const known = countries.get(value)
    if (known !== undefined) return known
    const code = countryCode(value)
    const country = { code, number: countryNumber(code) }
    countries.set(value, country)
    return country
  }
  return (facts) => {
    const [asn, country, registry] = facts
    return {
      ...(asn !== 0 && { asn: String(asn), name: names.get(asn) ?? '' }),
      ...(country !== 0 && { country: countryOf(country) }),
      ...(registry !== 0 && { registry: registries[registry - 1] }),
      score: '0',
    }
  }
}

interface SourceRows {
  readonly flattened: Flattened
  readonly family: 4 | 6
  readonly rows: number
  readonly distinct: number
}

async function readSource(source: Source, names: Map<number, string>): Promise<SourceRows> {
  const reader = new RangeFileReader(source.name, source.what, names)
  // Not an async iteration: what it throws behind gunzip comes out of the pipeline as «aborted».
  const readRows = new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        reader.push(chunk)
        done()
      } catch (error) {
        done(error as Error)
      }
    },
  })
  const file = createReadStream(source.path, { highWaterMark: 1 << 20 })
  try {
    if (source.path.endsWith('.gz')) await pipeline(file, createGunzip({ chunkSize: 1 << 20 }), readRows)
    else await pipeline(file, readRows)
  } catch (cause) {
    if (cause instanceof AsnzoneError) throw cause
    throw new AsnzoneError('ASNZONE_DATA', `${source.path}: ${(cause as Error).message}`, { cause })
  }
  const rows = reader.finish()
  const ranges = rows.finish()
  return {
    flattened: flatten(ranges),
    family: rows.family,
    rows: ranges.count,
    distinct: countDistinct(ranges.values),
  }
}

function countDistinct(values: Uint32Array): number {
  const sorted = values.slice().sort()
  let distinct = 0
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) distinct++
  return distinct
}
