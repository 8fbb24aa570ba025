// Cuts a stream of bytes into lines, and lines into fields at one octet: no quoting, LF or CRLF, a byte order
// mark.

import type { AsnzoneError } from '../../errors.ts'
import { type CsvRow, emptyRow, MAX_FIELDS, rowError } from './csv-rows.ts'

const BYTE_ORDER_MARK = Buffer.from('\ufeff')
const LF = 0x0a
const CR = 0x0d

/** A line longer than this is taken for a file of another kind. */
const MAX_LINE_OCTETS = 65536

/** Reads chunks of one file; `visit` sees each line while its bytes are valid. Empty lines are left out. */
export class PlainRows {
  readonly #file: string
  readonly #separator: number
  readonly #visit: (row: CsvRow) => void
  readonly #row = emptyRow(0)
  #rest: Buffer = Buffer.alloc(0)

  constructor(file: string, separator: string, visit: (row: CsvRow) => void) {
    this.#file = file
    this.#separator = separator.charCodeAt(0)
    this.#visit = visit
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
    if (end <= at) return
    row.bytes = bytes
    let fields = 0
    while (at <= end) {
      const next = bytes.indexOf(this.#separator, at)
      const stop = next < 0 || next > end ? end : next
      if (fields < MAX_FIELDS) {
        starts[fields] = at
        ends[fields] = stop
      }
      fields++
      at = stop + 1
    }
    row.fields = fields
    this.#visit(row)
  }
}
