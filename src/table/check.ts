// Checks a table that comes from a file, once: a look-up and an answer trust every count, order and offset in it.
//
// What is checked is what they rely on: that a search ends, that what it finds is there, that no string is longer or
// lies elsewhere than the zones reckon with. Whether the attributes are true is not to be seen.

import { AsnzoneError } from '../errors.ts'
import { countsOf, headerOf } from './header.ts'
import {
  COLUMN,
  type ColumnName,
  HEADER,
  HEADER_WORDS,
  INDEX_LENGTH,
  MAX_OCTETS,
  MAX_ROAS,
  OCTETS_BEFORE,
  ORIGINS_LENGTH,
  RECORD_SHIFT,
  RECORD_WORDS,
  REPUTATION_BEFORE,
  ROAS,
} from './layout.ts'
import { LENGTHS_OCTETS, ROA, ROAS_OCTET, roaLengths } from './roas.ts'
import { prefixLengthOf, recordOf } from './table.ts'

/** Octets of a string that holds two. */
const TWO = 2

/** The most bits of a prefix. */
const LONGEST = 128

/** The block of strings that a column leads to: octets in front of it, and the fewest and the most of each string. */
interface Block {
  readonly before: number
  readonly min: readonly number[]
  readonly max: readonly number[]
}

const block = (max: readonly number[], before = 0, min: readonly number[] = max.map(() => 0)): Block => ({
  before,
  min,
  max,
})

const { city, region, country, continent, latitude, longitude } = MAX_OCTETS

/** A country's strings are found by their distance from the first, and so have one length. */
const COUNTRY = [country, country, TWO]

const ASN = block([MAX_OCTETS.asn], -ORIGINS_LENGTH)

/** ROAs follow, see `holdsRoas`. */
const REGISTRY = block([MAX_OCTETS.registry, MAX_OCTETS.rpki], -OCTETS_BEFORE)

const SCORE = block(
  [MAX_OCTETS.score, MAX_OCTETS.scoreParts, MAX_OCTETS.reputation, MAX_OCTETS.evidence],
  -REPUTATION_BEFORE,
)

const BLOCK_OF: Readonly<Record<ColumnName, Block>> = {
  asn: ASN,
  name: block([MAX_OCTETS.name]),
  country: block(COUNTRY, 0, COUNTRY),
  registry: REGISTRY,
  allocated: block([MAX_OCTETS.allocated]),
  distance: block([MAX_OCTETS.distance, MAX_OCTETS.distanceRough], -OCTETS_BEFORE),
  score: SCORE,
  location: block([city, region, country, continent, latitude, longitude]),
}

/** By column; a word of a record that is not a column leads to nothing. */
const BLOCKS: readonly Block[] = Array.from({ length: RECORD_WORDS }, (_, column) => {
  const name = (Object.keys(COLUMN) as ColumnName[]).find((known) => COLUMN[known] === column)
  return name === undefined ? block([], Number.POSITIVE_INFINITY) : BLOCK_OF[name]
})

/**
 * Checks a table that `Table` has opened.
 *
 * @throws {AsnzoneError} `ASNZONE_TABLE` with what is wrong.
 */
