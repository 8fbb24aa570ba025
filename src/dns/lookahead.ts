// Looks up the addresses that a batch of queries asks about before the first of them is answered.
//
// An answer waits for memory four times in a row, for the index, the intervals, the record and the strings of an address
// that nobody has asked for lately: a third of its time. Here all queries of a batch wait for each of these together.
//
// What is read here is trusted by nobody. The responder reads each query anew, as strictly as ever, and asks here for
// the address that it finds; one that isn't known here, because the name is of another kind or no name at all, it
// looks up in the table. IPv6 isn't looked up: to read such a name twice takes longer than the memory.

import type { Table } from '../table/table.ts'
import { WrittenApexes } from '../zones/written-apexes.ts'
import type { ZoneSet } from '../zones/zone-set.ts'
import { MAX_BATCH } from './batch.ts'
import { HEADER_LENGTH } from './protocol.ts'

/** Places for addresses that were found, by their low bits, a power of two: few addresses of a batch share one. */
const SLOTS = 2 ** Math.ceil(Math.log2(MAX_BATCH * 16))

/** From the first label of an IPv6 address's name to the last one. */
const LAST_NIBBLE = 62

/** The lookups of one responder. */
export class Lookahead {
  readonly #addresses = new Uint32Array(MAX_BATCH)
  readonly #entries = new Uint32Array(MAX_BATCH)
  /** Addresses by their place, and the entry of each. */
  readonly #known = new Uint32Array(SLOTS)
  readonly #found = new Uint32Array(SLOTS)
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
    this.#known.fill(0)
    this.#found.fill(table.find4(0))
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
    const entries = this.#entries
    let length = 0
    for (let i = 0; i < count; i++) {
      const name = starts[i] + HEADER_LENGTH
      if (packet[name] > 3 || (packet[name] === 1 && packet[name + LAST_NIBBLE] === 1)) continue
      addresses[length++] = readAddress(this.#view, name, this.#written)
    }
    this.#table.findAll4(addresses, entries, length)
    this.#read ^= this.#table.readAhead(entries, length)
    for (let i = 0; i < length; i++) {
      const address = addresses[i]
      const place = slotOf(address)
      this.#known[place] = address
      this.#found[place] = entries[i]
    }
  }

  /** The entry of an IPv4 address, given as an unsigned 32-bit number. */
  find4(address: number): number {
    const place = slotOf(address)
    return this.#known[place] === address ? this.#found[place] : this.#table.find4(address)
  }
}

function slotOf(address: number): number {
  return (address ^ (address >>> 10) ^ (address >>> 20)) & (SLOTS - 1)
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

/** An address whose first label is its first octet, and not the last one. */
function inOtherOrder(address: number): number {
  const inner = ((address >>> 8) & 0xff00) | ((address & 0xff00) << 8)
  return ((address >>> 24) | inner | (address << 24)) >>> 0
}
