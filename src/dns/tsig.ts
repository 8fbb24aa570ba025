// The TSIG record of a reply to a signed query: we have no keys, so it says BADKEY (RFC 8945 5.2.1).

import { MAX_NAME } from '../zones/wire-name.ts'
import { copyOctets, read16, write16 } from './octets.ts'
import { skipName } from './query.ts'

const BADKEY = 17

/** MAC size (0: no MAC), original id, error, length of other data (0), two octets each. */
const TAIL = 8

/** Type, class, TTL and length of a record. */
const FIXED = 10

/** Time signed and fudge. */
const TIME = 8

/** The most octets of the record: owner and algorithm are names. */
export const MAX_TSIG_OCTETS = MAX_NAME + FIXED + MAX_NAME + TIME + TAIL

/** Keeps the names of a query's TSIG record while the reply is written over them. */
export class TsigReply {
  readonly #octets = new Uint8Array(MAX_TSIG_OCTETS)
  #length = 0

  /**
   * Takes the record at `packet[at, end)`, which was checked to be one; false when its RDATA can't be right. One
   * whose names are compressed, which no signer does, has no counterpart in the reply.
   */
  begin(packet: Uint8Array, at: number, end: number): boolean {
    this.#length = 0
    const ownerEnd = skipName(packet, at, end)
    const rdata = ownerEnd + FIXED
    const algorithmEnd = skipName(packet, rdata, end)
    // The algorithm, then time signed (6), fudge (2), MAC size (2), MAC, original id (2), error (2), other length
    // (2), other data.
    if (algorithmEnd < 0 || algorithmEnd + 10 > end) return false
    const originalId = algorithmEnd + 10 + read16(packet, algorithmEnd + 8)
    if (originalId + 6 > end || originalId + 6 + read16(packet, originalId + 4) !== end) return false
    if (hasPointer(packet, at) || hasPointer(packet, rdata)) return true
    const to = this.#octets
    const macSize = copyOctets(packet, at, algorithmEnd + TIME, to, 0)
    const rdlength = ownerEnd - at + 8
    const octets = macSize + TAIL - rdlength - 2
    write16(to, rdlength, octets)
    to.fill(0, macSize, macSize + TAIL)
    to[macSize + 2] = packet[originalId]
    to[macSize + 3] = packet[originalId + 1]
    to[macSize + 5] = BADKEY
    this.#length = macSize + TAIL
    return true
  }

  /** Octets that the record takes; 0 when there is none. */
  get length(): number {
    return this.#length
  }

  /** Writes the record at `packet[at…]` and returns the position after it. */
  write(packet: Uint8Array, at: number): number {
    return copyOctets(this.#octets, 0, this.#length, packet, at)
  }
}

/** Whether a name ends in a compression pointer, which would point elsewhere in the reply. */
function hasPointer(packet: Uint8Array, start: number): boolean {
  let at = start
  while (packet[at] !== 0 && packet[at] < 0xc0) at += packet[at] + 1
  return packet[at] >= 0xc0
}
