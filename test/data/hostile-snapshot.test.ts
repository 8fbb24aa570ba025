// A snapshot with a right checksum is not trusted: what a look-up or an answer relies on is checked when it is read.

import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { readSnapshot, writeSnapshot } from '../../src/data/snapshot/snapshot.ts'
import { EDNS_UDP_LIMIT } from '../../src/dns/protocol.ts'
import { REPLY_CAPACITY } from '../../src/dns/reply-capacity.ts'
import { Responder, TRANSPORT } from '../../src/dns/responder.ts'
import { AsnzoneError } from '../../src/errors.ts'
import { addressAttributes } from '../../src/table/attributes.ts'
import { COLUMN, type HEADER, RECORD_WORDS } from '../../src/table/layout.ts'
import type { Table } from '../../src/table/table.ts'
import { rangesOf } from '../../src/table/walk.ts'
import { messageOf } from '../support/errors.ts'
import { temporaryFolder } from '../support/folders.ts'
import { realQuery } from '../support/hostile.ts'
import { query } from '../support/message.ts'
import { changeSnapshot, type OpenedTable } from '../support/mutated-snapshot.ts'
import { smallTable, smallZoneSet } from '../support/small-table.ts'

const FAR = 0xfffffff0
const table = smallTable(undefined, {
  location: 1,
  distance: 8123,
  allocated: '2023-12-28',
  score: { sum: -5, parts: 'country US -5' },
  rpki: {
    state: 'valid',
    family: 4,
    roas: Array.from({ length: 5 }, (_, n) => ({
      asn: n === 0 ? undefined : 4294967290 + n,
      shorter: n,
      more: n,
    })),
    hasMore: true,
  },
})
const zoneSet = smallZoneSet()
const folder = temporaryFolder()
const right = join(folder, 'right')
const file = join(folder, 'changed')

beforeAll(() => writeSnapshot(right, table, Buffer.alloc(32)))

test('a snapshot that nobody changed is used', () => {
  changeSnapshot(right, file, () => {})
  expect(readSnapshot(file)?.recordCount).toBe(table.recordCount)
})

const offsetOf =
  (column: number, change: (offset: number, stringsLength: number) => number) =>
  (opened: OpenedTable): void => {
    for (let record = 1; record < opened.header('recordCount'); record++) {
      const word = opened.at('records') + record * RECORD_WORDS + column
      if (opened.words[word] !== 0)
        opened.words[word] = change(opened.words[word], opened.header('stringsLength'))
    }
  }

/** Writes an octet at a distance from the string that a column of some record leads to. */
const stringOf = (column: number, distance: number, value: number) => (opened: OpenedTable) => {
  const words = opened.words.subarray(opened.at('records'))
  for (let record = 1; record < opened.header('recordCount'); record++) {
    const offset = words[record * RECORD_WORDS + column]
    if (offset !== 0) opened.octets[opened.header('strings') + offset + distance] = value
  }
}

const metadata = (change: (known: Record<string, unknown>) => unknown) => (opened: OpenedTable) => {
  const text = JSON.stringify(change(JSON.parse(new TextDecoder().decode(opened.metadata.slice()))))
  opened.metadata.fill(0x20).set(Buffer.from(text).subarray(0, opened.metadata.length))
}

