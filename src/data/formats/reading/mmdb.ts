// MaxMind DB files: every network with its record, in ascending order of addresses.
//
// The metadata is at the end of the file, after a marker. A node of the search tree is two numbers of 24, 28 or
// 32 bits, for the next bit being 0 and 1:
//
//     24   left left left right right right
//     28   left left left  high nibbles: left, right  right right right
//     32   left left left left right right right right
//
// A number below the node count is another node, the node count itself «nothing known», anything above it a
// record. A file for both families holds IPv4 below ::/96, and may point there from other places such as
// 2002::/16; those are not walked again.

import { AsnzoneError } from '../../../errors.ts'
import { printable } from '../../../printable.ts'
import { widthOf } from '../../../table/address-arithmetic.ts'
import { networkText } from '../../../table/address-text.ts'
import { type Limits, tooMany } from '../../compile/limits.ts'
import { MmdbDecoder, type MmdbRecord, type Wanted } from './mmdb-decoder.ts'

/** The most records whose values are remembered. */
const MAX_REMEMBERED = 1 << 20

const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')

/** What is read of the metadata. */
const METADATA = { node_count: {}, record_size: {}, ip_version: {}, database_type: {}, build_epoch: {} }

/** Octets between the search tree and the records. */
const SEPARATOR = 16

/** Bits in front of the IPv4 addresses of a file for both families. */
const IPV4_DEPTH = 96

/** One MaxMind DB file in memory. */
export class Mmdb {
  readonly name: string
  /** When the file was made, in ISO 8601, UTC; null where it doesn't tell. */
  readonly date: string | null
  /** What the file says that it holds. */
  readonly type: string
  readonly #bytes: Buffer
  readonly #decoder: MmdbDecoder
  /** What a record's number is more than its offset in the file. */
  readonly #recordsFrom: number
  readonly #recordSize: number
  readonly #nodeOctets: number
  readonly #nodes: number
  readonly #ipv6: boolean

  /**
   * @param name the file's name for error messages
   * @throws {AsnzoneError} `ASNZONE_DATA` when the bytes are not a MaxMind DB file.
   */
  constructor(name: string, bytes: Buffer) {
    this.name = name
    this.#bytes = bytes
    const {
      node_count: nodes,
      record_size: recordSize,
      ip_version: ipVersion,
      database_type: type,
      build_epoch: built,
    } = this.#metadata()
    if (recordSize !== 24 && recordSize !== 28 && recordSize !== 32) {
      throw this.#wrong(`not a MaxMind DB file: nodes of ${String(recordSize)} bits`)
    }
    const treeOctets = (Number(nodes) * recordSize) / 4
    if (!(Number.isInteger(nodes) && Number(nodes) > 0 && treeOctets + SEPARATOR < bytes.length)) {
      throw this.#wrong('the file is cut off; fetch it again')
    }
    if (ipVersion !== 4 && ipVersion !== 6) throw this.#wrong(`IP version ${String(ipVersion)}, not 4 or 6`)
    this.#nodes = Number(nodes)
    this.#recordSize = recordSize
    this.#nodeOctets = recordSize / 4
    this.#ipv6 = ipVersion === 6
    this.#recordsFrom = this.#nodes - treeOctets
    this.#decoder = new MmdbDecoder(bytes, treeOctets + SEPARATOR)
    this.type = printable(String(type))
    const date = new Date(Number(built) * 1000)
    this.date = Number.isNaN(date.getTime()) ? null : date.toISOString()
  }

  /**
   * Visits every network of a family in ascending order: its first address, and a number that stands for its
   * record, 0 where nothing is known. Neighbours may have the same record. The array changes with each visit.
   *
   * @throws {AsnzoneError} `ASNZONE_DATA` when the tree is not a tree.
   */
  walk(family: 4 | 6, visit: (start: Uint32Array, record: number) => void): void {
    const width = widthOf(family)
    const start = new Uint32Array(width)
    if (family === 6 && !this.#ipv6) {
      visit(start, 0)
      return
    }
    const ipv4Root = this.#ipv6 ? this.#ipv4Root() : 0
    const nodes = this.#nodes
    const bits = width * 32
    const pendingNodes = new Uint32Array(bits + 2)
    const pendingDepths = new Uint32Array(bits + 2)
    const pendingStarts = new Uint32Array((bits + 2) * width)
    pendingNodes[0] = family === 4 ? ipv4Root : 0
    let pending = 1
    let visited = 0
    while (pending > 0) {
      pending--
      const node = pendingNodes[pending]
      const depth = pendingDepths[pending]
      for (let k = 0; k < width; k++) start[k] = pendingStarts[pending * width + k]
      if (node >= nodes || (family === 6 && node === ipv4Root && depth > 0)) {
        visit(start, node <= nodes ? 0 : node)
        continue
      }
      if (depth === bits || ++visited > nodes) throw this.#wrong('its search tree runs in circles')
      // The right half is kept for later, so that the left half with the lower addresses comes first.
      pendingNodes[pending] = this.#child(node, 1)
      pendingDepths[pending] = depth + 1
      const word = pending * width + (depth >>> 5)
      pendingStarts[word] = (pendingStarts[word] | (0x80000000 >>> (depth & 31))) >>> 0
      pending++
      pendingNodes[pending] = this.#child(node, 0)
      pendingDepths[pending] = depth + 1
      for (let k = 0; k < width; k++) pendingStarts[pending * width + k] = start[k]
      pending++
    }
  }

