// ASes and countries in MaxMind DB files, in the two layouts that there are:
//
//     flat     {country_code}                                                            ip-location-db
//     nested   {country: {iso_code}, registered_country: {iso_code}}                     MaxMind, DB-IP
//     both     {autonomous_system_number, autonomous_system_organization}
//
// A network in the file is not an announced prefix, so neighbours that say the same are one range.

import { AsnzoneError } from '../../errors.ts'
import { copyWords, subtractOne, widthOf } from '../../table/words.ts'
import type { Collector, DataFile } from '../collector.ts'
import { knownCountry } from '../countries.ts'
import { readCityMmdb } from './city-mmdb.ts'
import { Mmdb } from './mmdb.ts'
import type { MmdbRecord } from './mmdb-decoder.ts'
import { isOrigin, MAX_ASN } from './row-fields.ts'

/** What is read of a record. */
const AS = { autonomous_system_number: {}, autonomous_system_organization: {} }
const COUNTRY = { country_code: {}, country: { iso_code: {} }, registered_country: { iso_code: {} } }

/** @throws {AsnzoneError} `ASNZONE_DATA` when the file is damaged or holds nothing of the kind. */
export async function readMmdb(file: DataFile, into: Collector): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of file.chunks) chunks.push(chunk)
  const mmdb = new Mmdb(file.name, Buffer.concat(chunks))
  chunks.length = 0
  into.date = mmdb.date
  if (into.what === 'city') {
    readCityMmdb(mmdb, into)
    return
  }
  readFamily(mmdb, 4, into)
  readFamily(mmdb, 6, into)
  if (into.rows[4] + into.rows[6] + into.named.size > 0) return
  const kind = into.what === 'country' ? 'country' : 'AS'
  throw new AsnzoneError('ASNZONE_DATA', `${file.name}: no ${kind} in it; '${mmdb.type}' is another database`)
}

function readFamily(mmdb: Mmdb, family: 4 | 6, into: Collector): void {
  const width = widthOf(family)
  const readValue = into.what === 'country' ? countryOf : asnOf
  const wanted = into.what === 'country' ? COUNTRY : AS
  const layer = into.what === 'country' ? 'country' : 'asn'
  const values = new Map<number, number>([[0, 0]])
  const start = new Uint32Array(width)
  const end = new Uint32Array(width)
  let current = 0
  /** Ends the range that began at `start`; its last address is in `end`. */
  const close = (): void => {
    if (current === 0 || into.what === 'names') return
    into.layer(layer, family).add(start, end, current)
    into.rows[family]++
  }
  mmdb.walk(family, (address, record) => {
    let value = values.get(record)
    if (value === undefined) {
      value = readValue(mmdb.record(record, address, wanted), into)
      values.set(record, value)
    }
    if (value === 0 && record !== 0) into.skipped++
    if (value === current) return
    copyWords(address, 0, end, 0, width)
    subtractOne(end, 0, width)
    close()
    copyWords(address, 0, start, 0, width)
    current = value
  })
  end.fill(0xffffffff)
  close()
}

function asnOf(record: MmdbRecord | null, into: Collector): number {
  const asn = record?.autonomous_system_number
  if (typeof asn !== 'number' || !(asn >= 1 && asn <= MAX_ASN && isOrigin(asn))) return 0
  const name = record?.autonomous_system_organization
  if (into.wantsName(asn)) into.nameAs(asn, typeof name === 'string' ? name : '')
  return asn
}

function countryOf(record: MmdbRecord | null): number {
  const code = record?.country_code ?? isoCode(record?.country) ?? isoCode(record?.registered_country)
  if (typeof code !== 'string' || !/^[A-Z]{2}$/i.test(code)) return 0
  return knownCountry(code.toUpperCase())
}

function isoCode(country: unknown): unknown {
  return typeof country === 'object' && country !== null ? (country as MmdbRecord).iso_code : undefined
}