const CHANGES: readonly (readonly [string, (opened: OpenedTable) => void, RegExp])[] = [
  ['counts no IPv4 intervals', (t) => t.setHeader('v4Count', () => 0), /header/],
  ['counts more records than there are', (t) => t.setHeader('recordCount', (n) => n + 1), /header/],
  [
    'counts so many intervals that their octets wrap',
    (t) => t.setHeader('v4Count', (n) => n + 2 ** 30),
    /section/,
  ],
  ['lays one section over another', (t) => t.setHeader('v4Entries', () => t.header('v4Index')), /header/],
  ['has strings that reach into the metadata', (t) => t.setHeader('stringsLength', (n) => n + 64), /header/],
  ['has a section at an odd place', (t) => t.setHeader('strings', (n) => n + 1), /header/],
  ['has IPv4 intervals that fall', (t) => t.set('v4Starts', 2, 1), /IPv4 intervals do not ascend/],
  ['begins IPv4 elsewhere', (t) => t.set('v4Starts', 0, 1), /begin with 0\.0\.0\.0/],
  ['has index words that fall', (t) => t.set('v4Index', 0xffff, 0), /IPv4 index falls/],
  ['has index words beyond the count', (t) => t.set('v4Index', 65536, FAR), /IPv4 index ends/],
  ['has entries of no record', (t) => t.set('v4Entries', 1, FAR), /entry 1 is/],
  ['has prefixes that are too long', (t) => t.set('v4Entries', 1, 0x100 | 33), /prefix length 33/],
  ['knows record 0', (t) => t.set('v4Entries', 1, 24), /record 0/],
  ['begins IPv6 elsewhere', (t) => t.set('v6Starts', 0, 1), /begin with ::/],
  ['has IPv6 intervals that fall', (t) => t.set('v6Starts', 2, 0), /IPv6 intervals do not ascend/],
  ['has an IPv6 group with too many bits', (t) => t.set('v6Groups', 0, 17), /group 0/],
  ['has an IPv6 group elsewhere', (t) => t.set('v6Groups', 9, FAR), /group 9/],
  ['has IPv6 slots that fall', (t) => t.set('v6Slots', 65535, 0), /IPv6 index falls/],
  ['has IPv6 slots beyond the count', (t) => t.set('v6Slots', 65535, FAR), /IPv6 index/],
  ['has IPv6 entries of no record', (t) => t.set('v6Entries', 1, FAR), /entry 1 is/],
  ['has AS numbers that fall', (t) => t.set('asNumbers', 1, 0), /AS numbers do not ascend/],
  ['has ASes of no record', (t) => t.set('asRecords', 0, FAR), /AS 0 has record/],
  ['knows something in record 0', (t) => t.set('records', COLUMN.country, 1), /record 0 knows/],
  [
    'has a first string',
    (t) => t.octets.fill(1, t.header('strings'), t.header('strings') + 1),
    /first string/,
  ],
  ...Object.entries(COLUMN).flatMap(([name, column]) => [
    [`has ${name} behind the strings`, offsetOf(column, (_, end) => end + 1), /record 1 has/] as const,
    [
      `has ${name} at the end of the strings`,
      offsetOf(column, (_, end) => end - 1),
      /record \d+ has/,
    ] as const,
    [`has ${name} far away`, offsetOf(column, () => FAR), /record 1 has/] as const,
    [`has too long a ${name}`, stringOf(column, 0, 255), /record 1 has/] as const,
  ]),
  ['has too long a list of origins', stringOf(COLUMN.asn, -1, 255), /record 1 has/],
  ['has a country of one letter', stringOf(COLUMN.country, 0, 1), /record 1 has/],
  ['counts more ROAs than are kept', stringOf(COLUMN.registry, -1, 6), /record 1 has/],
  // After «arin» and «valid», and the AS of the record.
  ['has a ROA of more bits than an address', stringOf(COLUMN.registry, 13, 129), /record 1 has/],
  ['has a maximum length of more bits', stringOf(COLUMN.registry, 14, 129), /record 1 has/],
  ['has a ROA without two lengths', stringOf(COLUMN.registry, 12, 3), /record 1 has/],
  ['has a ROA with a too long AS number', stringOf(COLUMN.registry, 11, 11), /record 1 has/],
  ['has nothing in front of a score', offsetOf(COLUMN.score, () => 1), /record 1 has/],
  ['has too little in front of a score', offsetOf(COLUMN.score, () => 4), /record 1 has/],
  ['has too long parts of a score', stringOf(COLUMN.score, 3, 201), /record 1 has/],
  // After «-5» and «country US -5».
  ['has a too long reputation', stringOf(COLUMN.score, 17, 4), /record 1 has/],
  ['has too long an evidence', stringOf(COLUMN.score, 18, 201), /record 1 has/],
  ['has metadata that is not JSON', (t) => t.metadata.fill(0x20), /metadata/],
  ['has metadata of another kind', metadata(() => []), /metadata/],
  ['has a date that is none', metadata((known) => ({ ...known, date: 'today' })), /date: is not a time/],
  ['has sources that are none', metadata((known) => ({ ...known, sources: [{}] })), /sources\.0/],
]

describe('a snapshot with a right checksum is refused that', () => {
  test.each(CHANGES)('%s', (_, change, reason) => {
    changeSnapshot(right, file, change)
    const message = messageOf('ASNZONE_TABLE', () => readSnapshot(file))
    expect(message).toMatch(reason)
    expect(message).toContain(`${file}: not a compiled table: `)
  })
})

const SECTIONS = [
  'v4Index',
  'v4Starts',
  'v4Entries',
  'v6Groups',
  'v6Slots',
  'v6Starts',
  'v6Entries',
  'asNumbers',
  'asRecords',
  'records',
  'strings',
  'metadata',
] as const satisfies readonly (keyof typeof HEADER)[]

