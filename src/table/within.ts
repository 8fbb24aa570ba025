// What lies in a network: each range of addresses in it of which the table says the same.

import { addPowerOfTwo, compareAddresses, copyAddress, widthOf } from './address-arithmetic.ts'
import { networkText } from './address-text.ts'
import { type Attributes, recordAttributes } from './attributes.ts'
import type { Table } from './table.ts'
import { rangesOf } from './walk.ts'

/** The most ranges that are told; a large network has hundreds of thousands. */
const MAX_RANGES = 256

/** A range of addresses, and what is known of them. */
export interface KnownRange extends Omit<Attributes, 'prefix' | 'range' | 'roas'> {
  readonly first: string
  readonly last: string
}

/** What lies in a network. */
export interface Within {
  /** In ascending order; what nothing is known of is left out. */
  readonly ranges: readonly KnownRange[]
  /** How many more there are. */
  readonly more: number
}

/** The known ranges between two addresses, which are among them. Takes some milliseconds. */
export function rangesWithin(table: Table, family: 4 | 6, first: Uint32Array, last: Uint32Array): Within {
  const width = widthOf(family)
  const found: { start: Uint32Array; end: Uint32Array; record: number }[] = []
  const next = new Uint32Array(width)
  let count = 0
  let record = 0
  for (const range of rangesOf(table, family)) {
    if (compareAddresses(range.end, 0, first, 0, width) < 0) continue
    if (compareAddresses(range.start, 0, last, 0, width) > 0) break
    // Ranges are cut along prefixes, too: neighbours that say the same are one here.
    const isSame = range.record === record && compareAddresses(range.start, 0, next, 0, width) === 0
    if (!isSame) count++
    if (isSame && count <= MAX_RANGES) found[count - 1].end.set(range.end)
    else if (!isSame && count <= MAX_RANGES) {
      found.push({ start: range.start.slice(), end: range.end.slice(), record: range.record })
    }
    record = range.record
    copyAddress(range.end, 0, next, 0, width)
    addPowerOfTwo(next, 0, 0, width)
  }
  const ranges = found.map(({ start, end, record }): KnownRange => {
    const { prefix: _prefix, range: _range, roas: _roas, ...attributes } = recordAttributes(table, record)
    const from = compareAddresses(start, 0, first, 0, width) < 0 ? first : start
    const to = compareAddresses(end, 0, last, 0, width) > 0 ? last : end
    return { first: networkText(from), last: networkText(to), ...attributes }
  })
  return { ranges, more: count - found.length }
}
