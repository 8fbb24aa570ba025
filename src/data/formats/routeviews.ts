// The RouteViews zone file of origins (originas.bz2): a prefix a record, IPv4 only.
//
//     *.8.8.8      IN TXT "15169" "8.8.8.0" "24"
//     *.0.1        IN TXT "2519" "1.0.0.0" "15"      a prefix between two octets is written once an octet
//     *.1.1        IN TXT "2519" "1.0.0.0" "15"
//     *            IN TXT "4294967295" "0.0.0.0" "0"   not routed
//
// The owner names only say where a resolver finds the record; the three strings say all. A prefix that comes
// again with another AS has several origins. Prefixes overlap: the longest match is the answer.

import type { Collector, DataFile } from '../compile/collector.ts'
import { readIpv4, readNumber } from './reading/address-bytes.ts'
import type { CsvRow } from './reading/csv-rows.ts'
import { beginsWithSet, detailOfOrigins, readOrigins } from './reading/origins.ts'
import { OriginsByPrefix } from './reading/origins-by-prefix.ts'
import { PlainRows } from './reading/plain-rows.ts'
import { isTooShort, lastOfPrefix, lenientText } from './reading/row-fields.ts'

/** Fields of a line that is cut at its quotes: what stands before, then text and what separates in turn. */
const FIELD = { before: 0, asn: 1, address: 3, length: 5, after: 6 } as const
const FIELDS = 7

const SEMICOLON = 0x3b

/** @throws {AsnzoneError} `ASNZONE_DATA` with file, line and reason when a record can't be right. */
export async function readRouteviews(file: DataFile, into: Collector): Promise<void> {
  const prefixes = new OriginsByPrefix()
  const address = new Uint32Array(4)
  const end = new Uint32Array(4)
  const lines = new PlainRows(file.name, '"', into.limits.maxRows, (row) => {
    const wrong = (reason: string): Error => lines.error(row.line, reason)
    // Lines without text are comments, directives and records of the apex; a comment may quote something, too.
    if (row.fields === 1 || isComment(row, FIELD.before)) return
    if (row.fields !== FIELDS && !(row.fields > FIELDS && isComment(row, FIELD.after))) {
      into.skipped++
      return
    }
    const { bytes, starts, ends } = row
    const text = bytes.toString('latin1', starts[FIELD.asn], ends[FIELD.asn])
    const asns = readOrigins(text)
    if (asns === null) throw wrong(`'${lenientText(row, FIELD.asn)}' is not one AS number or more`)
    if (!readIpv4(bytes, starts[FIELD.address], ends[FIELD.address], address)) {
      throw wrong(`'${lenientText(row, FIELD.address)}' is not an IPv4 address`)
    }
    const length = readNumber(bytes, starts[FIELD.length], ends[FIELD.length], 32)
    if (length < 0) throw wrong(`'${lenientText(row, FIELD.length)}' is not a prefix length of IPv4`)
    if (!lastOfPrefix(address, length, 1, end)) {
      throw wrong(`'${lenientText(row, FIELD.address)}' has bits beyond a length of ${length}`)
    }
    if (asns.length === 0 || isTooShort(4, length)) into.skipped++
    else prefixes.note(address[0], length, asns, beginsWithSet(text))
  })
  await lines.read(file.chunks)
  if (prefixes.size === 0) throw lines.error(1, 'no record such as TXT "15169" "8.8.8.0" "24"')
  const rows = into.layer('asn', 4)
  prefixes.forEach((network, length, asns, isAsSet) => {
    address[0] = network
    lastOfPrefix(address, length, 1, end)
    rows.add(address, end, asns[0], detailOfOrigins(into, length, asns, isAsSet))
  })
  into.rows[4] += prefixes.size
}

/** Whether a comment begins in a field that is not quoted. */
function isComment({ bytes, starts, ends }: CsvRow, field: number): boolean {
  return bytes.subarray(starts[field], ends[field]).includes(SEMICOLON)
}
