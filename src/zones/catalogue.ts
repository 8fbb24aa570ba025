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
  /** The time, in milliseconds since 1970, behind which answers say that they are stale; never when not given. */
  readonly staleAfter?: number
}

/** A name that the catalogue knows: an apex, or a name between two apexes, which exists but holds nothing. */
interface KnownName {
  readonly wire: Uint8Array
  readonly labels: number
  readonly hash: number
  /** Null between two apexes. */
  readonly zone: Zone | null
}

/** The zones that are served. */
export class Catalogue {
  readonly zones: readonly Zone[]
  /** The time, in milliseconds since 1970, behind which answers say that they are stale. */
  readonly staleAfter: number
  readonly #names: readonly KnownName[]
  /** Number of the name + 1 by hash; open addressing, 0 is free. */
  readonly #slots: Uint16Array
  readonly #mostLabels: number
  /** How many labels of the name lie below the apex that `find` found. */
  labelsBelow = 0
  /** Whether the name that `find` was given lies between two apexes: an empty non-terminal (RFC 8020 2). */
  isBetween = false

  constructor(zones: readonly Zone[], staleAfter: number) {
    this.zones = zones
    this.staleAfter = staleAfter
    this.#names = [...zones.map(({ apex }, i) => knownName(apex, zones[i])), ...namesBetween(zones)]
    this.#mostLabels = this.#names.reduce((most, { labels }) => Math.max(most, labels), 0)
    this.#slots = new Uint16Array(2 ** Math.ceil(Math.log2(this.#names.length * 4 + 1)))
    const mask = this.#slots.length - 1
    for (const [i, { hash }] of this.#names.entries()) {
      let slot = hash & mask
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = i + 1
    }
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
    const last = count > this.#mostLabels ? count - this.#mostLabels : 0
    let hash = HASH_BASIS
    let best: Zone | null = null
    this.isBetween = false
    for (let label = count - 1; label >= last; label--) {
      hash = hashLabel(hash, packet, labels[label])
      for (let slot = hash & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
        const name = this.#names[slots[slot] - 1]
        if (name.hash !== hash || name.labels !== count - label) continue
        if (!equalNames(packet, labels[label], name.wire)) continue
        if (name.zone === null) this.isBetween = label === 0
        else {
          best = name.zone
          this.labelsBelow = label
        }
      }
    }
    return best
  }
}

function knownName(wire: Uint8Array, zone: Zone | null): KnownName {
  return { wire, labels: labelCount(wire), hash: hashOf(wire), zone }
}

/** The names between an apex and the next one above it, each once. */
function namesBetween(zones: readonly Zone[]): KnownName[] {
  const apexes = new Set(zones.map(({ name }) => name))
  const between = new Set<string>()
  for (const { name } of zones) {
    const labels = name.split('.')
    const above = labels.map((_, i) => labels.slice(i).join('.')).slice(1)
    const next = above.findIndex((it) => apexes.has(it))
    for (const it of above.slice(0, Math.max(0, next))) between.add(it)
  }
  return [...between].map((name) => knownName(wireName(name), null))
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
  const { domain, countries, authority, staleAfter = Number.POSITIVE_INFINITY } = options
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
  return new Catalogue(zones, staleAfter)
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

function hashOf(apex: Uint8Array): number {
  const labels: number[] = []
  for (let at = 0; apex[at] !== 0; at += apex[at] + 1) labels.push(at)
  return labels.reverse().reduce((hash, label) => hashLabel(hash, apex, label), HASH_BASIS)
}
