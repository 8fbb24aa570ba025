// The rows of the CSV files that are published: ranges that say the same are one row.

import { addPowerOfTwo, compareAddresses, copyAddress, widthOf } from '../table/address-arithmetic.ts'
import { networkText } from '../table/address-text.ts'
import { COLUMN } from '../table/layout.ts'
import type { Table } from '../table/table.ts'
import { rangesOf } from '../table/walk.ts'

/** What a file tells: `start,end,asn,name` or `start,end,country`. */
export type CsvKind = 'asn' | 'country'

/** Every row of a file, in ascending order of addresses. */
export function* csvRowsOf(table: Table, kind: CsvKind, family: 4 | 6): Generator<string[], void, undefined> {
  const width = widthOf(family)
  const texts = new TextCache(table)
  const first = new Uint32Array(width)
  const last = new Uint32Array(width)
  const behind = new Uint32Array(width)
  let attributes: string[] | null = null
  for (const { start, end, record } of rangesOf(table, family)) {
    const key = texts.of(record, COLUMN[kind])
    const continues =
      attributes !== null && attributes[0] === key && compareAddresses(start, 0, behind, 0, width) === 0
    if (!continues) {
      if (attributes !== null) yield [networkText(first), networkText(last), ...attributes]
      copyAddress(start, 0, first, 0, width)
      const name = kind === 'asn' ? [texts.of(record, COLUMN.name)] : []
      attributes = key === '' ? null : [key, ...name]
    }
    copyAddress(end, 0, last, 0, width)
    copyAddress(end, 0, behind, 0, width)
    addPowerOfTwo(behind, 0, 0, width)
  }
  if (attributes !== null) yield [networkText(first), networkText(last), ...attributes]
}

/** Texts of records, each decoded once. */
class TextCache {
  readonly #table: Table
  readonly #texts = new Map<number, string>()

  constructor(table: Table) {
    this.#table = table
  }

  of(record: number, column: number): string {
    const key = record * 16 + column
    let text = this.#texts.get(key)
    if (text === undefined) {
      text = this.#table.text(record, column)
      this.#texts.set(key, text)
    }
    return text
  }
}
