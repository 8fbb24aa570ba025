// CAIDA's prefix-to-AS files, and pyasn's: announced prefixes with their origins, tab-separated.
//
//     1.0.0.0   24   13335
//     1.1.8.0   24   149511_138421     several origins, the most frequent first
//     2.0.0.0   16   64496,64497       an AS set
//     1.0.0.0/24   13335               pyasn's .dat, with comments that begin with ; or #
//
// Prefixes overlap as they do in the routing table: the longest match is the answer.

import { widthOf } from '../../table/address-arithmetic.ts'
import type { Collector, DataFile } from '../compile/collector.ts'
import { readAddress, readNumber } from './reading/address-bytes.ts'
import { beginsWithSet, detailOfOrigins, readOrigins } from './reading/origins.ts'
import { PlainRows } from './reading/plain-rows.ts'
import { isTooShort, lastOfPrefix, lenientText } from './reading/row-fields.ts'

const COLUMNS = 3

const SLASH = 0x2f
/** # and ; at the beginning of a line. */
const COMMENTS: readonly number[] = [0x23, 0x3b]

/** @throws {AsnzoneError} `ASNZONE_DATA` with file, line and reason when a row can't be right. */
export async function readPfx2as(file: DataFile, into: Collector): Promise<void> {
  const start = new Uint32Array(4)
  const end = new Uint32Array(4)
  const lines = new PlainRows(file.name, '\t', into.limits.maxRows, (row) => {
    const wrong = (reason: string): Error => lines.error(row.line, reason)
    const { bytes, starts, ends } = row
    if (COMMENTS.includes(bytes[starts[0]])) return
    // A network in one field is cut into two.
    const slash = row.fields === COLUMNS - 1 ? bytes.indexOf(SLASH, starts[0]) : -1
    const isOne = slash >= 0 && slash < ends[0]
    if (row.fields !== COLUMNS && !isOne) throw wrong(`${row.fields} columns, not prefix, length, origins`)
    const family = readAddress(bytes, starts[0], isOne ? slash : ends[0], start)
    if (family === 0) throw wrong(`'${lenientText(row, 0)}' is not an IP address`)
    const field = isOne ? 0 : 1
    const length = readNumber(bytes, isOne ? slash + 1 : starts[1], ends[field], family === 4 ? 32 : 128)
    if (length < 0) throw wrong(`'${lenientText(row, field)}' is not a prefix length of IPv${family}`)
    if (!lastOfPrefix(start, length, widthOf(family), end)) {
      throw wrong(`'${lenientText(row, 0)}' has bits beyond a length of ${length}`)
    }
    const origins = field + 1
    const text = bytes.toString('latin1', starts[origins], ends[origins])
    const asns = readOrigins(text)
    if (asns === null) throw wrong(`'${lenientText(row, origins)}' is not one AS number or more`)
    if (asns.length === 0 || isTooShort(family, length)) {
      into.skipped++
      return
    }
    into
      .layer('asn', family)
      .add(start, end, asns[0], detailOfOrigins(into, length, asns, beginsWithSet(text)))
    into.rows[family]++
  })
  await lines.read(file.chunks)
}
