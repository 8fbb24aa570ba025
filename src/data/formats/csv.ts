// CSV files of many makers: networks or ranges, and what is said of them, in columns that csv-layout.ts finds.
//
// RFC 4180, UTF-8, with a header or without; lines that begin with # are comments. The reader is strict, as that
// of the other range files: one row that can't be right, and the file is refused.

import type { Collector, DataFile } from '../compile/collector.ts'
import { locationValue } from '../compile/location-value.ts'
import type { Geoname } from '../compile/value-tables.ts'
import { type CsvLayout, isGeonames, isHeader, layoutOfHeader, layoutOfRow } from './reading/csv-layout.ts'
import { type CsvRow, CsvRows, fieldText, isUtf8Field } from './reading/csv-rows.ts'
import { RangeAddresses } from './reading/range-addresses.ts'
import { isOrigin, lenientText, readAsn, readCountry } from './reading/row-fields.ts'

const HASH = 0x23

/** What stands for «unknown» besides nothing: IP2Location's and Tor's. */
const UNKNOWN: readonly string[] = ['-', '??']

/** @throws {AsnzoneError} `ASNZONE_DATA` with file, line and reason when a row can't be right. */
export async function readCsv(file: DataFile, into: Collector): Promise<void> {
  const reader = new CsvReader(file.name, into)
  for await (const chunk of file.chunks) reader.push(chunk)
  reader.finish()
}

class CsvReader {
  readonly #csv: CsvRows
  readonly #into: Collector
  #table: CsvTable | null = null

  constructor(file: string, into: Collector) {
    this.#into = into
    this.#csv = new CsvRows(file, (row) => this.#add(row), into.limits.maxRows)
  }

  push(chunk: Buffer): void {
    this.#csv.push(chunk)
  }

  finish(): void {
    this.#csv.end()
    if (this.#table === null) throw this.#csv.error(1, 'the file is empty; fetch it again')
    this.#table.finish()
  }

  #add(row: CsvRow): void {
    if (isComment(row)) return
    if (this.#table === null) {
      const isHead = isHeader(row)
      this.#table = tableOf(this.#csv, this.#into, row)
      if (isHead) return
    }
    this.#table.add(row)
  }
}

/** Whether a row is a comment. */
export function isComment(row: CsvRow): boolean {
  return row.bytes[row.starts[0]] === HASH && row.ends[0] > row.starts[0]
}

/** The table that begins with a row, which is its header or its first row. */
export function tableOf(csv: CsvRows, into: Collector, row: CsvRow): CsvTable {
  try {
    return new CsvTable(
      csv,
      into,
      isHeader(row) ? layoutOfHeader(row, into.dataset) : layoutOfRow(row, into.dataset),
    )
  } catch (cause) {
    throw csv.error(row.line, (cause as Error).message)
  }
}

/** The rows of a file after its header. */
export class CsvTable {
  readonly #csv: CsvRows
  readonly #into: Collector
  readonly #layout: CsvLayout
  readonly #addresses: RangeAddresses

  constructor(csv: CsvRows, into: Collector, layout: CsvLayout) {
    this.#csv = csv
    this.#into = into
    this.#layout = layout
    this.#addresses = new RangeAddresses(layout.start, layout.end)
  }

  /** @throws {AsnzoneError} `ASNZONE_DATA` with file, line and reason when a row can't be right. */
  add(row: CsvRow): void {
    const { columns } = this.#layout
    if (row.fields !== columns) {
      throw this.#csv.error(
        row.line,
        `${row.fields} ${row.fields === 1 ? 'column' : 'columns'}, not the ${columns} of the first row`,
      )
    }
    if (isGeonames(this.#layout)) {
      this.#notePlace(row)
      return
    }
    const reason = this.#addresses.read(row)
    if (reason !== null) throw this.#csv.error(row.line, reason)
    const value = this.#value(row)
    const into = this.#into
    if (value === 0) {
      into.skipped++
      return
    }
    if (into.dataset === 'names') return
    const { family, start, end } = this.#addresses
    const layer = into.dataset === 'city' ? 'location' : into.dataset === 'country' ? 'country' : 'asn'
    into.layer(layer, family).add(start, end, value)
    into.rows[family]++
  }

