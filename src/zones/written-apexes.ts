// Which names are below an apex of addresses as they are written: told at a glance, and now and then wrongly.
//
// Who looks ahead at a query has to know in which order its octets are, and has no time to find the zone. Here the first
// eight octets of an apex, which are compared without case, lead to a place that says so. Where another apex leads to the
// same place, nothing is said: its names are more.

import type { ZoneSet } from './zone-set.ts'

/** log2 of the places. */
const BITS = 14

/** Octets of an apex that are looked at. */
const LOOKED_AT = 8

const SMALL_LETTERS = 0x20202020

/** How often places are given anew where an apex of written addresses shares one; with some hundred zones the first or second do. */
const ATTEMPTS = 16

/** The apexes of a zone set. */
export class WrittenApexes {
  /** 1 for written addresses. */
  readonly #places = new Uint8Array(1 << BITS)
  /** What places are reckoned with: odd, and small enough to be kept as a whole number. */
  #multiplier = 0x2c1b3c6d

  constructor({ zones }: ZoneSet) {
    // Shorter ones are followed by what isn't theirs.
    const apexes = zones.filter(({ apex }) => apex.length >= LOOKED_AT)
    const octetsOf = (isWritten: boolean): DataView[] =>
      apexes
        .filter(({ body }) => (body.owner === 'address') === isWritten)
        .map(({ apex }) => new DataView(apex.buffer, apex.byteOffset))
    const [written, others] = [octetsOf(true), octetsOf(false)]
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      this.#multiplier += 2 * attempt
      this.#places.fill(0)
      for (const apex of written) this.#places[this.#placeOf(apex, 0)] = 1
      for (const apex of others) this.#places[this.#placeOf(apex, 0)] = 0
      if (written.every((apex) => this.has(apex, 0))) break
    }
  }

  /** Whether there seems to be an apex of written addresses at `packet[at…]`, which has eight octets there. */
  has(packet: DataView, at: number): boolean {
    return this.#places[this.#placeOf(packet, at)] !== 0
  }

  #placeOf(octets: DataView, at: number): number {
    const first = Math.imul(octets.getUint32(at) | SMALL_LETTERS, this.#multiplier)
    const second = Math.imul(octets.getUint32(at + 4) | SMALL_LETTERS, 0xc2b2ae35)
    return (first ^ second) >>> (32 - BITS)
  }
}
