// A table from small random data against a naive model of it.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Width } from '../../../src/table/address-arithmetic.ts'
import { addressAttributes, asAttributes } from '../../../src/table/attributes.ts'
import { buildTable, type FamilyLayers } from '../../../src/table/build/builder.ts'
import { flatten } from '../../../src/table/build/flatten.ts'
import type { Describe } from '../../../src/table/build/record-texts.ts'
import type { Table } from '../../../src/table/table.ts'
import { addressText, cidrAround, largestCidr, lastAddress, toWords } from '../../support/bigint-address.ts'
import {
  paintedBorders,
  paintedProbes,
  paintedSteps,
  paintedValue,
  type Row,
  rowsAt,
  toRanges,
  windowsIn,
} from '../../support/painted-rows.ts'
import { NO_PLACE } from '../../support/places.ts'

/** The rows of each layer of one family. */
interface Sources {
  readonly asn: readonly Row[]
  readonly country: readonly Row[]
  readonly registry: readonly Row[]
}

const ASES = 4

/** The registries of AS numbers. */
const DELEGATED: readonly Row[] = [
  { start: 3n, end: 3n, value: 2 },
  { start: 4n, end: 9n, value: 1 },
]

const describeFacts: Describe = ([asn, country, registry]) => ({
  ...(asn !== 0 && { asn: String(asn), name: `name of ${asn}` }),
  ...(country !== 0 && { country: { code: `C${country}`, number: country } }),
  ...(registry !== 0 && { registry: `rir${registry}` }),
  score: { sum: 0, parts: '' },
})

function sourcesIn(width: Width): fc.Arbitrary<Sources> {
  return windowsIn(width).chain((window) =>
    fc.record({
      asn: rowsAt(window, width, 8, ASES),
      country: rowsAt(window, width, 8, 3),
      registry: rowsAt(window, width, 4, 2),
    }),
  )
}

function build(v4: Sources, v6: Sources): Table {
  const layers = ({ asn, country, registry }: Sources, width: Width): FamilyLayers => {
    const intervals = (rows: readonly Row[]) => flatten(toRanges(rows, width)).intervals
    return { asn: intervals(asn), country: intervals(country), registry: intervals(registry) }
  }
  return buildTable({
    v4: layers(v4, 1),
    v6: layers(v6, 4),
    ases: { registry: flatten(toRanges(DELEGATED, 1)).intervals },
    describe: describeFacts,
    metadata: { sources: [], date: '2026-06-17T19:00:00.000Z' },
  })
}

/** The attributes in the form of src/table/attributes.ts, an unknown one null. */
function attributesOf(
  asn: number,
  country: number,
  registry: number,
  prefix: string | null,
  range: string | null,
) {
  return {
    asn: asn || null,
    name: asn ? `name of ${asn}` : null,
    prefix,
    range,
    country: country ? `C${country}` : null,
    registry: registry ? `rir${registry}` : null,
    rpki: null,
    roas: [],
    allocated: null,
    ...NO_PLACE,
    distance: null,
    distanceIsRough: false,
    score: 0,
    scoreParts: [],
    reputation: null,
    reputationEvidence: null,
  }
}

function expectedFacts({ asn, country, registry }: Sources, address: bigint, width: Width) {
  const as = paintedValue(asn, address)
  const land = paintedValue(country, address)
  if (as === 0 && land === 0) return null
  const prefix = as ? prefixOf(asn, address, width) : null
  const ends = rangeAround([asn, country, registry], address, width)
  const range = ends.map((end) => addressText(end, width)).join('-')
  return attributesOf(as, land, paintedValue(registry, address), prefix, range)
}

/** What is said of an IPv6 address that stands for an IPv4 one, ::ffff:0:0/96 or 64:ff9b::/96. */
function expectedEmbedded(v4: Sources, address: bigint, width: Width) {
  const high = address >> 32n
  if (width === 1 || (high !== 0xffffn && high !== 0x64ff9bn << 64n)) return null
  const known = expectedFacts(v4, address & 0xffffffffn, 1)
  if (known === null) return null
  const ends = rangeAround([v4.asn, v4.country, v4.registry], address & 0xffffffffn, 1)
  const range = ends.map((end) => addressText((high << 32n) | end, 4)).join('-')
  if (known.prefix === null) return { ...known, range }
  const length = 96 + Number(known.prefix.split('/')[1])
  return { ...known, prefix: `${addressText(cidrAround(address, length, 4)[0], 4)}/${length}`, range }
}

