// Validated ROA payloads as CSV, as rpki-client, Routinator and others write them.
//
//     ASN,IP Prefix,Max Length,Trust Anchor
//     AS13335,1.1.1.0/24,24,apnic
//     ASN,IP Prefix,Max Length,Trust Anchor,Expires      rpki-client's header
//     13335,1.1.1.0/24,24,apnic,1795000000               seconds since 1970
//
// The header says which column is which; others than these are left out.

import type { Collector, DataFile } from '../compile/collector.ts'
import { type CsvRow, CsvRows, fieldText } from './reading/csv-rows.ts'
import { VrpFields } from './reading/vrp-fields.ts'

const LF = 0x0a

/** The columns that are read, by their names in small letters. */
interface Columns {
  readonly count: number
  readonly asn: number
  readonly prefix: number
  readonly maxLength: number
  /** −1 where there is none. */
  readonly expires: number
}

/** @throws {AsnzoneError} `ASNZONE_DATA` with file, line and reason when a row can't be right. */
export async function readVrpCsv(file: DataFile, into: Collector): Promise<void> {
  const fields = new VrpFields()
  const now = Date.now() / 1000
  const read: { columns: Columns | null; line: number } = { columns: null, line: 1 }
  const csv = new CsvRows(
    file.name,
    (row) => {
      read.line = row.line
      if (read.columns === null) {
        read.columns = columnsOf(row)
        if (read.columns === null) throw csv.error(row.line, HEADER)
        return
      }
      const reason = rowReason(row, read.columns, fields) ?? fields.take(into, now)
      if (reason !== null) throw csv.error(row.line, reason)
    },
    into.limits.maxRows,
  )
  let last = LF
  for await (const chunk of file.chunks) {
    csv.push(chunk)
    last = chunk[chunk.length - 1] ?? last
  }
  csv.end()
  if (last !== LF) throw csv.error(read.line, `the last line has no end: ${CUT}`)
  const reason = read.columns === null ? HEADER : fields.finish(into)
  if (reason !== null) throw csv.error(read.line, reason)
}

const HEADER =
  'the first line has to name the columns ASN, IP Prefix and Max Length; have the validator write the file with its header'

const CUT = 'the file was cut off; fetch it again, or have the validator write it again'

/** Null when the row is no header. */
function columnsOf(row: CsvRow): Columns | null {
  const names = Array.from({ length: row.fields }, (_, field) => fieldText(row, field).trim().toLowerCase())
  const columns = {
    count: row.fields,
    asn: names.indexOf('asn'),
    prefix: names.indexOf('ip prefix'),
    maxLength: names.indexOf('max length'),
    expires: names.indexOf('expires'),
  }
  return Math.min(columns.asn, columns.prefix, columns.maxLength) < 0 ? null : columns
}

/** Reads a row; the reason why it can't be right, null otherwise. */
function rowReason(row: CsvRow, columns: Columns, fields: VrpFields): string | null {
  const { bytes, starts, ends } = row
  const { count, asn, prefix, maxLength, expires } = columns
  if (row.fields !== count) return `${row.fields} columns, not the ${count} of the header: ${CUT}`
  fields.clear()
  return (
    fields.readAsn(bytes, starts[asn], ends[asn]) ??
    fields.readPrefix(bytes, starts[prefix], ends[prefix]) ??
    fields.readMaxLength(bytes, starts[maxLength], ends[maxLength]) ??
    (expires < 0 ? null : fields.readExpires(bytes, starts[expires], ends[expires]))
  )
}
