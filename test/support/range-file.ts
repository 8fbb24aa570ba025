// A range file read whole, in a form that a test can compare.

import { Collector } from '../../src/data/compile/collector.ts'
import { ValueTables } from '../../src/data/compile/value-tables.ts'
import { countryCode } from '../../src/data/countries.ts'
import { RangeFileReader } from '../../src/data/formats/ip-location-db.ts'
import { AsnzoneError } from '../../src/errors.ts'
import { addressText, toBigint } from './bigint-address.ts'

/** Rows as text: first address, last address, value; and the names of ASes. */
export interface RangeFile {
  readonly rows: readonly string[]
  readonly names: Readonly<Record<number, string>>
}

/** What a range file is read for. */
export type RangeKind = 'asn' | 'country'

/** What the file `file.csv` of these pieces holds, IPv4 first, or the message of the error that refuses it. */
export function readRangeFile(kind: RangeKind, chunks: readonly Uint8Array[]): RangeFile | string {
  const valueTables = new ValueTables()
  const into = new Collector(kind, valueTables)
  const reader = new RangeFileReader('file.csv', into)
  try {
    for (const chunk of chunks) reader.push(Buffer.from(chunk))
    reader.finish()
  } catch (error) {
    if (!(error instanceof AsnzoneError) || error.code !== 'ASNZONE_DATA') throw error
    return error.message
  }
  const rows = ([4, 6] as const).flatMap((family) => {
    const { width, count, starts, ends, values } = into.layer(kind, family).finish()
    const address = (words: Uint32Array, row: number): string =>
      addressText(toBigint(words, row * width, width), width)
    return Array.from({ length: count }, (_, row) => {
      const value = kind === 'asn' ? values[row] : countryCode(values[row])
      return `${address(starts, row)} ${address(ends, row)} ${value}`
    })
  })
  return { rows, names: Object.fromEntries(valueTables.asNames) }
}

/** The same of a text. */
export const readRangeText = (kind: RangeKind, text: string): RangeFile | string =>
  readRangeFile(kind, [Buffer.from(text)])
