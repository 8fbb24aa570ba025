// CAIDA's prefix-to-AS files: announced prefixes with their origins, tab-separated.
//
//     1.0.0.0   24   13335
//     1.1.8.0   24   149511_138421     several origins, the most frequent first
//     2.0.0.0   16   64496,64497       an AS set
//
// Prefixes overlap as they do in the routing table: the longest match is the answer.

import { widthOf } from '../../table/words.ts'
import type { Collector, DataFile } from '../collector.ts'
import { readAddress, readNumber } from './address-bytes.ts'
import { detailOfOrigins, readOrigins } from './origins.ts'
import { PlainRows } from './plain-rows.ts'
import { isTooShort, lastOfPrefix, lenientText } from './row-fields.ts'

const FIELD = { address: 0, length: 1, origins: 2 } as const
const COLUMNS = 3

/** @throws {AsnzoneError} `ASNZONE_DATA` with file, line and reason when a row can't be right. */
export async function readPfx2as(file: DataFile, into: Collector): Promise<void> {
  const start = new Uint32Array(4)
  const end = new Uint32Array(4)
  const lines = new PlainRows(file.name, '\t', (row) => {
    const wrong = (reason: string): Error => lines.error(row.line, reason)
    const { bytes, starts, ends } = row
    if (row.fields !== COLUMNS) throw wrong(`${row.fields} columns, not prefix, length, origins`)
    const family = readAddress(bytes, starts[FIELD.address], ends[FIELD.address], start)
    if (family === 0) throw wrong(`'${lenientText(row, FIELD.address)}' is not an IP address`)
    const length = readNumber(bytes, starts[FIELD.length], ends[FIELD.length], family === 4 ? 32 : 128)
    if (length < 0) throw wrong(`'${lenientText(row, FIELD.length)}' is not a prefix length of IPv${family}`)
    if (!lastOfPrefix(start, length, widthOf(family), end)) {
      throw wrong(`'${lenientText(row, FIELD.address)}' has bits behind a length of ${length}`)
    }
    const asns = readOrigins(bytes.toString('latin1', starts[FIELD.origins], ends[FIELD.origins]))
    if (asns === null) throw wrong(`'${lenientText(row, FIELD.origins)}' is not one AS number or more`)
    if (asns.length === 0 || isTooShort(family, length)) {
      into.skipped++
      return
    }
    into.layer('asn', family).add(start, end, asns[0], detailOfOrigins(into, length, asns))
    into.rows[family]++
  })
  await lines.read(file.chunks)
}
