// A range file read whole, in a form that a test can compare.

import { countryCode } from '../../src/data/countries.ts'
import { RangeFileReader, type RangeKind } from '../../src/data/formats/ip-location-db.ts'
import { AsnzoneError } from '../../src/errors.ts'
import { addressText, toBigint } from './bigint-address.ts'

/** Rows as text: first address, last address, value; and the names of ASes. */
export interface RangeFile {
  readonly rows: readonly string[]
  readonly names: Readonly<Record<number, string>>
}

/** What the file `file.csv` of these pieces holds, or the message of the error that refuses it. */
export function readRangeFile(kind: RangeKind, chunks: readonly Uint8Array[]): RangeFile | string {
  const names = new Map<number, string>()
  const reader = new RangeFileReader('file.csv', kind, names)
  try {
    for (const chunk of chunks) reader.push(Buffer.from(chunk))
    const { width, count, starts, ends, values } = reader.finish().finish()
    const address = (words: Uint32Array, row: number): string =>
      addressText(toBigint(words, row * width, width), width)
    const rows = Array.from({ length: count }, (_, row) => {
      const value = kind === 'asn' ? values[row] : countryCode(values[row])
      return `${address(starts, row)} ${address(ends, row)} ${value}`
    })
    return { rows, names: Object.fromEntries(names) }
  } catch (error) {
    if (!(error instanceof AsnzoneError) || error.code !== 'ASNZONE_DATA') throw error
    return error.message
  }
}

/** The same of a text. */
export const readRangeText = (kind: RangeKind, text: string): RangeFile | string =>
  readRangeFile(kind, [Buffer.from(text)])
