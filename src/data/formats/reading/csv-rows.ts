// Cuts a stream of bytes into CSV rows and fields (RFC 4180) at some millions of rows per second.
//
// No strings are made: a field is a pair of offsets into the current chunk. Accepted are quoted fields with
// doubled quotes, line breaks inside quotes, LF or CRLF, a byte order mark, and a last row without a line break.

import { isUtf8 } from 'node:buffer'
import { AsnzoneError } from '../../../errors.ts'
import { tooMany } from '../../compile/limits.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const LF = 0x0a
const CR = 0x0d

/** A row longer than this is taken for a file of another kind. */
const MAX_ROW_OCTETS = 65536

/** The most fields in a row that are told apart; more are counted only. */
export const MAX_FIELDS = 64

/** The row that is being visited; one object, reused for every row. */
export interface CsvRow {
  /** The number of the row's first line in the file, from 1. */
  readonly line: number
  /** How many fields the row has. */
  readonly fields: number
  /** The chunk that the offsets point into. */
  readonly bytes: Buffer
  /** First octet of each field, without its quotes. */
  readonly starts: Int32Array
  /** The octet after each field, without its quotes. */
  readonly ends: Int32Array
  /** 1 where the field was quoted and holds doubled quotes. */
  readonly doubled: Uint8Array
}

/** A row to be filled. */
export function emptyRow(line: number): { -readonly [Key in keyof CsvRow]: CsvRow[Key] } {
  return {
    line,
    fields: 0,
    bytes: Buffer.alloc(0),
    starts: new Int32Array(MAX_FIELDS),
    ends: new Int32Array(MAX_FIELDS),
    doubled: new Uint8Array(MAX_FIELDS),
  }
}

/** An error of a data file that names a line of it. */
export function rowError(file: string, line: number, reason: string): AsnzoneError {
  return new AsnzoneError('ASNZONE_DATA', `${file}:${line}: ${reason}`)
}

/**
 * Visits a row.
 *
 * @throws {AsnzoneError} `ASNZONE_DATA` with file, line and limit when it is one too many, or brings too much.
 */
export function visitRow(file: string, row: CsvRow, maxRows: number, visit: (row: CsvRow) => void): void {
  try {
    if (row.line > maxRows) throw tooMany(maxRows, 'rows', 'max-rows')
    visit(row)
  } catch (error) {
    throw error instanceof RangeError ? rowError(file, row.line, error.message) : error
  }
}

/** Whether there are only blanks, tabs and ends of lines. */
export function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]
    if (byte !== 0x20 && byte !== 0x09 && byte !== LF && byte !== CR) return false
  }
  return true
}

/** Reads chunks of one file; `visit` sees each row while its bytes are valid. Blank lines are left out. */
export class CsvRows {
  readonly #file: string
  readonly #visit: (row: CsvRow) => void
  readonly #maxRows: number
  readonly #row = emptyRow(1)
  #rest: Buffer = Buffer.alloc(0)
  #started = false
  #nextLine = 1

  constructor(file: string, visit: (row: CsvRow) => void, maxRows = Number.POSITIVE_INFINITY) {
    this.#file = file
    this.#visit = visit
    this.#maxRows = maxRows
  }

  /** @throws {AsnzoneError} `ASNZONE_DATA` with file, line and reason when the quoting is broken. */
  push(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    let at = 0
    if (!this.#started) {
      if (bytes.length < 3) {
        this.#rest = bytes
        return
      }
      this.#started = true
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) at = 3
    }
    for (;;) {
      const next = this.#scan(bytes, at, false)
      if ((next < 0 ? bytes.length : next) - at > MAX_ROW_OCTETS) {
        throw this.error(this.#row.line, `a row of more than ${MAX_ROW_OCTETS} octets; is this a CSV file?`)
      }
      if (next < 0) break
      this.#take(at, next)
      at = next
    }
    this.#rest = Buffer.from(bytes.subarray(at))
  }

  /** Ends the file: a last row without a line break is visited now. */
  end(): void {
    for (let at = 0; at < this.#rest.length; ) {
      const next = this.#scan(this.#rest, at, true)
      this.#take(at, next)
      at = next
    }
  }

  /** Visits the row that was found, unless it is blank. */
  #take(start: number, end: number): void {
    const row = this.#row
    if (row.fields === 1 && isBlank(row.bytes, start, end)) return
    visitRow(this.#file, row, this.#maxRows, this.#visit)
  }

  /** An error that names the file and a line of it. */
  error(line: number, reason: string): AsnzoneError {
    return rowError(this.#file, line, reason)
  }

  /** Finds the row at `at`: the offset after it, or −1 when its end is not in `bytes` and there is more. */
  #scan(bytes: Buffer, at: number, last: boolean): number {
    const row = this.#row
    const { starts, ends, doubled } = row
    const length = bytes.length
    let fields = 0
    let lines = 1
    let i = at
    row.line = this.#nextLine
    for (;;) {
      let start = i
      let end = i
      let hasDoubled = 0
      if (i < length && bytes[i] === QUOTE) {
        start = ++i
        for (;;) {
          if (i >= length) {
            if (last) throw this.error(row.line, 'a quote is not closed')
            return -1
          }
          const byte = bytes[i]
          if (byte === LF) lines++
          if (byte !== QUOTE) i++
          else if (i + 1 < length && bytes[i + 1] === QUOTE) {
            hasDoubled = 1
            i += 2
          } else break
        }
        end = i++
        if (i >= length && !last) return -1
        if (i < length && bytes[i] === CR && bytes[i + 1] === LF) i++
        else if (i + 1 >= length && bytes[i] === CR) {
          if (!last) return -1
          i++
        }
        if (i < length && bytes[i] !== COMMA && bytes[i] !== LF) {
          throw this.error(row.line, 'text after a closing quote')
        }
      } else {
        while (i < length) {
          const byte = bytes[i]
          if (byte === COMMA || byte === LF) break
          if (byte === QUOTE) throw this.error(row.line, 'a quote inside an unquoted field')
          i++
        }
        if (i >= length && !last) return -1
        end = i
        if (end > start && bytes[end - 1] === CR && (i >= length || bytes[i] === LF)) end--
      }
      if (fields < MAX_FIELDS) {
        starts[fields] = start
        ends[fields] = end
        doubled[fields] = hasDoubled
      }
      fields++
      if (i >= length || bytes[i] === LF) break
      i++
    }
    row.fields = fields
    row.bytes = bytes
    this.#nextLine = row.line + lines
    return i < length ? i + 1 : length
  }
}

/** Whether a field is UTF-8. */
export function isUtf8Field(row: CsvRow, field: number): boolean {
  return isAsciiField(row, field) || isUtf8(row.bytes.subarray(row.starts[field], row.ends[field]))
}

/** The text of a field; octets that aren't UTF-8 become U+FFFD. */
export function fieldText(row: CsvRow, field: number): string {
  const encoding = isAsciiField(row, field) ? 'latin1' : 'utf8'
  const text = row.bytes.toString(encoding, row.starts[field], row.ends[field])
  return row.doubled[field] === 1 ? text.replaceAll('""', '"') : text
}

function isAsciiField(row: CsvRow, field: number): boolean {
  const { bytes } = row
  const end = row.ends[field]
  let high = 0
  for (let at = row.starts[field]; at < end; at++) high |= bytes[at]
  return high < 0x80
}