  /**
   * Visits every network of a family as `walk` does, with a number that `read` makes of its record, 0 where nothing is
   * known.
   *
   * @throws {AsnzoneError} `ASNZONE_DATA` when the tree is not a tree, a record can't be read or there are too many.
   */
  walkValues(
    family: 4 | 6,
    { maxRows }: Limits,
    wanted: Wanted,
    read: (record: MmdbRecord | null) => number,
    visit: (start: Uint32Array, value: number, isKnown: boolean) => void,
  ): void {
    const values = new Map<number, number>()
    let changes = 0
    let before = 0
    try {
      this.walk(family, (start, number) => {
        let value = number === 0 ? 0 : values.get(number)
        if (value === undefined) {
          if (values.size === MAX_REMEMBERED) values.clear()
          value = read(this.record(number, start, wanted))
          values.set(number, value)
        }
        if (value !== before && ++changes > maxRows) throw tooMany(maxRows, 'networks', 'max-rows')
        before = value
        visit(start, value, number !== 0)
      })
    } catch (error) {
      throw error instanceof RangeError ? this.#wrong(error.message) : error
    }
  }

  /**
   * What is wanted of a record; null when it is not a map.
   *
   * @param number as `walk` tells it, not 0
   * @param address an address that has it, for error messages
   * @throws {AsnzoneError} `ASNZONE_DATA` when it can't be read.
   */
  record(number: number, address: Uint32Array, wanted: Wanted): MmdbRecord | null {
    try {
      const record = this.#decoder.decode(number - this.#recordsFrom, wanted)
      return typeof record === 'object' ? (record as MmdbRecord) : null
    } catch (cause) {
      const of = networkText(address)
      throw this.#wrong(`the record of ${of} can't be read: ${(cause as Error).message}`, cause)
    }
  }

  #metadata(): MmdbRecord {
    const marker = this.#bytes.lastIndexOf(MARKER)
    if (marker < 0)
      throw this.#wrong(
        'not a MaxMind DB file, or one that was cut off: nothing at its end says what it is; fetch it again',
      )
    const start = marker + MARKER.length
    try {
      return (new MmdbDecoder(this.#bytes, start).decode(start, METADATA) ?? {}) as MmdbRecord
    } catch (cause) {
      throw this.#wrong(`not a MaxMind DB file: its metadata: ${(cause as Error).message}`, cause)
    }
  }

  /** The node or record below which the IPv4 addresses of a file for both families lie. */
  #ipv4Root(): number {
    let node = 0
    for (let depth = 0; depth < IPV4_DEPTH && node < this.#nodes; depth++) node = this.#child(node, 0)
    return node
  }

  #child(node: number, bit: 0 | 1): number {
    const bytes = this.#bytes
    const at = node * this.#nodeOctets
    switch (this.#recordSize) {
      case 24: {
        const left = at + bit * 3
        return (bytes[left] << 16) | (bytes[left + 1] << 8) | bytes[left + 2]
      }
      case 28: {
        const high = bit === 0 ? bytes[at + 3] >>> 4 : bytes[at + 3] & 15
        const rest = at + bit * 4
        return (high << 24) | (bytes[rest] << 16) | (bytes[rest + 1] << 8) | bytes[rest + 2]
      }
      default:
        return bytes.readUInt32BE(at + bit * 4)
    }
  }

  #wrong(reason: string, cause?: unknown): AsnzoneError {
    return new AsnzoneError('ASNZONE_DATA', `${this.name}: ${reason}`, { cause })
  }
}
