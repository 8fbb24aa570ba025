// All zones that are served, and which of them a query's name lies in.
//
// The deepest apex that the name ends in is found with one walk over its labels, from as many as the deepest apex
// has: each suffix is looked up in a small open hash table, and a hit is compared octet by octet.
// Names are compared without case (RFC 4343); the packet itself is not changed.

import { AsnzoneError } from '../errors.ts'
import type { ZoneDefinition } from './definition.ts'
import { MAX_DEFINITIONS, MAX_ZONES } from './limits.ts'
import type { Packet } from './packet.ts'
import { equalNames, foldCase, labelCount, wireName } from './wire-name.ts'
import { Zone, ZoneBody, type ZoneValues } from './zone.ts'

/** Settings that zone definitions are compiled with. */
export interface ZoneSetOptions extends ZoneValues {
  /** What `{domain}` stands for. */
  readonly domain: string
  /** What `{cc}` runs through, upper case. */
  readonly countries: readonly string[]
  /** The number that the queries of each definition are counted by; its place among them when not given. */
  readonly rows?: readonly number[]
  /** The time, in milliseconds since 1970, after which answers say that they are stale; never when not given. */
  readonly staleAfter?: number
}

/** A name that the zone set knows: an apex, or a name between two apexes, which exists but holds nothing. */
interface KnownName {
  readonly wire: Uint8Array
  /** The same octets. */
  readonly words: DataView
  readonly labels: number
  readonly hash: number
  /** Null between two apexes. */
  readonly zone: Zone | null
}

/** The zones that are served. */
export class ZoneSet {
  readonly zones: readonly Zone[]
  /** The time, in milliseconds since 1970, after which answers say that they are stale. */
  readonly staleAfter: number
  readonly #names: readonly KnownName[]
  /** Number of the name + 1 by hash; open addressing, 0 is free. */
  readonly #slots: Uint32Array
  readonly #maxLabels: number
  /** How many labels of the name lie below the apex that `find` found. */
  labelsBelow = 0
  /**
   * Whether the name that was searched for exists for another reason than what its zone holds: it lies between two
   * apexes, an empty non-terminal (RFC 8020 2), or is an apex itself, seen from the zone above.
   */
  isBetween = false

