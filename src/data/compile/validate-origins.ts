// Route origin validation (RFC 6811): what ROAs say of each prefix of a source and the AS that announces it.
//
//     covering   the ROA's prefix is the announced one, or contains it
//     matching   it also has the AS, which is not 0, and a maximum length that is not below the announced length
//
// Valid is what a ROA matches, invalid what ROAs cover and none matches, not-found what none covers. An announced prefix is
// covered by the ROAs that contain any address of it and aren't longer, so that one walk over both in ascending order tells all.

import { addPowerOfTwo, compareAddresses, copyAddress, type Width } from '../../table/address-arithmetic.ts'
import type { Roa } from '../../table/build/record-texts.ts'
import {
  detailLength,
  detailSet,
  emptyIntervalMap,
  type IntervalMap,
  IntervalMapBuilder,
} from '../../table/interval-map.ts'
import { MAX_ROAS, type RpkiState } from '../../table/layout.ts'
import type { RpkiStates } from './rpki-states.ts'
import { type SortedVrps, vrpLength, vrpMaxLength } from './vrps.ts'

/** How many prefixes have each state. */
export type StateCounts = Readonly<Record<RpkiState, number>>

/** What ROAs say of an AS layer. */
export interface ValidatedOrigins {
  /** A layer of numbers of `states`; 0 where no source tells which prefix is announced. */
  readonly intervals: IntervalMap
  readonly counts: StateCounts
}

/**
 * Validates the prefixes of an AS layer.
 *
 * @param isAsSet whether a set of origins is an AS_SET, which no ROA can match
 */
export function validateOrigins(
  ases: IntervalMap,
  vrps: SortedVrps,
  isAsSet: (set: number) => boolean,
  states: RpkiStates,
): ValidatedOrigins {
  const { width, count, starts, values, details } = ases
  const counts = { valid: 0, 'not-found': 0, invalid: 0 }
  if (details === undefined) return { intervals: emptyIntervalMap(width), counts }
  const family = width === 1 ? 4 : 6
  const builder = new IntervalMapBuilder(width, count)
  const covering = new CoveringVrps(vrps)
  const cursor = new Uint32Array(width)
  for (let interval = 0; interval < count; interval++) {
    const length = detailLength(details[interval])
    const next = (interval + 1) * width
    copyAddress(starts, interval * width, cursor, 0, width)
    if (values[interval] === 0 || length === 0) {
      builder.add(cursor, 0, 0)
      continue
    }
    const asn = isAsSet(detailSet(details[interval])) ? 0 : values[interval]
    // Neighbours of one length and one AS are one interval, and ROAs may tell them apart.
    do {
      covering.moveTo(cursor)
      const state = covering.validate(length, asn)
      builder.add(cursor, 0, states.numberOf(state, family, covering.roas))
      counts[state]++
    } while (
      toNextPrefix(cursor, length, width) &&
      (interval + 1 === count || compareAddresses(cursor, 0, starts, next, width) < 0)
    )
  }
  return { intervals: builder.finish(), counts }
}

/** Goes from any address of a prefix to the first one after it; false where there is none. */
function toNextPrefix(cursor: Uint32Array, length: number, width: Width): boolean {
  for (let k = 0, bits = length; k < width; k++, bits -= 32) {
    if (bits < 32) cursor[k] = bits <= 0 ? 0 : cursor[k] & (-1 << (32 - bits))
  }
  return addPowerOfTwo(cursor, 0, width * 32 - length, width)
}

/** The payloads whose prefixes contain an address that only ascends, as a stack from the shortest prefix to the longest. */
class CoveringVrps {
  /** The ROAs that decided last, those of the longest prefixes first; one more than are kept at most. */
  readonly roas: Roa[] = []
  readonly #vrps: SortedVrps
  /** The first payload of each prefix; the next prefix has the first one after the last. */
  readonly #firsts: number[] = []
  readonly #ends: number[] = []
  #next = 0

  constructor(vrps: SortedVrps) {
    this.#vrps = vrps
  }

  moveTo(address: Uint32Array): void {
    const { width, count, starts } = this.#vrps
    for (let i = this.#next; i < count; i = this.#next) {
      if (compareAddresses(starts, i * width, address, 0, width) > 0) break
      this.#leave(starts, i * width)
      this.#next = this.#endOf(i)
      this.#firsts.push(i)
      this.#ends.push(this.#next)
    }
    this.#leave(address, 0)
  }

  /** The state of a prefix that the address is in, and in `roas` why. */
  validate(length: number, asn: number): RpkiState {
    const { lengths } = this.#vrps
    this.roas.length = 0
    let top = this.#firsts.length - 1
    while (top >= 0 && vrpLength(lengths[this.#firsts[top]]) > length) top--
    if (top < 0) return 'not-found'
    if (asn !== 0) for (let level = top; level >= 0; level--) this.#addMatching(level, length, asn)
    if (this.roas.length > 0) return 'valid'
    for (let level = top; level >= 0; level--) {
      for (let i = this.#firsts[level]; i < this.#ends[level]; i++) {
        if (!this.#add(i, length, asn)) return 'invalid'
      }
    }
    return 'invalid'
  }

  #addMatching(level: number, length: number, asn: number): void {
    const { asns, lengths } = this.#vrps
    const end = this.#ends[level]
    let low = this.#firsts[level]
    let up = end
    while (low < up) {
      const middle = (low + up) >>> 1
      if (asns[middle] < asn) low = middle + 1
      else up = middle
    }
    for (let i = low; i < end && asns[i] === asn; i++) {
      if (vrpMaxLength(lengths[i]) >= length && !this.#add(i, length, asn)) return
    }
  }

  /** Returns false when there are more than are kept. */
  #add(i: number, length: number, own: number): boolean {
    if (this.roas.length > MAX_ROAS) return false
    const { asns, lengths } = this.#vrps
    const asn = asns[i] === own && own !== 0 ? undefined : asns[i]
    const ofRoa = vrpLength(lengths[i])
    this.roas.push({ asn, shorter: length - ofRoa, more: vrpMaxLength(lengths[i]) - ofRoa })
    return true
  }

  /** Takes off what ends before an address. */
  #leave(address: Uint32Array, at: number): void {
    while (this.#firsts.length > 0 && !this.#contains(this.#firsts[this.#firsts.length - 1], address, at)) {
      this.#firsts.pop()
      this.#ends.pop()
    }
  }

  #contains(i: number, address: Uint32Array, at: number): boolean {
    const { width, starts, lengths } = this.#vrps
    let bits = vrpLength(lengths[i])
    for (let k = 0; k < width && bits > 0; k++, bits -= 32) {
      const difference = starts[i * width + k] ^ address[at + k]
      if ((bits >= 32 ? difference : difference >>> (32 - bits)) !== 0) return false
    }
    return true
  }

  /** The first payload after those that have the prefix of one. */
  #endOf(i: number): number {
    const { width, count, starts, lengths } = this.#vrps
    let end = i + 1
    while (
      end < count &&
      vrpLength(lengths[end]) === vrpLength(lengths[i]) &&
      compareAddresses(starts, end * width, starts, i * width, width) === 0
    )
      end++
    return end
  }
}
