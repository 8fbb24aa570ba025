// All zones that are served, and which of them a query's name lies in.
//
// The deepest apex that the name ends in is found with one walk over its labels from the right: a hash of the
// suffix grows label by label and is looked up in a small open hash table; hits are compared octet by octet.
// Names are compared without case (RFC 4343); the packet itself is not changed.

import { AsnzoneError } from '../errors.ts'
import type { ZoneDefinition } from './definition.ts'
import { equalNames, foldCase, labelCount, wireName } from './wire-name.ts'
import { type Authority, Zone, ZoneBody } from './zone.ts'

/** Settings that zone definitions are compiled with. */
export interface CatalogueOptions {
  /** What `{domain}` stands for. */
  readonly domain: string
  /** What `{cc}` runs through, upper case. */
  readonly countries: readonly string[]
  readonly authority: Authority
}

/** The zones that are served. */
export class Catalogue {
  readonly zones: readonly Zone[]
  readonly #depths: Uint8Array
  readonly #hashes: Int32Array
  /** Zone number + 1 by hash; open addressing, 0 is free. */
  readonly #slots: Uint16Array
  readonly #deepest: number
  /** How many labels of the name lie below the apex that `find` found. */
  labelsBelow = 0

  constructor(zones: readonly Zone[]) {
    this.zones = zones
    this.#depths = Uint8Array.from(zones, (zone) => labelCount(zone.apex))
    this.#hashes = Int32Array.from(zones, (zone) => hashOfApex(zone.apex))
    this.#deepest = this.#depths.reduce((a, b) => Math.max(a, b), 0)
    this.#slots = new Uint16Array(2 ** Math.ceil(Math.log2(zones.length * 4 + 1)))
    zones.forEach((_, i) => {
      let slot = this.#hashes[i] & (this.#slots.length - 1)
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (this.#slots.length - 1)
      this.#slots[slot] = i + 1
    })
  }

  /**
   * The zone with the deepest apex that a name ends in, or null; `labelsBelow` then tells how many labels lie
   * below the apex.
   *
   * @param packet the octets that hold the name
   * @param labels where each label's length octet lies in `packet`, the leftmost label first
   * @param count how many labels the name has
   */
  find(packet: Uint8Array, labels: Uint32Array, count: number): Zone | null {
    const slots = this.#slots
    const mask = slots.length - 1
    const last = count > this.#deepest ? count - this.#deepest : 0
    let hash = HASH_BASIS
    let best: Zone | null = null
    for (let label = count - 1; label >= last; label--) {
      hash = hashLabel(hash, packet, labels[label])
      for (let slot = hash & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
        const zone = slots[slot] - 1
        if (this.#hashes[zone] !== hash || this.#depths[zone] !== count - label) continue
        if (!equalNames(packet, labels[label], this.zones[zone].apex)) continue
        best = this.zones[zone]
        this.labelsBelow = label
      }
    }
    return best
  }
}

/**
 * Compiles zone definitions.
 *
 * @throws {AsnzoneError} `ASNZONE_ZONE` that names the file, the zone and the field.
 */
export function compileCatalogue(
  definitions: readonly ZoneDefinition[],
  options: CatalogueOptions,
): Catalogue {
  const { domain, countries, authority } = options
  const zones: Zone[] = []
  const byName = new Map<string, ZoneDefinition>()
  for (const [index, definition] of definitions.entries()) {
    const wrong = (reason: string): AsnzoneError =>
      new AsnzoneError('ASNZONE_ZONE', `${definition.file}: zone ${definition.id}, ${reason}`)
    let body: ZoneBody
    try {
      body = new ZoneBody(definition, index, authority)
    } catch (cause) {
      throw wrong((cause as Error).message)
    }
    for (const pattern of definition.apex) {
      const codes = pattern.includes('{cc}') ? countries : ['']
      for (const cc of codes) {
        const name = pattern.replace('{domain}', domain).replace('{cc}', cc).toLowerCase().replace(/\.$/, '')
        const other = byName.get(name)
        if (other !== undefined) {
          throw wrong(`apex: ${name} is served by zone ${other.id} of ${other.file} already; disable one`)
        }
        byName.set(name, definition)
        try {
          const apex = wireName(name)
          if (apex.length === 1) throw new Error('the root cannot be served')
          zones.push(new Zone(body, name, apex, cc))
        } catch (cause) {
          throw wrong(`apex: ${(cause as Error).message}`)
        }
      }
    }
  }
  return new Catalogue(zones)
}

const HASH_BASIS = 0x811c9dc5 | 0

/**
 * One more label in front of a hashed suffix: its length, and its first and last octet without case. That tells
 * apart nearly all apexes; those that it doesn't are compared.
 */
function hashLabel(hash: number, packet: Uint8Array, label: number): number {
  const length = packet[label]
  const octets = (length << 16) | (foldCase(packet[label + 1]) << 8) | foldCase(packet[label + length])
  const mixed = Math.imul(hash ^ octets, 0x85ebca6b)
  return mixed ^ (mixed >>> 15)
}

function hashOfApex(apex: Uint8Array): number {
  const labels: number[] = []
  for (let at = 0; apex[at] !== 0; at += apex[at] + 1) labels.push(at)
  return labels.reverse().reduce((hash, label) => hashLabel(hash, apex, label), HASH_BASIS)
}
