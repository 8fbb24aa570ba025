// The files of ip-location-db: ASes and countries by range or by CIDR.
//
//     1.0.0.0,1.0.0.255,13335,"Cloudflare, Inc."    range; addresses as text or, in -num files, as numbers
//     1.0.0.0/24,13335,"Cloudflare, Inc."           -cidr: ranges cut into CIDRs, not announced prefixes
//     1.0.0.0,1.0.0.255,AU    1.0.0.0/24,AU         country
//
// RFC 4180, UTF-8. The first row tells the form; a header makes it a file for csv.ts. A file of text may hold both families, a file of
// numbers holds one. The reader is strict: a file with one row that can't be right is refused, because a
// broken download is worse than yesterday's data.

import { compareAddresses, widthOf } from '../../table/address-arithmetic.ts'
import type { RangesBuilder } from '../../table/build/ranges.ts'
import { MAX_ASN } from '../../table/layout.ts'
import type { Collector, DataFile } from '../compile/collector.ts'
import { type CsvTable, isComment, tableOf } from './csv.ts'
import { readAddress, readIpv4Number, readIpv6Number } from './reading/address-bytes.ts'
import { isHeader } from './reading/csv-layout.ts'
import { type CsvRow, CsvRows, fieldText, isUtf8Field } from './reading/csv-rows.ts'
import { isOrigin, lenientText, notAPrefix, readAsn, readCountry, readPrefix } from './reading/row-fields.ts'

const SLASH = 0x2f

/** Reads one field as an address and returns its family, 0 when it is none. */
type ReadAddress = (bytes: Uint8Array, start: number, end: number, out: Uint32Array) => 0 | 4 | 6

/** How the rows of a file give their addresses. */
interface Form {
  readonly name: string
  /** Columns before those that say something. */
  readonly addressColumns: 1 | 2
  readonly read: ReadAddress
}

const CIDR: Form = { name: 'CIDRs', addressColumns: 1, read: readAddress }
const TEXT: Form = { name: 'addresses as text', addressColumns: 2, read: readAddress }
const NUMBER4: Form = {
  name: 'IPv4 as numbers',
  addressColumns: 2,
  read: (bytes, start, end, out) => (readIpv4Number(bytes, start, end, out) ? 4 : 0),
}
const NUMBER6: Form = {
  name: 'IPv6 as numbers',
  addressColumns: 2,
  read: (bytes, start, end, out) => (readIpv6Number(bytes, start, end, out) ? 6 : 0),
}

/** @throws {AsnzoneError} `ASNZONE_DATA` with file, line and reason when a row can't be right. */
export async function readIpLocationDb(file: DataFile, into: Collector): Promise<void> {
  const reader = new RangeFileReader(file.name, into)
  for await (const chunk of file.chunks) reader.push(chunk)
  reader.finish()
}

/** Reads one file, chunk by chunk. */
export class RangeFileReader {
  readonly #csv: CsvRows
  readonly #into: Collector
  /** The columns after the addresses: AS number and name, or a country. */
  readonly #attributeColumns: 1 | 2
  readonly #start = new Uint32Array(4)
  readonly #end = new Uint32Array(4)
  #form: Form | null = null
  /** Reads the rows of a file whose header tells that it is another one. */
  #table: CsvTable | null = null

  constructor(file: string, into: Collector) {
    this.#into = into
    this.#attributeColumns = into.dataset === 'country' ? 1 : 2
    this.#csv = new CsvRows(file, (row) => this.#add(row), into.limits.maxRows)
  }

  /** @throws {AsnzoneError} `ASNZONE_DATA` with file, line and reason when a row can't be right. */
  push(chunk: Buffer): void {
    this.#csv.push(chunk)
  }