export function checkTable(buffer: SharedArrayBuffer): void {
  const header = new Uint32Array(buffer, 0, HEADER_WORDS)
  const counts = countsOf(header)
  const right = headerOf(counts)
  for (let word = 0; word < HEADER_WORDS; word++) {
    if (header[word] !== right[word])
      throw wrong(`word ${word} of its header is ${header[word]}, not ${right[word]}`)
  }
  const { v4Count, v6Count, v6LowCount, asCount, recordCount, stringsLength } = counts
  if (v4Count === 0 || v6Count === 0) throw wrong('it has no intervals')
  if (recordCount === 0 || stringsLength === 0)
    throw wrong('it lacks the record and the string of what is unknown')
  const words = (section: number, length: number, skip = 0): Uint32Array =>
    new Uint32Array(buffer, header[section] + skip * 4, length)
  const v4Starts = words(HEADER.v4Starts, v4Count)
  checkAscending(v4Starts, 'the IPv4 intervals')
  if (v4Starts[0] !== 0) throw wrong('its IPv4 intervals do not begin with 0.0.0.0')
  checkIndex(words(HEADER.v4Index, INDEX_LENGTH), v4Count - 1, 'the IPv4 index')
  checkEntries(words(HEADER.v4Entries, v4Count), recordCount, 32)
  const v6: Starts6 = {
    word0: words(HEADER.v6Starts, v6Count),
    word1: words(HEADER.v6Starts, v6Count, v6Count),
    lowIntervals: words(HEADER.v6LowIntervals, v6LowCount),
    word2: words(HEADER.v6LowWords, v6LowCount),
    word3: words(HEADER.v6LowWords, v6LowCount, v6LowCount),
  }
  checkStarts6(v6)
  checkGroups(words(HEADER.v6Groups, INDEX_LENGTH - 1), counts.v6SlotCount)
  checkIndex(words(HEADER.v6Slots, counts.v6SlotCount), v6Count - 1, 'the IPv6 index')
  checkEntries(words(HEADER.v6Entries, v6Count), recordCount, 128)
  checkAscending(words(HEADER.asNumbers, asCount), 'the AS numbers')
  const asRecords = words(HEADER.asRecords, asCount)
  for (let as = 0; as < asCount; as++) {
    if (asRecords[as] >= recordCount) throw wrong(`AS ${as} has record ${asRecords[as]} of ${recordCount}`)
  }
  const strings = new Uint8Array(buffer, header[HEADER.strings], stringsLength)
  checkRecords(words(HEADER.records, recordCount * RECORD_WORDS), strings)
}

function checkAscending(numbers: Uint32Array, what: string): void {
  for (let i = 1; i < numbers.length; i++) {
    if (numbers[i] <= numbers[i - 1]) throw wrong(`${what} do not ascend at ${i}`)
  }
}

/** A search goes from what one word of an index says to what the next one says. */
function checkIndex(index: Uint32Array, last: number, what: string): void {
  let before = 0
  for (let i = 0; i < index.length; i++) {
    const interval = index[i]
    if (interval < before) throw wrong(`${what} falls at ${i}`)
    before = interval
  }
  if (before !== last) throw wrong(`${what} ends with interval ${before}, not ${last}`)
}

function checkEntries(entries: Uint32Array, recordCount: number, longest: 32 | 128): void {
  for (let interval = 0; interval < entries.length; interval++) {
    const entry = entries[interval]
    const record = recordOf(entry)
    // An entry that isn't 0 is taken for something known.
    if (record >= recordCount || prefixLengthOf(entry) > longest || (record === 0 && entry !== 0)) {
      throw wrong(
        `entry ${interval} is ${entry}: record ${record} of ${recordCount}, prefix length ${entry & 0xff}`,
      )
    }
  }
}

/** The starts of the IPv6 intervals as they lie in the table. */
interface Starts6 {
  readonly word0: Uint32Array
  readonly word1: Uint32Array
  readonly lowIntervals: Uint32Array
  readonly word2: Uint32Array
  readonly word3: Uint32Array
}

