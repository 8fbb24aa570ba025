// What a DNS zone answers, range by range.

import {
  addPowerOfTwo,
  compareAddresses,
  copyAddress,
  subtractOne,
  widthOf,
} from '../table/address-arithmetic.ts'
import { prefixLengthOf, recordOf, type Table } from '../table/table.ts'
import { rangesOf } from '../table/walk.ts'
import type { Zone } from '../zones/zone.ts'
import type { Selects } from './request.ts'
import { Answers, sameRecords, tellsPrefix, testAnswerOf, type ZoneAnswer } from './zone-answer.ts'

/** Addresses that have the same answer; the arrays change with the next entry. */
export interface ZoneEntry {
  readonly start: Uint32Array
  /** The last address. */
  readonly end: Uint32Array
  readonly answer: ZoneAnswer
}

/** The entry that lists of addresses have for tests (RFC 5782 5), by words of an address. */
const TEST_ENTRY: Readonly<Record<1 | 4, Uint32Array>> = {
  1: Uint32Array.of(0x7f000002),
  4: Uint32Array.of(0, 0, 0xffff, 0x7f000002),
}

/** Which families a zone has names of. */
export function familiesOf(zone: Zone): readonly (4 | 6)[] {
  const { owner } = zone.body
  return owner === 'ipv4' ? [4] : owner === 'ipv6' ? [6] : owner === 'ip' ? [4, 6] : []
}

/** Every range of addresses that a zone has an answer for, in ascending order. */
export function* zoneEntriesOf(
  table: Table,
  zone: Zone,
  family: 4 | 6,
  selects: Selects,
): Generator<ZoneEntry, void, undefined> {
  const width = widthOf(family)
  const test = TEST_ENTRY[width]
  const isTest = compareWith(test)
  let hasTest = !zone.body.isList
  const testEntry: ZoneEntry = { start: test, end: test, answer: testAnswerOf(zone) }
  for (const entry of mergedEntries(table, zone, family, selects)) {
    const { start, end, answer } = entry
    if (hasTest || isTest(end) < 0) {
      yield entry
      continue
    }
    hasTest = true
    // The entry is one of its own, whatever is known of the addresses around it.
    if (isTest(start) < 0) {
      const last = test.slice()
      subtractOne(last, 0, width)
      yield { start, end: last, answer }
    }
    yield testEntry
    const first = test.slice()
    addPowerOfTwo(first, 0, 0, width)
    if (isTest(start) > 0) yield entry
    else if (isTest(end) > 0) yield { start: first, end, answer }
  }
  if (!hasTest) yield testEntry
}

/** Every AS that a zone has an answer for. */
export function* asEntriesOf(
  table: Table,
  zone: Zone,
  selects: Selects,
): Generator<readonly [asn: number, ZoneAnswer], void, undefined> {
  const answers = new Answers(table, zone)
  for (const asn of table.asNumbers) {
    const record = table.findAs(asn)
    if (!selects(record)) continue
    const answer = answers.of(0, asn, 0, 0, 0, record, 0)
    if (answer !== null) yield [asn, answer]
  }
}

const compareWith =
  (other: Uint32Array) =>
  (address: Uint32Array): number =>
    compareAddresses(address, 0, other, 0, other.length === 1 ? 1 : 4)

/** Neighbours that have the same answer are one. */
function* mergedEntries(
  table: Table,
  zone: Zone,
  family: 4 | 6,
  selects: Selects,
): Generator<ZoneEntry, void, undefined> {
  const width = widthOf(family)
  const start = new Uint32Array(width)
  const end = new Uint32Array(width)
  const next = new Uint32Array(width)
  let known: ZoneAnswer | null = null
  for (const piece of piecesOf(table, zone, family, selects)) {
    const { answer } = piece
    const continues =
      known !== null && sameAnswer(known, answer) && compareAddresses(piece.start, 0, next, 0, width) === 0
    if (!continues) {
      if (known !== null) yield { start, end, answer: known }
      start.set(piece.start)
      known = answer
    }
    end.set(piece.end)
    next.set(piece.end)
    addPowerOfTwo(next, 0, 0, width)
  }
  if (known !== null) yield { start, end, answer: known }
}

const sameAnswer = (a: ZoneAnswer, b: ZoneAnswer): boolean =>
  a === b || (a.text === b.text && sameRecords(a.records, b.records))

/** The table's ranges, cut where the prefix that an answer tells changes. */
function* piecesOf(
  table: Table,
  zone: Zone,
  family: 4 | 6,
  selects: Selects,
): Generator<ZoneEntry, void, undefined> {
  const answers = new Answers(table, zone)
  for (const { first, last, record, length } of cutsOf(table, zone, family, selects)) {
    const answer = answers.of(family, first[0], first[1] ?? 0, first[2] ?? 0, first[3] ?? 0, record, length)
    if (answer !== null) yield { start: first, end: last, answer }
  }
}

/** Addresses of which a zone may have an answer, and has but one; the arrays change with the next ones. */
export interface ZoneCut {
  readonly first: Uint32Array
  readonly last: Uint32Array
  readonly record: number
  /** That of the prefix. */
  readonly length: number
}

/** The same before anybody has asked the zone what it answers. */
export function* cutsOf(
  table: Table,
  zone: Zone,
  family: 4 | 6,
  selects: Selects,
): Generator<ZoneCut, void, undefined> {
  const width = widthOf(family)
  const byPrefix = tellsPrefix(zone)
  const first = new Uint32Array(width)
  const last = new Uint32Array(width)
  for (const { start, end, entry } of rangesOf(table, family)) {
    const record = recordOf(entry)
    if (!selects(record)) continue
    const length = prefixLengthOf(entry)
    copyAddress(start, 0, first, 0, width)
    for (;;) {
      copyAddress(end, 0, last, 0, width)
      if (byPrefix && length !== 0) {
        lastOfNetwork(first, length, last)
        if (compareAddresses(last, 0, end, 0, width) > 0) copyAddress(end, 0, last, 0, width)
      }
      yield { first, last, record, length }
      if (compareAddresses(last, 0, end, 0, width) === 0) break
      copyAddress(last, 0, first, 0, width)
      addPowerOfTwo(first, 0, 0, width)
    }
  }
}

function lastOfNetwork(address: Uint32Array, length: number, into: Uint32Array): void {
  for (let word = 0; word < address.length; word++) {
    const known = Math.min(32, Math.max(0, length - word * 32))
    into[word] = address[word] | (known === 32 ? 0 : 0xffffffff >>> known)
  }
}

/** The character-strings of a TXT record's RDATA. */
export function stringsOf(text: string): string[] {
  const strings: string[] = []
  for (let at = 0; at < text.length; at += text.charCodeAt(at) + 1) {
    strings.push(text.slice(at + 1, at + 1 + text.charCodeAt(at)))
  }
  return strings
}
