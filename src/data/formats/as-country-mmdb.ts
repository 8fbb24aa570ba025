// ASes and countries in MaxMind DB files; mmdb-layouts.ts knows where they stand in a record.
//
// A network in the file is not an announced prefix, so neighbours that say the same are one range.

import { AsnzoneError } from '../../errors.ts'
import { copyAddress, subtractOne, widthOf } from '../../table/address-arithmetic.ts'
import type { Collector, DataFile } from '../compile/collector.ts'
import { readCityMmdb } from './city-mmdb.ts'
import { Mmdb } from './reading/mmdb.ts'
import type { MmdbRecord } from './reading/mmdb-decoder.ts'
import { asOfRecord, countryOfRecord, WANTED_AS, WANTED_COUNTRY } from './reading/mmdb-layouts.ts'
import { isOrigin } from './reading/row-fields.ts'

/** @throws {AsnzoneError} `ASNZONE_DATA` when the file is damaged or holds nothing of the kind. */
export async function readMmdb(file: DataFile, into: Collector): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of file.chunks) chunks.push(chunk)
  const mmdb = new Mmdb(file.name, Buffer.concat(chunks))
  chunks.length = 0
  into.date = mmdb.date
  if (into.dataset === 'city') {
    readCityMmdb(mmdb, into)
    return
  }
  readFamily(mmdb, 4, into)
  readFamily(mmdb, 6, into)
  if (into.rows[4] + into.rows[6] + into.named.size > 0) return
  const kind = into.dataset === 'country' ? 'country' : 'AS'
  throw new AsnzoneError('ASNZONE_DATA', `${file.name}: no ${kind} in it; '${mmdb.type}' is another database`)
}

function readFamily(mmdb: Mmdb, family: 4 | 6, into: Collector): void {
  const width = widthOf(family)
  const readValue = into.dataset === 'country' ? countryOfRecord : asnOf
  const wanted = into.dataset === 'country' ? WANTED_COUNTRY : WANTED_AS
  const layer = into.dataset === 'country' ? 'country' : 'asn'
  const start = new Uint32Array(width)
  const end = new Uint32Array(width)
  let current = 0
  /** Ends the range that began at `start`; its last address is in `end`. */
  const close = (): void => {
    if (current === 0 || into.dataset === 'names') return
    into.layer(layer, family).add(start, end, current)
    into.rows[family]++
  }
  const read = (record: MmdbRecord | null): number => (record === null ? 0 : readValue(record, into))
  mmdb.walkValues(family, into.limits, wanted, read, (address, value, isKnown) => {
    if (value === 0 && isKnown) into.skipped++
    if (value === current) return
    copyAddress(address, 0, end, 0, width)
    subtractOne(end, 0, width)
    close()
    copyAddress(address, 0, start, 0, width)
    current = value
  })
  end.fill(0xffffffff)
  close()
}

function asnOf(record: MmdbRecord, into: Collector): number {
  const { asn, name } = asOfRecord(record)
  if (!isOrigin(asn)) return 0
  if (into.wantsName(asn)) into.nameAs(asn, name)
  return asn
}