  constructor(zones: readonly Zone[], staleAfter: number) {
    this.zones = zones
    this.staleAfter = staleAfter
    this.#names = [...zones.map(({ apex }, i) => knownName(apex, zones[i])), ...namesBetween(zones)]
    this.#maxLabels = this.#names.reduce((max, { labels }) => Math.max(max, labels), 0)
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(this.#names.length * 4 + 1)))
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
   * @param packet what holds the name
   * @param labels where each label's length octet lies in it, the leftmost label first
   * @param count how many labels the name has
   */
  find(packet: Packet, labels: Uint32Array, count: number): Zone | null {
    this.isBetween = false
    return this.#findFrom(0, packet, labels, count)
  }

  /**
   * The zone above the one whose apex a name is: what is asked there about the cut itself (RFC 4035 3.1.4.1). It is
   * that zone itself where we serve none above.
   */
  findAbove(packet: Packet, labels: Uint32Array, count: number): Zone | null {
    const above = this.#findFrom(1, packet, labels, count)
    if (above === null) return this.find(packet, labels, count)
    this.isBetween = true
    return above
  }

  /** The zone with the deepest apex among the labels from `from` on. */
  #findFrom(from: number, { packet, view }: Packet, labels: Uint32Array, count: number): Zone | null {
    const slots = this.#slots
    const mask = slots.length - 1
    const end = count === 0 ? 0 : labels[count - 1] + packet[labels[count - 1]] + 2
    for (let label = Math.max(from, count - this.#maxLabels); label < count; label++) {
      const at = labels[label]
      const hash = hashName(packet, at, end - at)
      for (let slot = hash & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
        const name = this.#names[slots[slot] - 1]
        if (name.hash !== hash || !(equalWords(view, at, name.words) || equalNames(packet, at, name.wire)))
          continue
        if (name.zone !== null) {
          this.labelsBelow = label
          return name.zone
        }
        if (label === 0) this.isBetween = true
      }
    }
    return null
  }
}

function knownName(wire: Uint8Array, zone: Zone | null): KnownName {
  const words = new DataView(wire.buffer, wire.byteOffset, wire.length)
  return { wire, words, labels: labelCount(wire), hash: hashName(wire, 0, wire.length), zone }
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

/** Where a field of a zone stands, for error messages. */
export type PlaceOf = (definition: ZoneDefinition, field: string) => string

/**
 * Compiles zone definitions.
 *
 * @param placeOf asked when a zone is wrong; the file's name when not given
 * @throws {AsnzoneError} `ASNZONE_ZONE` that names the file, the zone and the field.
 */
export function compileZoneSet(
  definitions: readonly ZoneDefinition[],
  options: ZoneSetOptions,
  placeOf: PlaceOf = ({ file }) => file,
): ZoneSet {
  const { domain, countries, rows, staleAfter = Number.POSITIVE_INFINITY } = options
  const zones: Zone[] = []
  const byName = new Map<string, ZoneDefinition>()
  for (const [index, definition] of definitions.entries()) {
    const wrong = (field: string, reason: string): AsnzoneError =>
      new AsnzoneError('ASNZONE_ZONE', `${placeOf(definition, field)}: zone ${definition.id}, ${reason}`)
    if (index === MAX_DEFINITIONS) {
      throw wrong(
        'apex',
        `there are more than ${MAX_DEFINITIONS} zones with it; one zone may have a list of apexes`,
      )
    }
    let body: ZoneBody
    try {
      body = new ZoneBody(definition, rows?.[index] ?? index, options)
    } catch (cause) {
      const { message } = cause as Error
      throw wrong(message.split(':', 1)[0], message)
    }
    for (const pattern of definition.apex) {
      const codes = pattern.includes('{cc}') ? countries : ['']
      for (const cc of codes) {
        const name = pattern.replace('{domain}', domain).replace('{cc}', cc).toLowerCase().replace(/\.$/, '')
        if (zones.length === MAX_ZONES) {
          throw wrong('apex', `apex: there are more than ${MAX_ZONES} apexes with it, and no more are served`)
        }
        const other = byName.get(name)
        if (other !== undefined) {
          throw wrong(
            'apex',
            `apex: ${name} is served by zone ${other.id} of ${other.file} already; disable one`,
          )
        }
        byName.set(name, definition)
        try {
          const apex = wireName(name)
          if (apex.length === 1) throw new Error('the root cannot be served')
          zones.push(new Zone(body, name, apex, cc))
        } catch (cause) {
          throw wrong('apex', `apex: ${(cause as Error).message}`)
        }
      }
    }
  }
  return new ZoneSet(zones, staleAfter)
}

/**
 * A hash of the name of `length` octets at `packet[at…]`, the root label included: its length, and of its first label
 * the length and, without case, the two first octets, one in the middle and the two last ones. That tells apart nearly
 * all apexes, though some of these octets be the same one or a length; those that it doesn't are compared.
 */
function hashName(packet: Uint8Array, at: number, length: number): number {
  const first = packet[at]
  const end = at + first
  const begins = (foldCase(packet[at + 1]) << 16) | (foldCase(packet[at + 2]) << 8) | first
  const ends = (foldCase(packet[end - 1]) << 16) | (foldCase(packet[end]) << 8) | length
  const middle = foldCase(packet[at + 1 + (first >>> 1)]) << 24
  const mixed = Math.imul(begins ^ middle, 0x85ebca6b) ^ Math.imul(ends, 0xc2b2ae35)
  return mixed ^ (mixed >>> 15)
}

/** Whether the octets at `packet[at…]` are exactly those of a name, as they nearly always are: case is not folded. */
function equalWords(packet: DataView, at: number, name: DataView): boolean {
  const length = name.byteLength
  if (length < 4) return false
  for (let i = 0; i < length - 4; i += 4) if (packet.getUint32(at + i) !== name.getUint32(i)) return false
  return packet.getUint32(at + length - 4) === name.getUint32(length - 4)
}
