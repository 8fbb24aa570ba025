// What an AS or a country has: its networks, in which countries or by which ASes, and with which scores. It takes a walk
// over the whole table, in steps, so that others are answered in between.

import { networksOf } from '../export/spans.ts'
import { addPowerOfTwo, compareAddresses, copyAddress, widthOf } from '../table/address-arithmetic.ts'
import { networkText } from '../table/address-text.ts'
import { COLUMN, RECORD_SHIFT, SCORE_PARTS } from '../table/layout.ts'
import type { Table } from '../table/table.ts'
import { rangesOf } from '../table/walk.ts'

/** Networks of each family, and countries, ASes and scores, that are told; each list says how many more there are. */
const MAX_NETWORKS = 100
const MAX_SHARES = 50
const MAX_SCORES = 10

/** Ranges that are looked at before others have their turn. */
const STEP = 32_768

/** Whose holdings. */
export type Holder = { readonly asn: number } | { readonly country: string }

/** A list that is cut. */
export interface Cut<Item> {
  readonly shown: readonly Item[]
  /** How many more there are. */
  readonly more: number
}

/** Addresses of both families; those of IPv6 are rounded. */
export interface Addresses {
  readonly ipv4: number
  readonly ipv6: number
}

/** A part of what is held, that is one country's or one AS's. */
export interface Share extends Addresses {
  /** Null where none is known. */
  readonly country: string | null
  readonly asn: number | null
  readonly name: string | null
}

/** A score, and what it is the sum of. */
export interface ScoreShare extends Addresses {
  readonly score: number
  readonly parts: readonly string[]
}

/** What an AS or a country has. */
export interface Holdings {
  readonly found: boolean
  readonly addresses: Addresses
  /** The fewest networks that these addresses are, in ascending order, each with its country. */
  readonly networks: {
    readonly ipv4: Cut<{ readonly network: string; readonly country: string | null }>
    readonly ipv6: Cut<{ readonly network: string; readonly country: string | null }>
  }
  /** The countries of an AS, the ASes of a country; the most addresses of IPv4 first. */
  readonly shares: Cut<Share>
  readonly scores: Cut<ScoreShare>
}

/** Addresses that are added up. */
interface Sum {
  ipv4: number
  ipv6: number
  /** One of the records. */
  readonly record: number
}

/** Looks all of it up. Resolves after some hundred milliseconds, of which it takes a few at a time. */
export async function holdingsOf(table: Table, holder: Holder): Promise<Holdings> {
  const isHeld = heldRecords(table, holder)
  const isAny = isHeld.includes(1)
  const shareColumn = 'asn' in holder ? COLUMN.country : COLUMN.asn
  const shares = new Map<number, Sum>()
  const scores = new Map<number, Sum>()
  const total = { ipv4: 0, ipv6: 0, record: 0 }
  const networks = { 4: new Networks(table), 6: new Networks(table) }
  let steps = 0
  for (const family of isAny ? ([4, 6] as const) : []) {
    for (const { start, end, record } of rangesOf(table, family)) {
      if (++steps % STEP === 0) await new Promise((resolve) => setImmediate(resolve))
      if (isHeld[record] === 0) continue
      const count = addressesOf(start, end)
      const key = family === 4 ? 'ipv4' : 'ipv6'
      total[key] += count
      sumOf(shares, table, record, shareColumn)[key] += count
      sumOf(scores, table, record, COLUMN.score)[key] += count
      networks[family].add(start, end, record)
    }
    networks[family].end()
  }
  return {
    found: total.ipv4 + total.ipv6 > 0,
    addresses: { ipv4: total.ipv4, ipv6: total.ipv6 },
    networks: { ipv4: networks[4].told, ipv6: networks[6].told },
    shares: cut(
      merged(shares, (record) => table.text(record, shareColumn)),
      MAX_SHARES,
      ({ record, ...sum }) => shareOf(table, record, sum, 'asn' in holder),
    ),
    scores: cut([...scores.values()], MAX_SCORES, ({ record, ipv4, ipv6 }) => ({
      score: Number(table.text(record, COLUMN.score)),
      parts: table
        .blockText(record, COLUMN.score, SCORE_PARTS)
        .split(' | ')
        .filter((part) => part !== ''),
      ipv4,
      ipv6,
    })),
  }
}