/** One word or octet anywhere in a section. */
const mutation = fc.record({
  // What strings hold is free; a change to anything else is nearly always refused.
  section: fc.oneof(fc.constantFrom(...SECTIONS), fc.constant('strings' as const)),
  /** A fraction of the section. */
  place: fc.oneof(
    fc.double({ min: 0, max: 0.999, noNaN: true }),
    fc.double({ min: 0, max: 0.001, noNaN: true }),
  ),
  change: fc.oneof(
    fc.nat(0xffffffff).map((value) => () => value),
    fc.nat(31).map((bit) => (old: number) => (old ^ (1 << bit)) >>> 0),
    fc.integer({ min: -3, max: 3 }).map((by) => (old: number) => old + by),
  ),
})

type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never

/** Seldom, because hardly any is accepted. */
const headerMutation = fc.oneof(
  { weight: 9, arbitrary: fc.constant(null) },
  {
    weight: 1,
    arbitrary: fc.record({ word: fc.nat(31), value: fc.oneof(fc.nat(0xffffffff), fc.nat(4096)) }),
  },
)

function mutate(opened: OpenedTable, { section, place, change }: Mutation): void {
  const begins = SECTIONS.map((name) => opened.header(name)).sort((a, b) => a - b)
  const begin = opened.header(section)
  const end = begins.find((next) => next > begin) ?? opened.octets.length
  if (section === 'strings' || section === 'metadata') {
    const at = begin + Math.floor((end - begin) * place)
    opened.octets[at] = change(opened.octets[at])
  } else {
    const word = Math.floor((begin + (end - begin) * place) / 4)
    opened.words[word] = change(opened.words[word])
  }
}

const GUARD = 512
const GUARD_OCTET = 0xa5
const untouched = Buffer.alloc(GUARD, GUARD_OCTET)

/** Every answer stays within its buffer, every search ends. */
function useUp(responder: Responder, octets: Uint8Array): void {
  const arena = Buffer.alloc(GUARD + REPLY_CAPACITY + GUARD, GUARD_OCTET)
  arena.set(octets, GUARD)
  responder.lookAhead(arena, Uint32Array.of(GUARD), 1)
  const length = responder.respond(arena, GUARD, GUARD + octets.length, TRANSPORT.udp)
  // Thrown and not expected: an expectation that holds takes longer than the reply.
  if (length > EDNS_UDP_LIMIT) throw new Error(`a reply of ${length} octets`)
  if (!arena.subarray(0, GUARD).equals(untouched)) throw new Error('octets before the buffer were written')
  const after = arena.subarray(GUARD + REPLY_CAPACITY)
  if (!after.equals(untouched)) throw new Error('octets after the buffer were written')
}

const address4 = fc.oneof(fc.nat(0xffffffff), fc.constantFrom(0, 0x08080808, 0xc8000001, 0xffffffff))
const address6 = fc.tuple(
  fc.constantFrom(0, 0x20010db8, 0x20014860, 0x20010db9, 0xffffffff),
  address4,
  address4,
  address4,
)

test('whatever is changed in a snapshot, it is refused, or every look-up ends and every answer fits', {
  timeout: 120_000,
}, () => {
  const fates = { refused: 0, used: 0 }
  fc.assert(
    fc.property(
      fc.array(mutation, { minLength: 1, maxLength: 2 }),
      headerMutation,
      fc.array(realQuery, { minLength: 5, maxLength: 10 }),
      fc.array(address4, { minLength: 2, maxLength: 4 }),
      fc.array(address6, { minLength: 5, maxLength: 20 }),
      (mutations, header, queries, addresses4, addresses6) => {
        changeSnapshot(right, file, (opened) => {
          for (const one of mutations) mutate(opened, one)
          if (header !== null) opened.words[header.word] = header.value
        })
        let mutated: Table
        try {
          mutated = readSnapshot(file)!
        } catch (error) {
          expect(error).toBeInstanceOf(AsnzoneError)
          fates.refused++
          return
        }
        fates.used++
        const responder = new Responder(mutated, zoneSet)
        for (const octets of queries) useUp(responder, octets)
        for (const address of addresses4) {
          const dotted = [24, 16, 8, 0].map((shift) => (address >>> shift) & 255)
          addressAttributes(mutated, [address])
          for (const { name } of zoneSet.zones) {
            useUp(responder, query(`${[...dotted].reverse().join('.')}.${name}`, { type: 255 }))
          }
        }
        for (const words of addresses6) addressAttributes(mutated, words)
        for (const family of [4, 6] as const) expect([...rangesOf(mutated, family)].length).toBeLessThan(1000)
      },
    ),
    { numRuns: 150 },
  )
  // Both happen often, or the test says nothing.
  expect(Math.min(fates.refused, fates.used)).toBeGreaterThan(10)
})
