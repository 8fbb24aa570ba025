// Walks over all that a compiled table knows, in ascending order: for exports, not for answers.

import { subtractOne, widthOf } from './address-arithmetic.ts'
import { HEADER, HEADER_WORDS } from './layout.ts'
import { recordOf, type Table } from './table.ts'

/** A range of addresses of which the table knows the same; the arrays change with the next range. */
export interface TableRange {
  readonly start: Uint32Array
  /** The last address of the range. */
  readonly end: Uint32Array
  /** The number of the record, never 0. */
  readonly record: number
  /** The record and the length of the prefix, as a look-up gives them; a range may be several such prefixes. */
  readonly entry: number
}

/** Every range of a family that something is known of. Neighbours may say the same. */
export function* rangesOf(table: Table, family: 4 | 6): Generator<TableRange, void, undefined> {
  const width = widthOf(family)
  const header = new Uint32Array(table.buffer, 0, HEADER_WORDS)
  const wordsAt = (section: number, length: number): Uint32Array =>
    new Uint32Array(table.buffer, header[section], length)
  const count = family === 4 ? table.v4Count : table.v6Count
  const entries = wordsAt(family === 4 ? HEADER.v4Entries : HEADER.v6Entries, count)
  const readStart = family === 4 ? ipv4Starts(wordsAt, count) : ipv6Starts(wordsAt, count, header)
  const start = new Uint32Array(width)
  const end = new Uint32Array(width)
  const next = new Uint32Array(width)
  readStart(0, next)
  for (let interval = 0; interval < count; interval++) {
    start.set(next)
    if (interval + 1 < count) readStart(interval + 1, next)
    else next.fill(0)
    const record = recordOf(entries[interval])
    if (record === 0) continue
    end.set(next)
    subtractOne(end, 0, width)
    yield { start, end, record, entry: entries[interval] }
  }
}

/** A section of a table. */
type WordsAt = (section: number, length: number) => Uint32Array

/** Reads the start of an interval; intervals are read in ascending order. */
type ReadStart = (interval: number, into: Uint32Array) => void

function ipv4Starts(wordsAt: WordsAt, count: number): ReadStart {
  const starts = wordsAt(HEADER.v4Starts, count)
  return (interval, into) => {
    into[0] = starts[interval]
  }
}

/** The words of an IPv6 address lie in two places, see src/table/layout.ts. */
function ipv6Starts(wordsAt: WordsAt, count: number, header: Uint32Array): ReadStart {
  const starts = wordsAt(HEADER.v6Starts, count * 2)
  const lowCount = header[HEADER.v6LowCount]
  const lowIntervals = wordsAt(HEADER.v6LowIntervals, lowCount)
  const lowWords = wordsAt(HEADER.v6LowWords, lowCount * 2)
  let low = 0
  return (interval, into) => {
    into[0] = starts[interval]
    into[1] = starts[count + interval]
    const hasLowWords = lowIntervals[low] === interval
    into[2] = hasLowWords ? lowWords[low] : 0
    into[3] = hasLowWords ? lowWords[lowCount + low] : 0
    if (hasLowWords) low++
  }
}