/** 1 for each record that is the holder's; octets are compared, because to make texts of them takes ten times as long. */
function heldRecords(table: Table, holder: Holder): Uint8Array {
  const { records, strings, recordCount } = table
  const held = new Uint8Array(recordCount)
  const column = 'asn' in holder ? COLUMN.asn : COLUMN.country
  const wanted = new TextEncoder().encode('asn' in holder ? String(holder.asn) : holder.country)
  for (let record = 1; record < recordCount; record++) {
    const offset = records[(record << RECORD_SHIFT) + column]
    if (offset === 0 || strings[offset] !== wanted.length) continue
    let same = 1
    for (let i = 0; i < wanted.length; i++) if (strings[offset + 1 + i] !== wanted[i]) same = 0
    held[record] = same
  }
  return held
}

/** The sum for what a record has in a column, by the offset of that. */
function sumOf(sums: Map<number, Sum>, { records }: Table, record: number, column: number): Sum {
  const offset = records[(record << RECORD_SHIFT) + column]
  let sum = sums.get(offset)
  if (sum === undefined) {
    sum = { ipv4: 0, ipv6: 0, record }
    sums.set(offset, sum)
  }
  return sum
}

/** The same with one sum for each text: an AS is written in several places where others announce the same prefix. */
function merged(sums: ReadonlyMap<number, Sum>, textOf: (record: number) => string): Sum[] {
  const byText = new Map<string, Sum>()
  for (const sum of sums.values()) {
    const text = textOf(sum.record)
    const known = byText.get(text)
    if (known === undefined) byText.set(text, sum)
    else {
      known.ipv4 += sum.ipv4
      known.ipv6 += sum.ipv6
    }
  }
  return [...byText.values()]
}

function cut<Item>(sums: Sum[], most: number, tell: (sum: Sum) => Item): Cut<Item> {
  sums.sort((a, b) => b.ipv4 - a.ipv4 || b.ipv6 - a.ipv6)
  return { shown: sums.slice(0, most).map(tell), more: Math.max(0, sums.length - most) }
}

function shareOf(table: Table, record: number, sum: Addresses, isOfAs: boolean): Share {
  const text = (column: number): string | null => table.text(record, column) || null
  const asn = isOfAs ? null : text(COLUMN.asn)
  return {
    country: isOfAs ? text(COLUMN.country) : null,
    asn: asn === null ? null : Number(asn),
    name: isOfAs ? null : text(COLUMN.name),
    ...sum,
  }
}

/** How many addresses a range has. */
function addressesOf(start: Uint32Array, end: Uint32Array): number {
  let count = 0
  for (let word = 0; word < start.length; word++) count = count * 2 ** 32 + (end[word] - start[word])
  return count + 1
}

/** Networks of one family, from ranges in ascending order. */
class Networks {
  readonly #table: Table
  readonly #shown: { network: string; country: string | null }[] = []
  #count = 0
  #start: Uint32Array | null = null
  #end = new Uint32Array(0)
  #next = new Uint32Array(0)
  #country = 0
  #record = 0

  constructor(table: Table) {
    this.#table = table
  }

  get told(): Cut<{ readonly network: string; readonly country: string | null }> {
    return { shown: this.#shown, more: this.#count - this.#shown.length }
  }

  add(start: Uint32Array, end: Uint32Array, record: number): void {
    const width = widthOf(start.length === 1 ? 4 : 6)
    const country = this.#table.records[(record << RECORD_SHIFT) + COLUMN.country]
    const goesOn =
      this.#start !== null &&
      country === this.#country &&
      compareAddresses(start, 0, this.#next, 0, width) === 0
    if (!goesOn) {
      this.end()
      this.#start = start.slice()
      this.#end = end.slice()
      this.#next = end.slice()
      this.#country = country
      this.#record = record
    }
    copyAddress(end, 0, this.#end, 0, width)
    copyAddress(end, 0, this.#next, 0, width)
    addPowerOfTwo(this.#next, 0, 0, width)
  }

  /** Ends the last range. */
  end(): void {
    if (this.#start === null) return
    const country = this.#table.text(this.#record, COLUMN.country) || null
    for (const { start, length } of networksOf(this.#start, this.#end)) {
      this.#count++
      if (this.#shown.length < MAX_NETWORKS)
        this.#shown.push({ network: `${networkText(start)}/${length}`, country })
    }
    this.#start = null
  }
}
