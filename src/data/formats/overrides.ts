// What an administrator knows better: a CSV file with a header and any of the columns below.
//
//     cidr,asn,name,country,lat,lon
//     10.0.0.0/8,64512,our LAN,DE,,             private networks and private AS numbers are welcome
//     10.1.0.0/16,,branch office,,47.07,15.44   a name and a place for these addresses; their AS stays what it is
//     ,64513,our customer,,,                    a name for an AS, wherever it is
//
// Where rows nest the longest prefix wins, column by column; what a row leaves empty stays as it is. A line
// that begins with # is a comment.

import { Readable } from 'node:stream'
import { parse } from 'fast-csv'
import { AsnzoneError } from '../../errors.ts'
import type { LayerName } from '../../table/build/builder.ts'
import { parseOwnCidr } from '../../table/cidr-text.ts'
import { detailOf } from '../../table/interval-map.ts'
import type { Collector, DataFile } from '../compile/collector.ts'
import { tooMany } from '../compile/limits.ts'
import { sanitiseName } from '../compile/names.ts'
import { readAsNumber, readCountryCode } from '../compile/weight-fields.ts'
import { countryValue } from '../countries.ts'
import { handwritten } from './reading/handwritten.ts'

const COLUMNS = ['cidr', 'asn', 'name', 'country', 'lat', 'lon'] as const

/** What a row says, by column; '' where it says nothing. */
type Row = Readonly<Record<(typeof COLUMNS)[number], string>>

/** @throws {AsnzoneError} `ASNZONE_DATA` with file, line and reason when the header or a row is wrong. */
export async function readOverrides(file: DataFile, into: Collector): Promise<void> {
  let header: readonly string[] | null = null
  let line = 0
  const { maxRows } = into.limits
  try {
    // A pipe doesn't hand errors on.
    const bytes = Readable.from(handwritten(file.chunks))
    const rows = parse({ headers: false, trim: true })
    bytes.once('error', (error) => rows.destroy(error))
    for await (const fields of bytes.pipe(rows) as AsyncIterable<string[]>) {
      line++
      if (line > maxRows) throw tooMany(maxRows, 'rows', 'max-rows')
      if (fields.every((field) => field === '') || fields[0].startsWith('#')) continue
      if (header === null) header = checkHeader(fields)
      else take(rowOf(header, fields), into)
    }
  } catch (cause) {
    if (cause instanceof AsnzoneError) throw cause
    throw new AsnzoneError('ASNZONE_DATA', `${file.name}:${line}: ${(cause as Error).message}`, { cause })
  }
  if (header === null) {
    throw new AsnzoneError('ASNZONE_DATA', `${file.name}: empty; begin with a header such as cidr,asn,name`)
  }
}

function checkHeader(fields: readonly string[]): readonly string[] {
  const header = fields.map((field) => field.toLowerCase())
  for (const [i, column] of header.entries()) {
    if (!COLUMNS.some((known) => known === column)) {
      throw new Error(`'${column}' is not a column; known are ${COLUMNS.join(', ')}`)
    }
    if (header.indexOf(column) !== i) throw new Error(`the column ${column} is there twice`)
  }
  if (!header.includes('cidr') && !header.includes('asn')) throw new Error('a header needs cidr or asn')
  return header
}

function rowOf(header: readonly string[], fields: readonly string[]): Row {
  if (fields.length !== header.length) {
    throw new Error(`${fields.length} columns, and the header has ${header.length}`)
  }
  const field = (column: string): string => fields[header.indexOf(column)] ?? ''
  const [cidr, asn, name, country, lat, lon] = COLUMNS.map(field)
  return { cidr, asn, name, country, lat, lon }
}

function take(row: Row, into: Collector): void {
  const asn = row.asn === '' ? 0 : readAsNumber(row.asn)
  const country = row.country === '' ? 0 : countryValue(readCountryCode(row.country))
  const name = sanitiseName(row.name)
  const place = readPlace(row)
  if (asn !== 0 && name !== '') into.nameAs(asn, name)
  if (row.cidr === '') {
    if (asn === 0 || name === '' || country !== 0 || place !== null)
      throw new Error('without a cidr a row needs asn and name only')
    return
  }
  if (asn === 0 && country === 0 && name === '' && place === null) {
    throw new Error(`nothing is said of ${row.cidr}`)
  }
  const { family, length, start, end } = parseOwnCidr(row.cidr)
  const add = (layer: LayerName, value: number): void =>
    into.layer(layer, family).add(start, end, value, detailOf(length, 0))
  if (asn !== 0) add('asn', asn)
  if (country !== 0) add('country', country)
  // An AS without a name of its own here must not take that of the network around it.
  if (asn !== 0 || name !== '') add('label', into.valueTables.labels.numberOf(name))
  if (place !== null) {
    add('location', into.valueTables.locations.add('', '', country, place.latitude, place.longitude))
  }
  into.rows[family]++
}

/** The place of a row in degrees; null when it names none. */
function readPlace({ lat, lon }: Row): { latitude: number; longitude: number } | null {
  if (lat === '' && lon === '') return null
  if (lat === '' || lon === '') throw new Error('lat and lon go together')
  return { latitude: readDegrees(lat, 90), longitude: readDegrees(lon, 180) }
}

function readDegrees(text: string, max: number): number {
  const degrees = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (!(Math.abs(degrees) <= max)) throw new Error(`'${text}' is not a number of degrees up to ${max}`)
  return degrees
}
