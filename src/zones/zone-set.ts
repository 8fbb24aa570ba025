// All zones that are served, and which of them a query's name lies in.
//
// The deepest apex that the name ends in is found with one walk over its labels, from as many as the deepest apex
// has: each suffix is looked up in an index of all apexes and of the names between them.

import { AsnzoneError } from '../errors.ts'
import type { ZoneDefinition } from './definition.ts'
import { MAX_DEFINITIONS, MAX_ZONES } from './limits.ts'
import { NameIndex, NO_NAME } from './name-index.ts'
import type { Packet } from './packet.ts'
import { labelCount, wireName } from './wire-name.ts'
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

/** The zones that are served. */
export class ZoneSet {
  readonly zones: readonly Zone[]
  /** The time, in milliseconds since 1970, after which answers say that they are stale. */
  readonly staleAfter: number
  /** The apexes, in the order of `zones`, and after them the names between two apexes, which exist but hold nothing. */
  readonly #names: NameIndex
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
    const names = [...zones.map(({ apex }) => apex), ...namesBetween(zones)]
    this.#names = new NameIndex(names)
    this.#maxLabels = names.reduce((max, name) => Math.max(max, labelCount(name)), 0)
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
  #findFrom(from: number, reply: Packet, labels: Uint32Array, count: number): Zone | null {
    const { zones } = this
    const end = count === 0 ? 0 : labels[count - 1] + reply.packet[labels[count - 1]] + 2
    for (let label = Math.max(from, count - this.#maxLabels); label < count; label++) {
      const at = labels[label]
      const name = this.#names.find(reply, at, end - at)
      if (name === NO_NAME) continue
      if (name < zones.length) {
        this.labelsBelow = label
        return zones[name]
      }
      if (label === 0) this.isBetween = true
    }
    return null
  }
}

/** The names between an apex and the next one above it, each once. */
function namesBetween(zones: readonly Zone[]): Uint8Array[] {
  const apexes = new Set(zones.map(({ name }) => name))
  const between = new Set<string>()
  for (const { name } of zones) {
    const above: string[] = []
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      const it = name.slice(dot + 1)
      if (apexes.has(it)) {
        for (const one of above) between.add(one)
        break
      }
      above.push(it)
    }
  }
  return [...between].map(wireName)
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
  placeOf?: PlaceOf,
): ZoneSet {
  const steps = compileInSteps(definitions, options, placeOf)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** The same, for who has something else to do after each zone. */
export function* compileInSteps(
  definitions: readonly ZoneDefinition[],
  options: ZoneSetOptions,
  placeOf: PlaceOf = ({ file }) => file,
): Generator<void, ZoneSet> {
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
        yield
      }
    }
  }
  return new ZoneSet(zones, staleAfter)
}
