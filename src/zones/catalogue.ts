// All zones that are served, and which of them a query's name lies in.
//
// The deepest apex that the name ends in is found with one walk over its labels from the right: a hash of the
// suffix grows label by label and is looked up in a small open hash table; only the last hit is compared octet
// by octet. Names are compared without case (RFC 4343); the packet itself is not changed.

import { AsnzoneError } from '../errors.ts'
import type { ZoneDefinition } from './definition.ts'
import { labelCount, wireName } from './wire-name.ts'
import { type Authority, Zone } from './zone.ts'

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
  find(packet: Uint8Array, labels: Uint16Array, count: number): Zone | null {
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
  const planned: Array<{ definition: ZoneDefinition; name: string; cc: string; wrong: Wrong }> = []
  const byName = new Map<string, ZoneDefinition>()
  for (const definition of definitions) {
    const wrong: Wrong = (field, reason) =>
      new AsnzoneError('ASNZONE_ZONE', `${definition.file}: zone ${definition.id}, ${field}: ${reason}`)
    for (const pattern of definition.apex) {
      const codes = pattern.includes('{cc}') ? countries : ['']
      for (const cc of codes) {
        const name = pattern.replace('{domain}', domain).replace('{cc}', cc).toLowerCase().replace(/\.$/, '')
        const other = byName.get(name)
        if (other !== undefined) {
          throw wrong('apex', `${name} is served by zone ${other.id} of ${other.file} already; disable one`)
        }
        byName.set(name, definition)
        planned.push({ definition, name, cc, wrong })
      }
    }
  }
  return new Catalogue(
    planned.map(({ definition, name, cc, wrong }) =>
      compileZone(definition, name, cc, hasEnclosing(name, byName), authority, wrong),
    ),
  )
}

type Wrong = (field: string, reason: string) => AsnzoneError

/** Whether a name lies below one of `apexes`. */
function hasEnclosing(name: string, apexes: ReadonlyMap<string, unknown>): boolean {
  const labels = name.split('.')
  return labels.some((_, i) => i > 0 && apexes.has(labels.slice(i).join('.')))
}

function compileZone(
  definition: ZoneDefinition,
  name: string,
  cc: string,
  nested: boolean,
  authority: Authority,
  wrong: Wrong,
): Zone {
  let apex: Uint8Array
  try {
    apex = wireName(name)
  } catch (cause) {
    throw wrong('apex', (cause as Error).message)
  }
  if (apex.length === 1) throw wrong('apex', 'the root cannot be served')
  try {
    return new Zone(definition, name, apex, cc, nested, authority)
  } catch (cause) {
    throw wrong('txt or a', (cause as Error).message)
  }
}

const HASH_BASIS = 0x811c9dc5 | 0

/** One more label in front of a hashed suffix: FNV-1a over the length octet and the folded octets. */
function hashLabel(hash: number, packet: Uint8Array, label: number): number {
  const end = label + packet[label]
  let next = Math.imul(hash ^ packet[label], 16777619)
  for (let at = label + 1; at <= end; at++) next = Math.imul(next ^ lowerCase(packet[at]), 16777619)
  return next
}

function hashOfApex(apex: Uint8Array): number {
  const labels: number[] = []
  for (let at = 0; apex[at] !== 0; at += apex[at] + 1) labels.push(at)
  return labels.reverse().reduce((hash, label) => hashLabel(hash, apex, label), HASH_BASIS)
}

/** Whether the rest of the name at `packet[at…]` is `apex`, but for case. */
function equalNames(packet: Uint8Array, at: number, apex: Uint8Array): boolean {
  for (let i = 0; i < apex.length; i++) if (lowerCase(packet[at + i]) !== apex[i]) return false
  return true
}

/** Folds A–Z; a length octet is below 64 and stays. */
function lowerCase(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet
}
