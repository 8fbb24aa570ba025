// The files of iptoasn.com: ASes, countries and names in one, tab-separated and never quoted.
//
//     1.0.0.0   1.0.0.255   13335   US     CLOUDFLARENET
//     1.0.1.0   1.0.3.255   0       None   Not routed        a gap, written out
//
//     1.0.0.0   1.0.0.255   US                                ip2country: countries alone
//
// -v4, -v6 and -combined have addresses as text, -v4-u32 has them as numbers.

import { compareAddresses, widthOf } from '../../table/address-arithmetic.ts'
import type { Collector, DataFile } from '../compile/collector.ts'
import { readAddress, readIpv4Number } from './reading/address-bytes.ts'
import { type CsvRow, fieldText, isUtf8Field } from './reading/csv-rows.ts'
import { PlainRows } from './reading/plain-rows.ts'
import { isOrigin, lenientText, readAsn, readCountry } from './reading/row-fields.ts'

const FIELD = { start: 0, end: 1, asn: 2, country: 3, name: 4 } as const
const COLUMNS = 5
const COUNTRY_COLUMNS = 3

/** What stands for a country that isn't known. */
const NO_COUNTRY = ['None', '']

/** @throws {AsnzoneError} `ASNZONE_DATA` with file, line and reason when a row can't be right. */
export async function readIptoasn(file: DataFile, into: Collector): Promise<void> {
  const start = new Uint32Array(4)
  const end = new Uint32Array(4)
  const lines = new PlainRows(file.name, '\t', into.limits.maxRows, (row) => {
    const wrong = (reason: string): Error => lines.error(row.line, reason)
    const isCountries = row.fields === COUNTRY_COLUMNS && into.dataset === 'country'
    if (row.fields !== COLUMNS && !isCountries) {
      throw wrong(
        `${row.fields} ${row.fields === 1 ? 'column' : 'columns'}, not start, end, asn, country, name`,
      )
    }
    const family = readEither(row, FIELD.start, start)
    if (family === 0) throw wrong(`'${lenientText(row, FIELD.start)}' is not an IP address`)
    if (readEither(row, FIELD.end, end) !== family) {
      throw wrong(`'${lenientText(row, FIELD.end)}' is not an IPv${family} address`)
    }
    if (compareAddresses(start, 0, end, 0, widthOf(family)) > 0) {
      throw wrong(`start ${lenientText(row, FIELD.start)} is above end ${lenientText(row, FIELD.end)}`)
    }
    const value =
      into.dataset === 'country' ? countryOf(row, isCountries ? 2 : FIELD.country, wrong) : asnOf(row, wrong)
    if (value === 0) {
      into.skipped++
      return
    }
    if (into.dataset !== 'country' && into.wantsName(value)) into.nameAs(value, nameOf(row, wrong))
    if (into.dataset === 'names') return
    into.layer(into.dataset === 'country' ? 'country' : 'asn', family).add(start, end, value)
    into.rows[family]++
  })
  await lines.read(file.chunks)
}

function readEither(row: CsvRow, field: number, out: Uint32Array): 0 | 4 | 6 {
  const { bytes, starts, ends } = row
  const family = readAddress(bytes, starts[field], ends[field], out)
  if (family !== 0) return family
  return readIpv4Number(bytes, starts[field], ends[field], out) ? 4 : 0
}

function asnOf(row: CsvRow, wrong: (reason: string) => Error): number {
  const asn = readAsn(row, FIELD.asn)
  if (asn < 0) throw wrong(`'${lenientText(row, FIELD.asn)}' is not an AS number`)
  return isOrigin(asn) ? asn : 0
}

function countryOf(row: CsvRow, field: number, wrong: (reason: string) => Error): number {
  const country = readCountry(row, field)
  if (country >= 0) return country
  const text = lenientText(row, field)
  if (NO_COUNTRY.includes(text)) return 0
  throw wrong(`'${text}' is not a two-letter country code`)
}

function nameOf(row: CsvRow, wrong: (reason: string) => Error): string {
  if (!isUtf8Field(row, FIELD.name)) throw wrong('the name is not UTF-8')
  return fieldText(row, FIELD.name)
}
