// The range files of ip-location-db: `start,end,asn,name` and `start,end,country`, as text or as numbers.
//
// No header, RFC 4180, UTF-8. The first row tells the family and whether addresses are text or numbers. The
// reader is strict: a file with one row that can't be right is refused, because a broken download is worse
// than yesterday's data.

import { compareWords } from '../../table/words.ts'
import { countryValue } from '../countries.ts'
import { sanitiseName } from '../names.ts'
import { RangesBuilder } from '../ranges.ts'
import { readIpv4, readIpv4Number, readIpv6, readIpv6Number, readNumber } from './address-bytes.ts'
import { type CsvRow, CsvRows, fieldText, isUtf8Field } from './csv-rows.ts'

const MAX_ASN = 4294967295

const COLON = 0x3a

type ReadAddress = (bytes: Uint8Array, start: number, end: number, out: Uint32Array) => boolean

/** What kind of rows a range file has. */
export type RangeKind = 'asn' | 'country'

const COLUMNS: Readonly<Record<RangeKind, string>> = {
  asn: 'start,end,asn,name',
  country: 'start,end,country',
}

/** Reads one range file, chunk by chunk. */
export class RangeFileReader {
  readonly #kind: RangeKind
  readonly #csv: CsvRows
  readonly #names: Map<number, string>
  readonly #start = new Uint32Array(4)
  readonly #end = new Uint32Array(4)
  #readAddress: ReadAddress = readIpv4
  #rows: RangesBuilder | null = null

  /**
   * @param file the file's name for error messages
   * @param names where the sanitised name of each AS goes; the first name that is met stays
   */
  constructor(file: string, kind: RangeKind, names: Map<number, string> = new Map()) {
    this.#kind = kind
    this.#names = names
    this.#csv = new CsvRows(file, (row) => this.#add(row))
  }

  /** @throws {AsnzoneError} `ASNZONE_DATA` with file, line and reason when a row can't be right. */
  push(chunk: Buffer): void {
    this.#csv.push(chunk)
  }

  /** The rows in file order. */
  finish(): RangesBuilder {
    this.#csv.end()
    if (this.#rows === null) throw this.#csv.error(1, 'the file is empty; fetch it again')
    return this.#rows
  }

  #add(row: CsvRow): void {
    const { bytes, starts, ends } = row
    const expected = this.#kind === 'asn' ? 4 : 3
    if (row.fields !== expected) {
      throw this.#csv.error(
        row.line,
        `${row.fields} ${row.fields === 1 ? 'column' : 'columns'}, not the ${expected} of ${COLUMNS[this.#kind]}`,
      )
    }
    const rows = this.#rows ?? this.#begin(row)
    if (!this.#readAddress(bytes, starts[0], ends[0], this.#start)) throw this.#badAddress(row, 0)
    if (!this.#readAddress(bytes, starts[1], ends[1], this.#end)) throw this.#badAddress(row, 1)
    if (compareWords(this.#start, 0, this.#end, 0, rows.width) > 0) {
      throw this.#csv.error(row.line, `start ${fieldText(row, 0)} is above end ${fieldText(row, 1)}`)
    }
    const value = this.#kind === 'asn' ? this.#readAs(row) : this.#readCountry(row)
    rows.add(this.#start, this.#end, value)
  }

  #begin(row: CsvRow): RangesBuilder {
    const { bytes, starts, ends } = row
    let family: 4 | 6 = 4
    if (bytes.subarray(starts[0], ends[0]).includes(COLON)) {
      family = 6
      this.#readAddress = readIpv6
    } else if (readIpv6Number(bytes, starts[0], ends[0], this.#start)) {
      if (!readIpv4Number(bytes, starts[1], ends[1], this.#end)) family = 6
      this.#readAddress = family === 4 ? readIpv4Number : readIpv6Number
    }
    this.#rows = new RangesBuilder(family)
    return this.#rows
  }

  #readAs(row: CsvRow): number {
    const asn = readNumber(row.bytes, row.starts[2], row.ends[2], MAX_ASN)
    if (asn < 1) {
      throw this.#csv.error(row.line, `'${lenientText(row, 2)}' is not an AS number from 1 to ${MAX_ASN}`)
    }
    if (!isUtf8Field(row, 3)) throw this.#csv.error(row.line, 'the name is not UTF-8')
    if (!this.#names.has(asn)) this.#names.set(asn, sanitiseName(fieldText(row, 3)))
    return asn
  }

  #readCountry(row: CsvRow): number {
    const { bytes, starts, ends } = row
    const at = starts[2]
    const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
    if (ends[2] - at !== 2 || !isLetter(bytes[at]) || !isLetter(bytes[at + 1])) {
      throw this.#csv.error(row.line, `'${lenientText(row, 2)}' is not a two-letter country code`)
    }
    return countryValue(String.fromCharCode(bytes[at] & 0xdf, bytes[at + 1] & 0xdf))
  }

  #badAddress(row: CsvRow, field: number): Error {
    const text = lenientText(row, field)
    const family = this.#rows?.family ?? 4
    const other: ReadonlyArray<ReadAddress> = [readIpv4, readIpv6, readIpv6Number]
    const out = new Uint32Array(4)
    const isAddress = other.some((read) => read(row.bytes, row.starts[field], row.ends[field], out))
    return this.#csv.error(
      row.line,
      isAddress
        ? `'${text}' in a file whose first row is ${this.#describe()}: one family and form a file`
        : `'${text}' is not an IPv${family} address`,
    )
  }

  #describe(): string {
    switch (this.#readAddress) {
      case readIpv4:
        return 'IPv4'
      case readIpv6:
        return 'IPv6'
      case readIpv4Number:
        return 'IPv4 as numbers'
      default:
        return 'IPv6 as numbers'
    }
  }
}

/** A field for an error message: printable and short, whatever it holds. */
function lenientText(row: CsvRow, field: number): string {
  const text = row.bytes.toString('latin1', row.starts[field], row.ends[field])
  const printable = text.replace(/[^\x20-\x7e]/g, '?')
  return printable.length > 60 ? `${printable.slice(0, 57)}...` : printable
}
