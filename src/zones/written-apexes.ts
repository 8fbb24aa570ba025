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
    const looked = zones.filter(({ apex }) => apex.length >= LOOKED_AT)
    const octets = new Uint8Array(looked.length * LOOKED_AT)
    for (const [i, { apex }] of looked.entries()) octets.set(apex.subarray(0, LOOKED_AT), i * LOOKED_AT)
    const apexes = new DataView(octets.buffer)
    const [written, others]: [number[], number[]] = [[], []]
    for (const [i, { body }] of looked.entries()) {
      ;(body.owner === 'address' ? written : others).push(i * LOOKED_AT)
    }
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      this.#multiplier += 2 * attempt
      this.#places.fill(0)
      for (const at of written) this.#places[this.#placeOf(apexes, at)] = 1
      for (const at of others) this.#places[this.#placeOf(apexes, at)] = 0
      if (written.every((at) => this.has(apexes, at))) break
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
