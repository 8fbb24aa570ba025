// The statistics of the regional registries (delegated, delegated-extended) and of the NRO: who delegated which
// addresses and AS numbers, to which country and when.
//
//     2.3|apnic|20260929|190268||20260928|+1000                    version, registry, serial, …, last day
//     apnic|*|ipv4|*|61684|summary
//     apnic|AU|ipv4|1.0.0.0|256|20110811|assigned|A91872ED         IPv4: how many addresses, any number
//     apnic|JP|ipv6|2001:200::|35|19990813|allocated|A91A560A      IPv6: the prefix length
//     apnic|CN|asn|143674|3072|20210507|allocated|A9162E3D         AS: how many numbers
//     apnic||ipv4|27.0.8.0|1024||reserved|                         nobody's: no country, no date
//
// Only what is allocated or assigned counts. `#` begins a comment.

import { widthOf } from '../../table/address-arithmetic.ts'
import { MAX_ASN, MAX_OCTETS } from '../../table/layout.ts'
import type { Collector, DataFile } from '../compile/collector.ts'
import { readIpv4, readIpv6, readNumber } from './reading/address-bytes.ts'
import type { CsvRow } from './reading/csv-rows.ts'
import { PlainRows } from './reading/plain-rows.ts'
import { lastOfPrefix, lenientText, readCountry } from './reading/row-fields.ts'

const FIELD = { registry: 0, country: 1, type: 2, start: 3, value: 4, date: 5, status: 6 } as const
const DELEGATED = ['allocated', 'assigned']
const ADDRESSES = 2 ** 32

/** Answers have room for so many octets of a name. */
const REGISTRY = new RegExp(`^[a-z][\\w.-]{0,${MAX_OCTETS.registry - 1}}$`)

/** @throws {AsnzoneError} `ASNZONE_DATA` with file, line and reason when a line can't be right. */
export async function readRir(file: DataFile, into: Collector): Promise<void> {
  const start = new Uint32Array(4)
  const end = new Uint32Array(4)
  let records = 0
  const lines = new PlainRows(file.name, '|', into.limits.maxRows, (row) => {
    const wrong = (reason: string): Error => lines.error(row.line, reason)
    const text = (field: number): string => lenientText(row, field)
    if (text(0).startsWith('#')) return
    if (/^\d/.test(text(0))) {
      into.date ??= isoDate(readDate(row, 5) || readDate(row, 2))
      return
    }
    if (row.fields < 6) throw wrong(`${row.fields} columns, not registry, country, type, start, value, date`)
    if (text(row.fields - 1) === 'summary') return
    if (row.fields < 7) throw wrong('a record without a status')
    records++
    const type = text(FIELD.type).toLowerCase()
    if (!DELEGATED.includes(text(FIELD.status))) {
      into.skipped++
      return
    }
    const family = readBlock(row, type, start, end)
    if (family === 0) {
      throw wrong(
        `'${type} ${text(FIELD.start)} ${text(FIELD.value)}' is not a block of addresses or AS numbers`,
      )
    }
    const country = readCountry(row, FIELD.country)
    if (into.dataset === 'country') {
      if (type === 'asn' || country <= 0) {
        into.skipped++
        return
      }
      into.layer('country', family).add(start, end, country)
      into.rows[family]++
      return
    }
    const registry = text(FIELD.registry).toLowerCase()
    if (!REGISTRY.test(registry)) throw wrong(`'${registry}' is not a name of a registry`)
    const date = readDate(row, FIELD.date)
    const isAs = type === 'asn'
    const layer = (name: 'registry' | 'allocated') => (isAs ? into.asLayer(name) : into.layer(name, family))
    layer('registry').add(start, end, into.valueTables.registries.numberOf(registry))
    if (date !== 0) layer('allocated').add(start, end, date)
    if (!isAs) into.rows[family]++
  })
  await lines.read(file.chunks)
  if (records === 0) throw lines.error(1, 'no record such as arin|US|ipv4|8.8.8.0|256|20231228|allocated')
}

/** Reads first and last address, or AS number, of a record; 0 when they can't be. AS numbers are family 4. */
function readBlock(row: CsvRow, type: string, start: Uint32Array, end: Uint32Array): 0 | 4 | 6 {
  const { bytes, starts, ends } = row
  const number = (field: number, max: number): number => readNumber(bytes, starts[field], ends[field], max)
  switch (type) {
    case 'ipv4': {
      const count = number(FIELD.value, ADDRESSES)
      if (!readIpv4(bytes, starts[FIELD.start], ends[FIELD.start], start) || count < 1) return 0
      end[0] = start[0] + count - 1
      return start[0] + count <= ADDRESSES ? 4 : 0
    }
    case 'ipv6': {
      const length = number(FIELD.value, 128)
      if (!readIpv6(bytes, starts[FIELD.start], ends[FIELD.start], start) || length < 1) return 0
      return lastOfPrefix(start, length, widthOf(6), end) ? 6 : 0
    }
    case 'asn': {
      const first = number(FIELD.start, MAX_ASN)
      const count = number(FIELD.value, MAX_ASN)
      if (first < 0 || count < 1 || first + count - 1 > MAX_ASN) return 0
      start[0] = first
      end[0] = first + count - 1
      return 4
    }
    default:
      return 0
  }
}

/** A date YYYYMMDD as a number of these digits; 0 where it is empty, 00000000 or no date. */
function readDate(row: CsvRow, field: number): number {
  if (row.ends[field] - row.starts[field] !== 8 || field >= row.fields) return 0
  const date = readNumber(row.bytes, row.starts[field], row.ends[field], 99991231)
  const month = Math.floor(date / 100) % 100
  const day = date % 100
  return date > 19700101 && month >= 1 && month <= 12 && day >= 1 && day <= 31 ? date : 0
}

function isoDate(date: number): string | null {
  if (date === 0) return null
  const digits = String(date)
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}T00:00:00.000Z`
}
