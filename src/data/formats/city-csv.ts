// The city files of ip-location-db: ranges with a place.
//
//     start,end,country,state1,state2,city,postcode,latitude,longitude,timezone
//     1.0.0.0,1.0.0.255,AU,Queensland,,South Brisbane,,-27.4767,153.017,
//
// No header, RFC 4180, UTF-8; addresses as text or, in -num files, as numbers. The reader is strict, as that of
// the other range files: one row that can't be right, and the file is refused.

import type { Collector, DataFile } from '../collector.ts'
import { locationValue } from '../location-value.ts'
import { type CsvRow, CsvRows, fieldText, isUtf8Field } from './csv-rows.ts'
import { RangeAddresses } from './range-addresses.ts'
import { lenientText, readCountry } from './row-fields.ts'

const COLUMNS = 'start,end,country,state1,state2,city,postcode,latitude,longitude,timezone'
const FIELD = { country: 2, region: 3, city: 5, latitude: 7, longitude: 8 } as const
const FIELDS = COLUMNS.split(',').length

/** @throws {AsnzoneError} `ASNZONE_DATA` with file, line and reason when a row can't be right. */
export async function readCityCsv(file: DataFile, into: Collector): Promise<void> {
  const reader = new CityCsvReader(file.name, into)
  for await (const chunk of file.chunks) reader.push(chunk)
  reader.finish()
}

class CityCsvReader {
  readonly #csv: CsvRows
  readonly #into: Collector
  readonly #addresses = new RangeAddresses()

  constructor(file: string, into: Collector) {
    this.#into = into
    this.#csv = new CsvRows(file, (row) => this.#add(row))
  }

  push(chunk: Buffer): void {
    this.#csv.push(chunk)
  }

  finish(): void {
    this.#csv.end()
    const { rows, skipped } = this.#into
    if (rows[4] + rows[6] > 0) return
    throw this.#csv.error(1, skipped > 0 ? 'no row tells a place' : 'the file is empty; fetch it again')
  }

  #add(row: CsvRow): void {
    if (row.fields !== FIELDS) {
      throw this.#csv.error(row.line, `${row.fields} columns, not the ${FIELDS} of ${COLUMNS}`)
    }
    const reason = this.#addresses.read(row)
    if (reason !== null) throw this.#csv.error(row.line, reason)
    const country = this.#country(row)
    const into = this.#into
    const value = into.what === 'city' ? this.#place(row, country) : country
    if (value === 0) {
      into.skipped++
      return
    }
    const { family, start, end } = this.#addresses
    into.layer(into.what === 'city' ? 'location' : 'country', family).add(start, end, value)
    into.rows[family]++
  }

  #country(row: CsvRow): number {
    const field = FIELD.country
    const country = row.starts[field] === row.ends[field] ? 0 : readCountry(row, field)
    if (country >= 0) return country
    throw this.#csv.error(row.line, `'${lenientText(row, field)}' is not a two-letter country code`)
  }

  #place(row: CsvRow, country: number): number {
    return locationValue(this.#into.vocabulary.locations, {
      country,
      region: this.#name(row, FIELD.region),
      city: this.#name(row, FIELD.city),
      latitude: this.#degrees(row, FIELD.latitude, 90),
      longitude: this.#degrees(row, FIELD.longitude, 180),
    })
  }

  #name(row: CsvRow, field: number): string {
    if (isUtf8Field(row, field)) return fieldText(row, field)
    throw this.#csv.error(row.line, `column ${field + 1} is not UTF-8`)
  }

  #degrees(row: CsvRow, field: number, most: number): number | null {
    const text = fieldText(row, field)
    if (text === '') return null
    const degrees = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
    if (Math.abs(degrees) <= most) return degrees
    throw this.#csv.error(row.line, `'${lenientText(row, field)}' is not a number of degrees up to ${most}`)
  }
}
