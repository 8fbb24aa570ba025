// A CSV file in memory, once however many read it: in few large blocks, which go back to the system when the last
// reader has gone.

import { setImmediate } from 'node:timers/promises'
import { csvLine } from '../export/csv-line.ts'

/** Octets of a block. The system gets blocks of this size back at once when they are freed. */
const BLOCK_OCTETS = 4 << 20

/** How many rows are written before whatever else waits has its turn: a few milliseconds' work. */
const TURN_ROWS = 500

/** Octets that are handed to a connection at a time; what it doesn't take is kept for it. */
const CHUNK_OCTETS = 64 << 10

/** The text of a file. */
export class CsvText {
  readonly #blocks: readonly Uint8Array<ArrayBuffer>[]

  private constructor(blocks: readonly Uint8Array<ArrayBuffer>[]) {
    this.#blocks = blocks
  }

  /** Writes rows (RFC 4180), every line ended with LF. */
  static async of(rows: Iterable<readonly string[]>): Promise<CsvText> {
    const blocks: Uint8Array<ArrayBuffer>[] = []
    let block = Buffer.allocUnsafeSlow(BLOCK_OCTETS)
    let length = 0
    let lines = ''
    let count = 0
    const append = (): void => {
      const octets = Buffer.byteLength(lines)
      if (length + octets > block.length) {
        blocks.push(block.subarray(0, length))
        block = Buffer.allocUnsafeSlow(Math.max(BLOCK_OCTETS, octets))
        length = 0
      }
      length += block.write(lines, length)
      lines = ''
    }
    for (const row of rows) {
      lines += csvLine(row)
      if (++count % TURN_ROWS !== 0) continue
      append()
      await setImmediate()
    }
    append()
    blocks.push(block.subarray(0, length))
    return new CsvText(blocks)
  }

  /** Its length. */
  get octets(): number {
    return this.#blocks.reduce((sum, { length }) => sum + length, 0)
  }

  /** Reads it from the start, without a copy, a chunk when the reader asks for one. */
  stream(): ReadableStream<Uint8Array> {
    const chunks = this.#chunks()
    return new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          const { done, value } = chunks.next()
          if (done === true) controller.close()
          else controller.enqueue(value)
        },
      },
      { highWaterMark: 0 },
    )
  }

  *#chunks(): Generator<Uint8Array, void, undefined> {
    for (const block of this.#blocks) {
      for (let at = 0; at < block.length; at += CHUNK_OCTETS) yield block.subarray(at, at + CHUNK_OCTETS)
    }
  }
}