  /** @throws {AsnzoneError} `ASNZONE_DATA` when the file told nothing. */
  finish(): void {
    const { rows, named, geonames, skipped, dataset } = this.#into
    if (rows[4] + rows[6] + named.size + geonames > 0) return
    const attribute = dataset === 'city' ? 'a place' : dataset === 'country' ? 'a country' : 'an AS'
    throw this.#csv.error(1, skipped > 0 ? `no row tells ${attribute}` : 'the file is empty; fetch it again')
  }

  #value(row: CsvRow): number {
    switch (this.#into.dataset) {
      case 'country':
        return this.#country(row)
      case 'city':
        return this.#place(row)
      default:
        return this.#asn(row)
    }
  }

  #asn(row: CsvRow): number {
    const { asn: field, name } = this.#layout
    if (isUnknown(row, field)) return 0
    const asn = readAsn(row, field)
    if (asn < 0) throw this.#csv.error(row.line, `'${lenientText(row, field)}' is not an AS number`)
    if (!isOrigin(asn)) return 0
    if (name >= 0) {
      const text = this.#name(row, name)
      if (this.#into.wantsName(asn)) this.#into.nameAs(asn, text)
    }
    return asn
  }

  #country(row: CsvRow): number {
    const { country: field, geoname, registered } = this.#layout
    if (field < 0) return this.#geoname(row, geoname)?.country || this.#geoname(row, registered)?.country || 0
    const country = isUnknown(row, field) ? 0 : readCountry(row, field)
    if (country >= 0) return country
    throw this.#csv.error(row.line, `'${lenientText(row, field)}' is not a two-letter country code`)
  }

  #place(row: CsvRow): number {
    const { region, city, latitude, longitude, geoname } = this.#layout
    const known = this.#geoname(row, geoname)
    return locationValue(this.#into.valueTables.locations, {
      country: this.#country(row),
      region: known?.region ?? this.#name(row, region),
      city: known?.city ?? this.#name(row, city),
      latitude: this.#degrees(row, latitude, 90),
      longitude: this.#degrees(row, longitude, 180),
      isNameless: region < 0 && city < 0 && geoname < 0,
    })
  }

  /** A place that a file before this one named by GeoNames' number. */
  #geoname(row: CsvRow, field: number): Geoname | undefined {
    if (field < 0 || isUnknown(row, field)) return undefined
    const { geonames } = this.#into.valueTables
    if (geonames.size > 0) return geonames.get(this.#geonameId(row, field))
    const reason = 'it tells places by geoname_id; name the file of Locations before it in from'
    throw this.#csv.error(row.line, reason)
  }

  #geonameId(row: CsvRow, field: number): number {
    const id = Number(fieldText(row, field))
    if (Number.isSafeInteger(id) && id > 0) return id
    throw this.#csv.error(row.line, `'${lenientText(row, field)}' is not a geoname_id`)
  }

  #notePlace(row: CsvRow): void {
    const { geoname, region, city } = this.#layout
    const place = {
      country: this.#country(row),
      region: this.#name(row, region),
      city: this.#name(row, city),
    }
    this.#into.noteGeoname(this.#geonameId(row, geoname), place)
  }

  #name(row: CsvRow, field: number): string {
    if (field < 0 || isUnknown(row, field)) return ''
    if (isUtf8Field(row, field)) return fieldText(row, field)
    throw this.#csv.error(
      row.line,
      field === this.#layout.name ? 'the name is not UTF-8' : `column ${field + 1} is not UTF-8`,
    )
  }

  #degrees(row: CsvRow, field: number, max: number): number | null {
    const text = field < 0 ? '' : fieldText(row, field)
    if (text === '' || UNKNOWN.includes(text)) return null
    const degrees = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
    if (Math.abs(degrees) <= max) return degrees
    throw this.#csv.error(row.line, `'${lenientText(row, field)}' is not a number of degrees up to ${max}`)
  }
}

function isUnknown(row: CsvRow, field: number): boolean {
  const length = row.ends[field] - row.starts[field]
  return length === 0 || (length <= 2 && UNKNOWN.includes(fieldText(row, field)))
}
