// Looks up the addresses that a batch of queries asks about before the first of them is answered.
//
// An answer waits for memory four times in a row, for the index, the intervals, the record and the strings of an address
// that nobody has asked for lately: a third of its time. Here all queries of a batch wait for each of these together.
//
// What is read here is trusted by nobody. The responder reads each query anew, as strictly as ever, and asks here for
// the address that it finds; one that isn't known here, because the name is of another kind or no name at all, it
// looks up in the table. Of an IPv6 address the upper half is read alone: that finds the entry of nearly all, and to
// read all of such a name twice takes longer than the memory.

import { isEmbedded4 } from '../table/embedded.ts'
import { NO_ENTRY, type Table } from '../table/table.ts'
import { WrittenApexes } from '../zones/written-apexes.ts'
import type { ZoneSet } from '../zones/zone-set.ts'
import { MAX_BATCH } from './batch.ts'
import { HEADER_LENGTH } from './protocol.ts'

/** From the first label of an IPv6 address's name to the last one. */
const LAST_NIBBLE = 62

/** And to the first one of each upper word, eight labels each. */
const NIBBLES_OF_WORD0 = 48
const NIBBLES_OF_WORD1 = 32

/** The lookups of one responder. */
export class Lookahead {
  /** IPv4 addresses, and the entry of each. */
  readonly #addresses = new Uint32Array(MAX_BATCH)
  readonly #found4 = new Uint32Array(MAX_BATCH)
  /** Upper halves of IPv6 addresses, two words each, and the entry of each; NO_ENTRY where that isn't all. */
  readonly #uppers = new Uint32Array(MAX_BATCH * 2)
  readonly #found6 = new Uint32Array(MAX_BATCH)
  /** Where what each query asks about is, in the one list or the other. */
  readonly #places = new Uint8Array(MAX_BATCH)
  /** Entries to read ahead. */
  readonly #entries = new Uint32Array(MAX_BATCH)
  /** That of the query that is being answered. */
  #place = 0
  #table: Table
  #written: WrittenApexes
  #packet: Uint8Array = new Uint8Array(0)
  #view: DataView = new DataView(new ArrayBuffer(0))
  /** Nobody needs it, which the compiler mustn't know: it would leave out the reading. */
  #read = 0

  constructor(table: Table, zoneSet: ZoneSet) {
    this.#table = table
    this.#written = new WrittenApexes(zoneSet)
    this.replace(table, zoneSet)
  }

  /** Looks up in another table, for the names of other zones, from now on. */
  replace(table: Table, zoneSet: ZoneSet): void {
    this.#table = table
    this.#written = new WrittenApexes(zoneSet)
    this.#addresses.fill(0)
    this.#found4.fill(table.find4(0))
    this.#found6.fill(NO_ENTRY)
  }

  /**
   * Looks up the addresses of the first `count` queries.
   *
   * @param packet holds queries; there must be 128 octets after the start of each, whatever they are
   * @param starts where each query begins
   * @param count at most MAX_BATCH
   */
  look(packet: Uint8Array, starts: Uint32Array, count: number): void {
    if (packet !== this.#packet) {
      this.#packet = packet
      this.#view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength)
    }
    const addresses = this.#addresses
    const uppers = this.#uppers
    let v4Count = 0
    let v6Count = 0
    for (let i = 0; i < count; i++) {
      const name = starts[i] + HEADER_LENGTH
      if (packet[name] > 3) continue
      if (packet[name] === 1 && packet[name + LAST_NIBBLE] === 1) {
        uppers[v6Count * 2] = readNibbles(this.#view, name + NIBBLES_OF_WORD0)
        uppers[v6Count * 2 + 1] = readNibbles(this.#view, name + NIBBLES_OF_WORD1)
        this.#places[i] = v6Count++
      } else {
        addresses[v4Count] = readAddress(this.#view, name, this.#written)
        this.#places[i] = v4Count++
      }
    }
    if (v4Count > 0) this.#keep4(v4Count)
    if (v6Count > 0) this.#keep6(v6Count)
  }

  /** Finds the first `count` IPv4 addresses, for `find4`. */
  #keep4(count: number): void {
    this.#table.findAll4(this.#addresses, this.#found4, count)
    this.#read ^= this.#table.readAhead(this.#found4, count)
  }

  /** Finds the first `count` IPv6 addresses by their upper halves, for `find6`. */
  #keep6(count: number): void {
    const entries = this.#entries
    const found = this.#found6
    this.#table.findAll6(this.#uppers, found, count)
    for (let i = 0; i < count; i++) entries[i] = found[i] === NO_ENTRY ? 0 : found[i]
    this.#read ^= this.#table.readAhead(entries, count)
  }

  /**
   * Turns to one of the queries that were looked at last, for `find4` and `find6`. Of another query than that, they take
   * longer, and say the same.
   *
   * @param query its number in the batch
   */
  turnTo(query: number): void {
    this.#place = this.#places[query]
  }

  /** The entry of an IPv4 address, given as an unsigned 32-bit number. */
  find4(address: number): number {
    const place = this.#place
    return this.#addresses[place] === address ? this.#found4[place] : this.#table.find4(address)
  }

  /** The entry of an IPv6 address, given as four unsigned 32-bit words, as `find6OrEmbedded` finds it. */
  find6(word0: number, word1: number, word2: number, word3: number): number {
    const place = this.#place
    if (this.#uppers[place * 2] === word0 && this.#uppers[place * 2 + 1] === word1) {
      const entry = this.#found6[place]
      if (entry !== NO_ENTRY && !isEmbedded4(word0, word1, word2)) return entry
    }
    return this.#table.find6OrEmbedded(word0, word1, word2, word3)
  }
}

/** The address in four labels of at most three digits each; any number if they are no such. */
function readAddress(view: DataView, name: number, written: WrittenApexes): number {
  let address = 0
  let at = name
  for (let shift = 0; shift < 32; shift += 8) {
    const word = view.getUint32(at, true)
    const length = word & 3
    // The last digit becomes the highest octet, and what is missing is zero.
    const digits = (word >>> 8) << (32 - length * 8)
    address |= (((digits >>> 24) & 15) + ((digits >>> 16) & 15) * 10 + ((digits >>> 8) & 15) * 100) << shift
    at += length + 1
  }
  return written.has(view, at) ? inOtherOrder(address) : address >>> 0
}

/** Eight labels of one nibble each, the lowest first, as a word; any number if they are no such. */
function readNibbles(view: DataView, at: number): number {
  let word = 0
  for (let i = 0; i < 16; i += 4) {
    // Two nibbles: the lower four bits of a digit are its value, those of a letter 9 less.
    const digits = view.getUint32(at + i, true)
    const values = (digits & 0x0f000f00) + ((digits >>> 6) & 0x01000100) * 9
    word |= (((values >>> 8) & 15) | ((values >>> 20) & 0xf0)) << (i * 2)
  }
  return word >>> 0
}

/** An address whose first label is its first octet, and not the last one. */
function inOtherOrder(address: number): number {
  const inner = ((address >>> 8) & 0xff00) | ((address & 0xff00) << 8)
  return ((address >>> 24) | inner | (address << 24)) >>> 0
}