/** The first and the last address around one on which every layer stays as it is. */
function rangeAround(layers: readonly (readonly Row[])[], address: bigint, width: Width): [bigint, bigint] {
  const steps = layers.map((rows) => paintedSteps(rows, width).map(({ start }) => start))
  const starts = steps.flat().filter((start) => start <= address)
  const after = steps.flat().filter((start) => start > address)
  const first = starts.reduce((a, b) => (a > b ? a : b))
  const next = after.reduce((a, b) => (a < b ? a : b), lastAddress(width) + 1n)
  return [first, next - 1n]
}

/** The largest CIDR around an address on which the AS is the same. */
function prefixOf(ases: readonly Row[], address: bigint, width: Width): string {
  const intervals = paintedSteps(ases, width)
  const interval = intervals.findLastIndex(({ start }) => start <= address)
  const last = interval + 1 < intervals.length ? intervals[interval + 1].start - 1n : lastAddress(width)
  const length = largestCidr(address, intervals[interval].start, last, width)
  return `${addressText(cidrAround(address, length, width)[0], width)}/${length}`
}

/** The AS as a whole, by counting. */
function expectedAs(asn: number, v4: Sources, v6: Sources) {
  const countries = new Map<number, [bigint, bigint]>()
  let isMet = false
  for (const [family, sources, width] of [[0, v4, 1] as const, [1, v6, 4] as const]) {
    const rows = [...sources.asn, ...sources.country, ...sources.registry]
    const borders = paintedBorders(rows, width)
    borders.forEach((start, n) => {
      if (paintedValue(sources.asn, start) !== asn) return
      isMet = true
      const country = paintedValue(sources.country, start)
      const counts = countries.get(country) ?? [0n, 0n]
      counts[family] += (borders[n + 1] ?? lastAddress(width) + 1n) - start
      countries.set(country, counts)
    })
  }
  if (!isMet) return null
  let best = 0
  for (const country of [1, 2, 3]) {
    const [a4, a6] = countries.get(country) ?? [0n, 0n]
    const [b4, b6] = countries.get(best) ?? [0n, 0n]
    if (a4 + a6 > 0n && (best === 0 || a4 > b4 || (a4 === b4 && a6 > b6))) best = country
  }
  return attributesOf(asn, best, paintedValue(DELEGATED, BigInt(asn)), null, null)
}

describe('buildTable', () => {
  test('knows of every address what the sources say, and its prefix', () => {
    fc.assert(
      fc.property(sourcesIn(1), sourcesIn(4), (v4, v6) => {
        const table = build(v4, v6)
        for (const [sources, width] of [[v4, 1] as const, [v6, 4] as const]) {
          const rows = [...sources.asn, ...sources.country, ...sources.registry]
          const probes = paintedProbes(rows, width)
          const found = probes.map((probe) => addressAttributes(table, toWords(probe, width)))
          expect(found).toEqual(
            probes.map((probe) => expectedEmbedded(v4, probe, width) ?? expectedFacts(sources, probe, width)),
          )
        }
      }),
      { numRuns: 60 },
    )
  })

  test('sums up each AS, and no other', () => {
    fc.assert(
      fc.property(sourcesIn(1), sourcesIn(4), (v4, v6) => {
        const table = build(v4, v6)
        for (let asn = 0; asn <= ASES + 1; asn++) {
          expect(asAttributes(table, asn)).toEqual(asn === 0 ? null : expectedAs(asn, v4, v6))
        }
      }),
      { numRuns: 60 },
    )
  })

  test('where nothing but a registry is known, nothing is', () => {
    const registry = [{ start: 0n, end: lastAddress(1), value: 1 }]
    const table = build({ asn: [], country: [], registry }, { asn: [], country: [], registry: [] })
    expect([table.find4(0), table.find4(0x08080808), table.v4Count]).toEqual([0, 0, 1])
    expect([table.recordCount, table.asCount]).toEqual([1, 0])
  })

  test('has each record once, and an interval for a change of record or prefix only', () => {
    const asn = [
      { start: 0x01000000n, end: 0x010000ffn, value: 1 },
      { start: 0x01000100n, end: 0x010001ffn, value: 2 },
      { start: 0x01000200n, end: 0x010002ffn, value: 1 },
    ]
    const country = [
      { start: 0x01000000n, end: 0x0100007fn, value: 1 },
      { start: 0x01000080n, end: 0x010002ffn, value: 1 },
    ]
    const table = build({ asn, country, registry: [] }, { asn: [], country: [], registry: [] })
    expect([table.recordCount, table.v4Count, table.asCount]).toEqual([3, 5, 2])
  })

  test('keeps its metadata', () => {
    const none = { asn: [], country: [], registry: [] }
    expect(build(none, none).metadata()).toEqual({
      sources: [],
      date: '2026-06-17T19:00:00.000Z',
      coverage: { v4: { asn: 0, country: 0 }, v6: { asn: 0, country: 0 } },
    })
  })
})
