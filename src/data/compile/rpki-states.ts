// Numbers for what RPKI says of prefixes: few, because ROAs are told by their lengths and an AS by that it is the prefix's own.

import type { Roa, Rpki } from '../../table/build/record-texts.ts'
import { MAX_ROAS, RPKI_CODE, type RpkiState } from '../../table/layout.ts'

/** How many lengths a prefix may have. */
const LENGTHS = 129

/** Above all states and families as one number. */
const ABOVE_STATES = 40

/** What RPKI says, with numbers from 1 on, the same once. */
export class RpkiStates {
  /** Of no ROA or one, as nearly all are, by `keyOf`. */
  readonly #ofOne = new Map<number, number>()
  readonly #ofSeveral = new Map<string, number>()
  readonly #states: (Rpki | undefined)[] = [undefined]

  /**
   * The number of a state.
   *
   * @param roas those that decided, those of the longest prefixes first; more than MAX_ROAS are cut
   */
  numberOf(state: RpkiState, family: 4 | 6, roas: readonly Roa[]): number {
    const key = roas.length > 1 ? textOf(state, family, roas) : keyOf(state, family, roas)
    const known = typeof key === 'number' ? this.#ofOne.get(key) : this.#ofSeveral.get(key)
    if (known !== undefined) return known
    const hasMore = roas.length > MAX_ROAS
    const number = this.#states.push({ state, family, roas: roas.slice(0, MAX_ROAS), hasMore }) - 1
    if (typeof key === 'number') this.#ofOne.set(key, number)
    else this.#ofSeveral.set(key, number)
    return number
  }

  /** What has a number; undefined for 0. */
  state(number: number): Rpki | undefined {
    return this.#states[number]
  }
}

/** State, family and one ROA or none as one number, below 2^53. */
function keyOf(state: RpkiState, family: 4 | 6, [roa]: readonly Roa[]): number {
  const of = RPKI_CODE[state] * 8 + family
  if (roa === undefined) return of
  const asn = roa.asn === undefined ? 1 : 2 + roa.asn
  return ((asn * LENGTHS + roa.shorter) * LENGTHS + roa.more) * ABOVE_STATES + of
}

function textOf(state: RpkiState, family: 4 | 6, roas: readonly Roa[]): string {
  let text = `${state} ${family} ${roas.length > MAX_ROAS}`
  for (let i = 0; i < roas.length && i < MAX_ROAS; i++) {
    const { asn = '', shorter, more } = roas[i]
    text += ` ${asn}-${shorter}+${more}`
  }
  return text
}