function checkStarts6({ word0, word1, lowIntervals, word2, word3 }: Starts6): void {
  checkAscending(lowIntervals, 'the IPv6 intervals with low words')
  const lowCount = lowIntervals.length
  if (lowCount > 0 && lowIntervals[lowCount - 1] >= word0.length)
    throw wrong('low words belong to no IPv6 interval')
  if (word0[0] !== 0 || word1[0] !== 0 || lowIntervals[0] === 0)
    throw wrong('its IPv6 intervals do not begin with ::')
  for (let low = 0; low < lowCount; low++) {
    if ((word2[low] | word3[low]) === 0) throw wrong(`low words ${low} are zero`)
  }
  let low = 0
  /** Whether the third and fourth word of an interval are above those of the interval before it; asked in ascending order. */
  const lowAscends = (interval: number): boolean => {
    while (lowIntervals[low] < interval) low++
    if (lowIntervals[low] !== interval) return false
    if (low === 0 || lowIntervals[low - 1] !== interval - 1) return true
    return word2[low] > word2[low - 1] || (word2[low] === word2[low - 1] && word3[low] > word3[low - 1])
  }
  for (let interval = 1; interval < word0.length; interval++) {
    if (word0[interval] > word0[interval - 1]) continue
    const isEqual = word0[interval] === word0[interval - 1]
    if (
      isEqual &&
      (word1[interval] > word1[interval - 1] ||
        (word1[interval] === word1[interval - 1] && lowAscends(interval)))
    )
      continue
    throw wrong(`the IPv6 intervals do not ascend at ${interval}`)
  }
}

/** Each group has its slots after those of the one before it, and one more slot is after the last. */
function checkGroups(groups: Uint32Array, slotCount: number): void {
  let slot = 0
  for (let high = 0; high < groups.length; high++) {
    const group = groups[high]
    const bits = group & 31
    if (bits > 16 || group >>> 5 !== slot) throw wrong(`group ${high} of the IPv6 index is ${group}`)
    slot += 1 << bits
  }
  if (slot !== slotCount - 1) throw wrong(`the IPv6 index has ${slotCount} slots, not ${slot + 1}`)
}

function checkRecords(records: Uint32Array, strings: Uint8Array): void {
  if (strings[0] !== 0) throw wrong('its first string is not the empty one')
  for (let word = 0; word < RECORD_WORDS; word++)
    if (records[word] !== 0) throw wrong('record 0 knows something')
  // Neighbours often share a string, which is looked at once then.
  const seen = new Uint32Array(RECORD_WORDS)
  for (let word = RECORD_WORDS; word < records.length; word++) {
    const offset = records[word]
    const column = word & (RECORD_WORDS - 1)
    if (offset === seen[column] || offset === 0) continue
    if (!holds(strings, offset, BLOCKS[column])) {
      throw wrong(`record ${word >>> RECORD_SHIFT} has nothing for column ${column} at offset ${offset}`)
    }
    seen[column] = offset
  }
}

/** Whether a block lies at an offset, and all of it. */
function holds(strings: Uint8Array, offset: number, block: Block): boolean {
  const { before, min, max } = block
  if (offset < before || offset >= strings.length) return false
  // The octet in front of an AS number is the length of all origins, which begin where it does.
  if (block === ASN && strings[offset - before] > MAX_OCTETS.origins) return false
  if (block === ASN && offset + strings[offset - before] >= strings.length) return false
  let at = offset
  for (let string = 0; string < max.length; string++) {
    const length = strings[at]
    if (length < min[string] || length > max[string]) return false
    at += length + 1
    if (at > strings.length) return false
  }
  return block !== REGISTRY || holdsRoas(strings, at, strings[offset + ROAS_OCTET])
}

/** Whether so many ROAs lie at an offset, each of lengths that addresses have. */
function holdsRoas(strings: Uint8Array, offset: number, octet: number): boolean {
  if ((octet & ROAS.count) > MAX_ROAS) return false
  let roa = offset
  for (let roas = octet & ROAS.count; roas > 0; roas--) {
    if (strings[roa] > MAX_OCTETS.asn) return false
    const lengths = roaLengths(strings, roa)
    // Undefined after the last string, and then neither two nor in the range.
    if (strings[lengths] !== LENGTHS_OCTETS) return false
    if (!(strings[lengths + ROA.shorter] <= LONGEST && strings[lengths + ROA.more] <= LONGEST)) return false
    roa = lengths + ROA.next
  }
  return true
}

function wrong(reason: string): AsnzoneError {
  return new AsnzoneError('ASNZONE_TABLE', `not a compiled table: ${reason}`)
}
