// The compiled table as the answering half sees it: typed arrays over one shared buffer, and three look-ups.
//
// A look-up of an address gives an entry, a word that holds the number of a record and the length of the
// prefix that the address was found in; 0 is «nothing known». Nothing here allocates once the table is open.

import { AsnzoneError } from '../errors.ts'
import { EMBEDDED_DEPTH, isEmbedded4 } from './embedded.ts'
import {
  COLUMN,
  FORMAT_VERSION,
  HEADER,
  HEADER_WORDS,
  INDEX_LENGTH,
  MAGIC,
  RECORD_SHIFT,
  RECORD_WORDS,
} from './layout.ts'
import type { TableMetadata } from './metadata.ts'
import { Neighbours } from './neighbours.ts'

/** The number of the record that an entry points to. */
export const recordOf = (entry: number): number => entry >>> 8

/** The prefix length that an entry holds; 0 where no origin AS is known. */
export const prefixLengthOf = (entry: number): number => entry & 0xff

/** No entry of a table: no record has such a number. */
export const NO_ENTRY = 0xffffffff

const decoder = new TextDecoder()

/** A read-only view of a compiled table. */
export class Table {
  readonly buffer: SharedArrayBuffer
  /** The records: the words of record n start at n << RECORD_SHIFT; see COLUMN. */
  readonly records: Uint32Array
  /** Strings, each a length octet and its octets, at the offsets that the records hold. */
  readonly strings: Uint8Array
  /** The strings and what follows them, for reading several octets at once. */
  readonly stringsView: DataView
  readonly v4Count: number
  readonly v6Count: number
  readonly asCount: number
  readonly recordCount: number
  /** What takes more than one look-up: networks, and how far an entry goes. */
  readonly neighbours: Neighbours
  readonly #v4Index: Uint32Array
  readonly #v4Starts: Uint32Array
  readonly #v4Entries: Uint32Array
  readonly #v6Groups: Uint32Array
  readonly #v6Slots: Uint32Array
  readonly #v6Word0: Uint32Array
  readonly #v6Word1: Uint32Array
  readonly #v6LowIntervals: Uint32Array
  readonly #v6Word2: Uint32Array
  readonly #v6Word3: Uint32Array
  readonly #v6Entries: Uint32Array
  readonly #asNumbers: Uint32Array
  readonly #asRecords: Uint32Array
  readonly #metadata: Uint8Array

