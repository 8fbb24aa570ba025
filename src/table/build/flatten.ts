// Rows of a source, in any order and overlapping as they please, become one interval map.
//
// Where rows overlap the later row of the file wins (design decision 7), whatever its start and however deep
// the nesting: 214.95.0.0–215.0.255.255 AS749 and then 215.0.0.0–215.1.3.255 AS721 make 215.0.1.1 AS721.
// In a source of real prefixes the longest one wins, wherever it stands; see `byLength`.

import { addPowerOfTwo, compareAddresses, copyAddress, type Width } from '../address-arithmetic.ts'
import { detailLength, type IntervalMap, IntervalMapBuilder } from '../interval-map.ts'

/** The rows of one source and family in file order; first and last addresses are both inside the range. */
export interface Ranges {
  readonly width: Width
  readonly count: number
  /** `count` × `width` words. */
  readonly starts: Uint32Array
  /** `count` × `width` words; no end is below its start. */
  readonly ends: Uint32Array
  /** What the rows say, never 0. */
  readonly values: Uint32Array
  /** The details of the rows, see `detailOf`; missing where none has one. */
  readonly details?: Uint32Array | undefined
}

/** A flattened source and what had to be mended on the way. */
export interface Flattened {
  readonly intervals: IntervalMap
  /** Rows whose start lies before the start of the row above them. */
  readonly outOfOrder: number
  /** Rows that share addresses with a row of a lower start, or of the same start and further up in the file. */
  readonly overlapping: number
  /** Borders between two rows that are gone because both say the same. */
  readonly merged: number
}

/** Sorts, resolves overlaps (the later row wins) and joins neighbours that say the same. */
export function flatten(ranges: Ranges): Flattened {
  const { width, count, starts, ends, values, details } = ranges
  const { order, outOfOrder } = orderByStart(ranges)
  const builder = new IntervalMapBuilder(width, count + 1024)
  const cursor = new Uint32Array(width)
  const active = new LatestFirst()
  let spaceEnded = false
  let lastRow = -1
  let overlapping = 0
  let merged = 0

  /** Emits what holds from the cursor up to `limit` (exclusive); no limit means the end of the space. */
  const advance = (limit: Uint32Array | null, at: number): void => {
    while (!spaceEnded && active.size > 0) {
      const row = active.top()
      if (compareAddresses(ends, row * width, cursor, 0, width) < 0) {
        active.pop()
        continue
      }
      if (limit !== null && compareAddresses(cursor, 0, limit, at, width) >= 0) return
      const detail = details === undefined ? 0 : details[row]
      if (!builder.add(cursor, 0, values[row], detail) && row !== lastRow) merged++
      lastRow = row
      if (limit !== null && compareAddresses(ends, row * width, limit, at, width) >= 0) {
        copyAddress(limit, at, cursor, 0, width)
        return
      }
      copyAddress(ends, row * width, cursor, 0, width)
      spaceEnded = !addPowerOfTwo(cursor, 0, 0, width)
      active.pop()
    }
    if (spaceEnded) return
    if (limit === null) builder.add(cursor, 0, 0)
    else if (compareAddresses(cursor, 0, limit, at, width) < 0) {
      builder.add(cursor, 0, 0)
      copyAddress(limit, at, cursor, 0, width)
    }
  }

  for (let n = 0; n < count; n++) {
    const row = order === null ? n : order[n]
    advance(starts, row * width)
    if (active.size > 0) overlapping++
    active.push(row)
  }
  advance(null, 0)
  return { intervals: builder.finish(), outOfOrder, overlapping, merged }
}

/** The rows from short to long prefixes, in file order where equally long: then the longest wins. */
export function byLength(ranges: Ranges): Ranges {
  const { width, count, starts, ends, values, details } = ranges
  if (details === undefined) return ranges
  const positions = new Uint32Array(258)
  for (let row = 0; row < count; row++) positions[detailLength(details[row]) + 1]++
  for (let length = 1; length < positions.length; length++) positions[length] += positions[length - 1]
  const sorted = {
    width,
    count,
    starts: new Uint32Array(count * width),
    ends: new Uint32Array(count * width),
    values: new Uint32Array(count),
    details: new Uint32Array(count),
  }
  for (let row = 0; row < count; row++) {
    const position = positions[detailLength(details[row])]++
    copyAddress(starts, row * width, sorted.starts, position * width, width)
    copyAddress(ends, row * width, sorted.ends, position * width, width)
    sorted.values[position] = values[row]
    sorted.details[position] = details[row]
  }
  return sorted
}

/** The rows' numbers sorted by start, or null where the file is sorted already. */
function orderByStart(ranges: Ranges): { order: Uint32Array | null; outOfOrder: number } {
  const { width, count, starts } = ranges
  let outOfOrder = 0
  for (let row = 1; row < count; row++) {
    if (compareAddresses(starts, row * width, starts, (row - 1) * width, width) < 0) outOfOrder++
  }
  if (outOfOrder === 0) return { order: null, outOfOrder }
  const order = Uint32Array.from({ length: count }, (_, row) => row)
  order.sort((a, b) => compareAddresses(starts, a * width, starts, b * width, width) || a - b)
  return { order, outOfOrder }
}

/** A heap of row numbers with the highest on top: the row that wins where several are active. */
class LatestFirst {
  readonly #rows: number[] = []

  get size(): number {
    return this.#rows.length
  }

  top(): number {
    return this.#rows[0]
  }

  push(row: number): void {
    const rows = this.#rows
    let at = rows.push(row) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (rows[parent] >= row) break
      rows[at] = rows[parent]
      at = parent
    }
    rows[at] = row
  }

  pop(): void {
    const rows = this.#rows
    const last = rows.pop()
    if (last === undefined || rows.length === 0) return
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= rows.length) break
      if (child + 1 < rows.length && rows[child + 1] > rows[child]) child++
      if (rows[child] <= last) break
      rows[at] = rows[child]
      at = child
    }
    rows[at] = last
  }
}