  finish(): void {
    this.#csv.end()
    this.#table?.finish()
    if (this.#form === null && this.#table === null)
      throw this.#csv.error(1, 'the file is empty; fetch it again')
  }

  #add(row: CsvRow): void {
    if (this.#table !== null) {
      this.#table.add(row)
      return
    }
    if (this.#form === null) {
      if (isComment(row)) return
      if (isHeader(row)) {
        this.#table = tableOf(this.#csv, this.#into, row)
        return
      }
      this.#form = this.#formOf(row)
    }
    const form = this.#form
    const columns = form.addressColumns + this.#attributeColumns
    if (row.fields !== columns) throw this.#wrongColumns(row)
    const family = form === CIDR ? this.#readCidr(row) : this.#readRange(row, form)
    const into = this.#into
    if (into.dataset === 'country') {
      const country = readCountry(row, form.addressColumns)
      if (country < 0) {
        const text = lenientText(row, form.addressColumns)
        throw this.#csv.error(row.line, `'${text}' is not a two-letter country code`)
      }
      if (country === 0) into.skipped++
      else this.#take(into.layer('country', family), country)
      return
    }
    const asn = readAsn(row, form.addressColumns)
    if (asn < 0) {
      const text = lenientText(row, form.addressColumns)
      throw this.#csv.error(row.line, `'${text}' is not an AS number from 1 to ${MAX_ASN}`)
    }
    if (!isOrigin(asn)) {
      into.skipped++
      return
    }
    const name = form.addressColumns + 1
    if (!isUtf8Field(row, name)) throw this.#csv.error(row.line, 'the name is not UTF-8')
    if (into.wantsName(asn)) into.nameAs(asn, fieldText(row, name))
    if (into.dataset === 'asn') this.#take(into.layer('asn', family), asn)
  }

  #take(rows: RangesBuilder, value: number): void {
    rows.add(this.#start, this.#end, value)
    this.#into.rows[rows.family]++
  }

  #formOf(row: CsvRow): Form {
    const { bytes, starts, ends } = row
    const isCidr = bytes.subarray(starts[0], ends[0]).includes(SLASH)
    if (row.fields === 1 + this.#attributeColumns && isCidr) return CIDR
    if (row.fields !== 2 + this.#attributeColumns) throw this.#wrongColumns(row)
    if (!readIpv6Number(bytes, starts[0], ends[0], this.#start)) return TEXT
    return readIpv4Number(bytes, starts[1], ends[1], this.#end) ? NUMBER4 : NUMBER6
  }

  #readRange(row: CsvRow, form: Form): 4 | 6 {
    const { bytes, starts, ends } = row
    const family = form.read(bytes, starts[0], ends[0], this.#start)
    if (family === 0) throw this.#badAddress(row, 0, form)
    const endFamily = form.read(bytes, starts[1], ends[1], this.#end)
    if (endFamily === 0) throw this.#badAddress(row, 1, form)
    if (endFamily !== family) {
      throw this.#csv.error(row.line, 'start and end are of different families')
    }
    if (compareAddresses(this.#start, 0, this.#end, 0, widthOf(family)) > 0) {
      throw this.#csv.error(row.line, `start ${fieldText(row, 0)} is above end ${fieldText(row, 1)}`)
    }
    return family
  }

  #readCidr(row: CsvRow): 4 | 6 {
    const family = readPrefix(row, 0, this.#start, this.#end)
    if (family === 0) throw this.#csv.error(row.line, notAPrefix(row, 0))
    return family
  }

  #wrongColumns(row: CsvRow): Error {
    const { addressColumns } = this.#form ?? TEXT
    const expected = `${addressColumns === 1 ? 'cidr' : 'start,end'},${this.#attributeColumns === 1 ? 'country' : 'asn,name'}`
    const columns = `${row.fields} ${row.fields === 1 ? 'column' : 'columns'}`
    return this.#csv.error(
      row.line,
      `${columns}, not the ${addressColumns + this.#attributeColumns} of ${expected}`,
    )
  }

  #badAddress(row: CsvRow, field: number, form: Form): Error {
    const text = lenientText(row, field)
    const out = new Uint32Array(4)
    const { bytes, starts, ends } = row
    const isOther =
      readAddress(bytes, starts[field], ends[field], out) !== 0 ||
      readIpv6Number(bytes, starts[field], ends[field], out)
    const family = text.includes(':') || form === NUMBER6 ? 6 : 4
    return this.#csv.error(
      row.line,
      isOther
        ? `'${text}' in a file whose first row has ${form.name}: one form a file`
        : `'${text}' is not an IPv${family} address`,
    )
  }
}