  /**
   * Opens a compiled table.
   *
   * @throws {AsnzoneError} `ASNZONE_TABLE` when the buffer is not a table of this version and byte order, or
   *   is not as long as its header says.
   */
  constructor(buffer: SharedArrayBuffer) {
    if (buffer.byteLength < HEADER_WORDS * 4) throw notATable('it is shorter than a header')
    const header = new Uint32Array(buffer, 0, HEADER_WORDS)
    if (header[HEADER.magic] !== MAGIC) throw notATable('it does not start with the magic number')
    if (header[HEADER.formatVersion] !== FORMAT_VERSION) {
      throw notATable(`its format is version ${header[HEADER.formatVersion]}, not ${FORMAT_VERSION}`)
    }
    if (header[HEADER.byteLength] !== buffer.byteLength) throw notATable('it was cut or padded')
    const words = (offset: number, length: number): Uint32Array => {
      if (offset % 4 !== 0 || offset + length * 4 > buffer.byteLength) throw notATable('a section is outside')
      return new Uint32Array(buffer, offset, length)
    }
    const octets = (offset: number, length: number): Uint8Array => {
      if (offset + length > buffer.byteLength) throw notATable('a section is outside')
      return new Uint8Array(buffer, offset, length)
    }
    this.buffer = buffer
    this.v4Count = header[HEADER.v4Count]
    this.v6Count = header[HEADER.v6Count]
    this.asCount = header[HEADER.asCount]
    this.recordCount = header[HEADER.recordCount]
    this.#v4Index = words(header[HEADER.v4Index], INDEX_LENGTH)
    this.#v4Starts = words(header[HEADER.v4Starts], this.v4Count)
    this.#v4Entries = words(header[HEADER.v4Entries], this.v4Count)
    this.#v6Groups = words(header[HEADER.v6Groups], INDEX_LENGTH - 1)
    this.#v6Slots = words(header[HEADER.v6Slots], header[HEADER.v6SlotCount])
    const v6Starts = header[HEADER.v6Starts]
    this.#v6Word0 = words(v6Starts, this.v6Count)
    this.#v6Word1 = words(v6Starts + this.v6Count * 4, this.v6Count)
    const lowCount = header[HEADER.v6LowCount]
    const lowWords = header[HEADER.v6LowWords]
    this.#v6LowIntervals = words(header[HEADER.v6LowIntervals], lowCount)
    this.#v6Word2 = words(lowWords, lowCount)
    this.#v6Word3 = words(lowWords + lowCount * 4, lowCount)
    this.#v6Entries = words(header[HEADER.v6Entries], this.v6Count)
    this.neighbours = new Neighbours(
      { starts: this.#v4Starts, entries: this.#v4Entries },
      {
        word0: this.#v6Word0,
        word1: this.#v6Word1,
        lowIntervals: this.#v6LowIntervals,
        word2: this.#v6Word2,
        word3: this.#v6Word3,
        entries: this.#v6Entries,
      },
    )
    this.#asNumbers = words(header[HEADER.asNumbers], this.asCount)
    this.#asRecords = words(header[HEADER.asRecords], this.asCount)
    this.records = words(header[HEADER.records], this.recordCount * RECORD_WORDS)
    this.strings = octets(header[HEADER.strings], header[HEADER.stringsLength])
    this.stringsView = new DataView(buffer, header[HEADER.strings])
    this.#metadata = octets(header[HEADER.metadata], header[HEADER.metadataLength])
  }

  /** The entry of an IPv4 address, given as an unsigned 32-bit number. */
  find4(address: number): number {
    const starts = this.#v4Starts
    const high = address >>> 16
    let low = this.#v4Index[high]
    let up = this.#v4Index[high + 1]
    while (low < up) {
      const middle = (low + up + 1) >>> 1
      if (starts[middle] <= address) low = middle
      else up = middle - 1
    }
    return this.#v4Entries[low]
  }

  /**
   * Writes the entries of the first `count` addresses, each as `find4` finds it. What one search has to wait for, the
   * others wait for at the same time.
   */
  findAll4(addresses: Uint32Array, entries: Uint32Array, count: number): void {
    const index = this.#v4Index
    const starts = this.#v4Starts
    for (let i = 0; i < count; i++) entries[i] = index[addresses[i] >>> 16]
    for (let i = 0; i < count; i++) {
      const address = addresses[i]
      let interval = entries[i]
      // No branch depends on an interval: half of those would be guessed wrong, and the searches after it begin again. Where
      // there are none after it, as in find4, a branch is better: what it guesses is already being fetched.
      for (let intervals = index[(address >>> 16) + 1] - interval + 1; intervals > 1; ) {
        const half = intervals >>> 1
        interval += half & -Number(starts[interval + half] <= address)
        intervals -= half
      }
      entries[i] = this.#v4Entries[interval]
    }
  }

  /**
   * Reads a little of what answers about the first `count` entries will read, so that it is near when they do. Returns
   * a number without meaning, which takes all of that to know.
   */
  readAhead(entries: Uint32Array, count: number): number {
    const { records, strings } = this
    let read = 0
    for (let i = 0; i < count; i++) read ^= records[recordOf(entries[i]) << RECORD_SHIFT]
    for (let i = 0; i < count; i++)
      read ^= strings[records[(recordOf(entries[i]) << RECORD_SHIFT) + COLUMN.asn]]
    return read
  }

  /**
   * Writes the entries of the first `count` addresses of which only the upper halves are given, two words each, or NO_ENTRY
   * where the lower half decides.
   */
  findAll6(words: Uint32Array, entries: Uint32Array, count: number): void {
    const starts0 = this.#v6Word0
    const starts1 = this.#v6Word1
    const slots = this.#v6Slots
    for (let i = 0; i < count; i++) {
      const word0 = words[i * 2]
      const group = this.#v6Groups[word0 >>> 16]
      entries[i] = (group >>> 5) + ((word0 & 0xffff) >>> (16 - (group & 31)))
    }
    for (let i = 0; i < count; i++) {
      const word0 = words[i * 2]
      const word1 = words[i * 2 + 1]
      const slot = entries[i]
      let interval = slots[slot]
      // Without branches, as in findAll4.
      for (let intervals = slots[slot + 1] - interval + 1; intervals > 1; ) {
        const half = intervals >>> 1
        const start0 = starts0[interval + half]
        const isSame = Number(start0 === word0)
        interval += half & -(Number(start0 < word0) | (isSame & Number(starts1[interval + half] <= word1)))
        intervals -= half
      }
      const isStart = starts0[interval] === word0 && starts1[interval] === word1
      entries[i] = isStart ? NO_ENTRY : this.#v6Entries[interval]
    }
  }

  /** The entry of an IPv6 address, given as four unsigned 32-bit words, the most significant first. */
  find6(word0: number, word1: number, word2: number, word3: number): number {
    const starts = this.#v6Word0
    const group = this.#v6Groups[word0 >>> 16]
    const slot = (group >>> 5) + ((word0 & 0xffff) >>> (16 - (group & 31)))
    let low = this.#v6Slots[slot]
    let up = this.#v6Slots[slot + 1]
    while (low < up) {
      const middle = (low + up + 1) >>> 1
      const start = starts[middle]
      const below = start !== word0 ? start < word0 : this.#restAtOrBelow(middle, word1, word2, word3)
      if (below) low = middle
      else up = middle - 1
    }
    return this.#v6Entries[low]
  }

  /**
   * The entry of an IPv6 address as `find6` finds it. Of one that stands for an IPv4 address it is the entry of that, with
   * the length of the prefix in IPv6, wherever anything is known of it.
   */
  find6OrEmbedded(word0: number, word1: number, word2: number, word3: number): number {
    const embedded = isEmbedded4(word0, word1, word2) ? this.find4(word3) : 0
    if (embedded === 0) return this.find6(word0, word1, word2, word3)
    return prefixLengthOf(embedded) === 0 ? embedded : embedded + EMBEDDED_DEPTH
  }

  /** The record of an AS number; 0 when no address in the table is announced by it. */
  findAs(asn: number): number {
    const numbers = this.#asNumbers
    let low = 0
    let up = numbers.length - 1
    while (low <= up) {
      const middle = (low + up) >>> 1
      const number = numbers[middle]
      if (number === asn) return this.#asRecords[middle]
      if (number < asn) low = middle + 1
      else up = middle - 1
    }
    return 0
  }

  /** The AS numbers that `findAs` finds, ascending. */
  get asNumbers(): Uint32Array {
    return this.#asNumbers
  }

  /** The text of a record's column (see COLUMN); the empty string when it is unknown. Allocates. */
  text(record: number, column: number): string {
    return this.blockText(record, column, 0)
  }

  /** The text of one string of a column's block (see COLUMN), the first being 0; '' when unknown. Allocates. */
  blockText(record: number, column: number, string: number): string {
    const { strings } = this
    let offset = this.records[(record << RECORD_SHIFT) + column]
    if (offset === 0) return ''
    for (let i = 0; i < string; i++) offset += strings[offset] + 1
    return decoder.decode(strings.slice(offset + 1, offset + 1 + strings[offset]))
  }

  /** All that answers are made of: the sections without the header, and without what the table says about itself. */
  get content(): Uint8Array {
    const first = HEADER_WORDS * 4
    return new Uint8Array(this.buffer, first, this.#metadata.byteOffset - first)
  }

  /** What the table says about itself. Allocates. */
  metadata(): TableMetadata {
    return JSON.parse(decoder.decode(this.#metadata.slice())) as TableMetadata
  }

  #restAtOrBelow(interval: number, word1: number, word2: number, word3: number): boolean {
    const start1 = this.#v6Word1[interval]
    if (start1 !== word1) return start1 < word1
    const lowIntervals = this.#v6LowIntervals
    let low = 0
    let up = lowIntervals.length - 1
    while (low < up) {
      const middle = (low + up) >>> 1
      if (lowIntervals[middle] < interval) low = middle + 1
      else up = middle
    }
    // The words of most intervals are zero, and zero is at or below everything.
    if (lowIntervals[low] !== interval) return true
    const start2 = this.#v6Word2[low]
    if (start2 !== word2) return start2 < word2
    return this.#v6Word3[low] <= word3
  }
}

function notATable(reason: string): AsnzoneError {
  return new AsnzoneError('ASNZONE_TABLE', `not a compiled table: ${reason}`)
}
