// A file in memory, once however many read it: in few large blocks, which go back to the system when the last reader
// has gone.

import { setImmediate } from 'node:timers/promises'

/** Octets of a block. The system gets blocks of this size back at once when they are freed. */
const BLOCK_OCTETS = 4 << 20

/** How many lines are written before whatever else waits has its turn: a few milliseconds' work. */
const TURN_LINES = 500

/** Octets that are handed to a connection at a time; what it doesn't take is kept for it. */
const CHUNK_OCTETS = 64 << 10

/** The text of a file. */
export class FileText {
  readonly #blocks: readonly Uint8Array<ArrayBuffer>[]

  private constructor(blocks: readonly Uint8Array<ArrayBuffer>[]) {
    this.#blocks = blocks
  }

  /** Writes lines, each of which has its end. */
  static async of(lines: Iterable<string>): Promise<FileText> {
    const blocks: Uint8Array<ArrayBuffer>[] = []
    let block = Buffer.alloc(0)
    let length = 0
    let text = ''
    let count = 0
    const append = (isLast: boolean): void => {
      const octets = Buffer.byteLength(text)
      if (length + octets > block.length) {
        if (length > 0) blocks.push(block.subarray(0, length))
        // A short file is one small block.
        block = Buffer.allocUnsafeSlow(isLast ? octets : Math.max(BLOCK_OCTETS, octets))
        length = 0
      }
      length += block.write(text, length)
      text = ''
    }
    for (const line of lines) {
      text += line
      if (++count % TURN_LINES !== 0) continue
      append(false)
      await setImmediate()
    }
    append(true)
    // Many short files may be read at a time: none holds a block that it doesn't fill.
    const rest = block.subarray(0, length)
    blocks.push(length < Math.min(BLOCK_OCTETS, block.length) / 2 ? Uint8Array.from(rest) : rest)
    return new FileText(blocks)
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
