// What is neither learned nor told: ASes and networks that the setting `learn.exclude` names.

import { networkText } from '../table/address-text.ts'
import { asnOf } from '../table/as-number.ts'
import { type Cidr, parseCidr } from '../table/cidr-text.ts'
import { recordOf, type Table } from '../table/table.ts'
import { isWithin } from './address.ts'
import { entryOf } from './place.ts'

/** What the setting names; plain data, for other threads. */
export interface ExcludeSetting {
  readonly asns: readonly number[]
  /** As CIDR. */
  readonly networks: readonly string[]
}

/** What the setting excludes. */
export const excludedBy = ({ asns, networks }: ExcludeSetting): Excluded =>
  new Excluded(asns, networks.map(parseCidr))

/** ASes and networks. */
export class Excluded {
  readonly #asns: ReadonlySet<number>
  readonly #networks: readonly Cidr[]

  constructor(asns: readonly number[] = [], networks: readonly Cidr[] = []) {
    this.#asns = new Set(asns)
    this.#networks = networks
  }

  get asns(): Iterable<number> {
    return this.#asns
  }

  /** The networks as text. */
  get networkTexts(): readonly string[] {
    return this.#networks.map(({ start, length }) => `${networkText(start)}/${length}`)
  }

  hasAs(asn: number): boolean {
    return this.#asns.has(asn)
  }

  /** Whether a network lies in one of the networks that are excluded. */
  covers(words: ArrayLike<number>, length: number): boolean {
    return this.#networks.some((network) => network.length <= length && isWithin(words, network))
  }

  /** Whether an address is in one of the networks, or of one of the ASes. */
  has(table: Table, words: ArrayLike<number>): boolean {
    if (this.covers(words, words.length * 32)) return true
    return this.#asns.size > 0 && this.hasAs(asnOf(table, recordOf(entryOf(table, words))))
  }
}
