// The bytes of a table: every section where the header says.

import { describe, expect, test } from 'vitest'
import { assemble } from '../../../src/table/build/assemble.ts'
import { flatten } from '../../../src/table/build/flatten.ts'
import { emptyIntervalMap, type IntervalMap } from '../../../src/table/interval-map.ts'
import { FORMAT_VERSION, HEADER, HEADER_WORDS, INDEX_LENGTH, MAGIC } from '../../../src/table/layout.ts'
import { lastAddress, toBigint } from '../../support/bigint-address.ts'
import { listSteps, type Row, toRanges } from '../../support/painted-rows.ts'

/** A table of the intervals, and little more. */
function assembled(v4: IntervalMap, v6: IntervalMap) {
  const sections = {
    v4,
    v6,
    asNumbers: Uint32Array.of(1, 2, 3),
    asRecords: Uint32Array.of(4, 5, 6),
    records: Uint32Array.from({ length: 16 }, (_, n) => n),
    strings: Uint8Array.from({ length: 13 }, (_, n) => n),
    metadata: new TextEncoder().encode('{"a":"ä"}'),
  }
  const buffer = assemble(sections)
  const header = new Uint32Array(buffer, 0, HEADER_WORDS)
  const words = (offset: number, length: number) => new Uint32Array(buffer, header[offset], length)
  const bytes = (offset: number, length: number) => new Uint8Array(buffer, header[offset], length)
  return { sections, buffer, header, words, bytes }
}

const empty4 = emptyIntervalMap(1)
const empty6 = emptyIntervalMap(4)

test('every section starts at a multiple of eight octets and none overlaps the next', () => {
  const { header, buffer, sections } = assembled(empty4, empty6)
  const lengths: [number, number][] = [
    [HEADER.v4Index, INDEX_LENGTH * 4],
    [HEADER.v4Starts, 4],
    [HEADER.v4Entries, 4],
    [HEADER.v6Groups, 65536 * 4],
    [HEADER.v6Slots, 65537 * 4],
    [HEADER.v6Starts, 8],
    [HEADER.v6LowIntervals, 0],
    [HEADER.v6LowWords, 0],
    [HEADER.v6Entries, 4],
    [HEADER.asNumbers, 12],
    [HEADER.asRecords, 12],
    [HEADER.records, 64],
    [HEADER.strings, 13],
    [HEADER.metadata, sections.metadata.length],
  ]
  let end = HEADER_WORDS * 4
  for (const [section, length] of lengths) {
    expect(header[section] % 8).toBe(0)
    expect(header[section]).toBeGreaterThanOrEqual(end)
    end = header[section] + length
  }
  expect(end).toBeLessThanOrEqual(buffer.byteLength)
  expect(header[HEADER.byteLength]).toBe(buffer.byteLength)
})

test('the header says what the sections hold', () => {
  const { header, words, bytes, sections } = assembled(empty4, empty6)
  expect([header[HEADER.magic], header[HEADER.formatVersion]]).toEqual([MAGIC, FORMAT_VERSION])
  expect([header[HEADER.v4Count], header[HEADER.v6Count]]).toEqual([1, 1])
  expect(words(HEADER.asNumbers, header[HEADER.asCount])).toEqual(sections.asNumbers)
  expect(words(HEADER.asRecords, header[HEADER.asCount])).toEqual(sections.asRecords)
  expect(words(HEADER.records, header[HEADER.recordCount] * 8)).toEqual(sections.records)
  expect(bytes(HEADER.strings, header[HEADER.stringsLength])).toEqual(sections.strings)
  expect(bytes(HEADER.metadata, header[HEADER.metadataLength])).toEqual(sections.metadata)
})

describe.each([1, 4] as const)('intervals of %i words', (width) => {
  const intervals = (rows: readonly Row[]): IntervalMap => flatten(toRanges(rows, width)).intervals
  const section = (name: 'Count' | 'Starts' | 'Entries'): number =>
    HEADER[`${width === 1 ? 'v4' : 'v6'}${name}`]
  const assemble1 = (layer: IntervalMap) =>
    width === 1 ? assembled(layer, empty6) : assembled(empty4, layer)

  test('are laid out word by word', () => {
    const last = lastAddress(width)
    const layer = intervals([
      { start: last / 3n, end: last / 2n, value: 7 },
      { start: last, end: last, value: 8 },
    ])
    const { header, words } = assemble1(layer)
    const count = header[section('Count')]
    const starts = words(section('Starts'), count * Math.min(width, 2))
    const lowIntervals = words(HEADER.v6LowIntervals, header[HEADER.v6LowCount])
    const lowWords = words(HEADER.v6LowWords, lowIntervals.length * 2)
    const lowWord = (interval: number, k: number): number => {
      const low = lowIntervals.indexOf(interval)
      return low < 0 ? 0 : lowWords[(k - 2) * lowIntervals.length + low]
    }
    expect(lowIntervals.length).toBe(width === 1 ? 0 : 2)
    const list = Array.from({ length: count }, (_, n) => {
      const word = (k: number): number => (k < 2 ? starts[k * count + n] : lowWord(n, k))
      const address = Uint32Array.from({ length: width }, (_, k) => word(k))
      return { start: toBigint(address, 0, width), value: words(section('Entries'), count)[n] }
    })
    expect(list).toEqual(listSteps(layer))
  })
})
