// Cuts a stream of bytes into lines, and lines into fields at one octet: no quoting, LF or CRLF, a byte order
// mark.

import type { AsnzoneError } from '../../../errors.ts'
import { type CsvRow, emptyRow, isBlank, MAX_FIELDS, rowError, visitRow } from './csv-rows.ts'

const BYTE_ORDER_MARK = Buffer.from('\ufeff')
const LF = 0x0a
const CR = 0x0d

/** A line longer than this is taken for a file of another kind. */
const MAX_LINE_OCTETS = 65536

/** Reads chunks of one file; `visit` sees each line while its bytes are valid. Blank lines are left out. */
export class PlainRows {
  readonly #file: string
  readonly #separator: number
  readonly #visit: (row: CsvRow) => void
  readonly #maxRows: number
  readonly #row = emptyRow(0)
  #rest: Buffer = Buffer.alloc(0)

  constructor(file: string, separator: string, maxRows: number, visit: (row: CsvRow) => void) {
    this.#file = file
    this.#separator = separator.charCodeAt(0)
    this.#visit = visit
    this.#maxRows = maxRows
  }

  /** Reads a whole file. @throws {AsnzoneError} `ASNZONE_DATA` with file, line and reason. */
  async read(chunks: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of chunks) this.#push(chunk)
    if (this.#rest.length > 0) this.#line(this.#rest, 0, this.#rest.length)
  }

  /** An error that names the file and a line of it. */
  error(line: number, reason: string): AsnzoneError {
    return rowError(this.#file, line, reason)
  }

  #push(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    let at = 0
    for (;;) {
      const end = bytes.indexOf(LF, at)
      if (end < 0) break
      this.#line(bytes, at, end)
      at = end + 1
    }
    if (bytes.length - at > MAX_LINE_OCTETS) {
      throw this.error(
        this.#row.line + 1,
        `a line of more than ${MAX_LINE_OCTETS} octets; is this a text file?`,
      )
    }
    this.#rest = Buffer.from(bytes.subarray(at))
  }

  #line(bytes: Buffer, start: number, lf: number): void {
    const row = this.#row
    const { starts, ends } = row
    const end = lf > start && bytes[lf - 1] === CR ? lf - 1 : lf
    row.line++
    let at = start
    if (row.line === 1 && bytes.subarray(start, start + 3).equals(BYTE_ORDER_MARK)) at += 3
    if (isBlank(bytes, at, end)) return
    row.bytes = bytes
    const separator = this.#separator
    let fields = 0
    let first = at
    // Not by indexOf: it would look for a separator in all that follows a line without one, line by line.
    for (; at <= end; at++) {
      if (at < end && bytes[at] !== separator) continue
      if (fields < MAX_FIELDS) {
        starts[fields] = first
        ends[fields] = at
      }
      fields++
      first = at + 1
    }
    row.fields = fields
    visitRow(this.#file, row, this.#maxRows, this.#visit)
  }
}
