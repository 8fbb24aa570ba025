// The compiled table: look-ups against a walk along the intervals, and buffers that are not a table.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AsnzoneError } from '../../src/errors.ts'
import type { Width } from '../../src/table/address-arithmetic.ts'
import { assemble } from '../../src/table/build/assemble.ts'
import { flatten } from '../../src/table/build/flatten.ts'
import { emptyIntervalMap, type IntervalMap } from '../../src/table/interval-map.ts'
import { COLUMN, FORMAT_VERSION, HEADER, HEADER_WORDS, MAGIC } from '../../src/table/layout.ts'
import { NO_ENTRY, prefixLengthOf, recordOf, Table } from '../../src/table/table.ts'
import { addressText, lastAddress, toBigint, toWords } from '../support/bigint-address.ts'
import { expectSame } from '../support/expect-same.ts'
import {
  paintedProbes,
  paintedSteps,
  paintedValue,
  type Row,
  rowOf,
  rowsIn,
  toRanges,
} from '../support/painted-rows.ts'

const METADATA = {
  sources: [
    {
      what: 'asn',
      name: 'größe.csv',
      family: 4 as const,
      rows: 1,
      distinct: 1,
      date: null,
      licence: 'CC0-1.0',
      attribution: 'nobody',
    },
  ],
  date: '2026-06-17T19:00:00.000Z',
}

interface Parts {
  readonly v4?: IntervalMap
  readonly v6?: IntervalMap
  readonly asNumbers?: readonly number[]
}

/** A compiled table; the record of an AS is its place in the list and 1, record 1 has the text «arin». */
function compile({
  v4 = emptyIntervalMap(1),
  v6 = emptyIntervalMap(4),
  asNumbers = [],
}: Parts = {}): SharedArrayBuffer {
  const records = new Uint32Array(16)
  records[8 + COLUMN.registry] = 1
  return assemble({
    v4,
    v6,
    asNumbers: Uint32Array.from(asNumbers),
    asRecords: Uint32Array.from(asNumbers, (_, n) => n + 1),
    records,
    strings: Uint8Array.of(0, 4, ...Buffer.from('arin')),
    metadata: new TextEncoder().encode(JSON.stringify(METADATA)),
  })
}

/** A copy of a buffer, longer or shorter. */
function copyOf(buffer: SharedArrayBuffer, byteLength = buffer.byteLength): SharedArrayBuffer {
  const copy = new SharedArrayBuffer(byteLength)
  new Uint8Array(copy).set(new Uint8Array(buffer).subarray(0, byteLength))
  return copy
}

test('an entry is the number of a record and a prefix length', () => {
  const entry = ((0xffffff << 8) | 128) >>> 0
  expect([recordOf(entry), prefixLengthOf(entry)]).toEqual([0xffffff, 128])
})

test('several IPv4 addresses are found as each of them is', () => {
  fc.assert(
    fc.property(rowsIn(1, 10, 0xffffffff), (rows) => {
      const table = new Table(compile({ v4: flatten(toRanges(rows, 1)).intervals }))
      const addresses = Uint32Array.from(paintedProbes(rows, 1), Number)
      const entries = new Uint32Array(addresses.length + 1)
      table.findAll4(addresses, entries, addresses.length)
      expect(entries).toEqual(Uint32Array.of(...addresses.map((it) => table.find4(it)), 0))
    }),
    { numRuns: 50 },
  )
})

test('several IPv6 addresses are found by their upper halves as each of them is, unless the lower half decides', () => {
  let decided = 0
  fc.assert(
    fc.property(rowsIn(4, 10, 0xffffffff), (rows) => {
      const table = new Table(compile({ v6: flatten(toRanges(rows, 4)).intervals }))
      const beside = (probe: bigint): bigint[] => [probe, probe ^ (1n << 64n), probe ^ (1n << 95n)]
      const addresses = paintedProbes(rows, 4)
        .flatMap(beside)
        .map((probe) => toWords(probe, 4))
      const uppers = Uint32Array.from(addresses.flatMap((words) => [...words.slice(0, 2)]))
      const entries = new Uint32Array(addresses.length)
      table.findAll6(uppers, entries, addresses.length)
      for (const [i, [word0, word1, word2, word3]] of addresses.entries()) {
        if (entries[i] === NO_ENTRY) continue
        decided++
        expectSame(entries[i], table.find6(word0, word1, word2, word3))
      }
    }),
    { numRuns: 100 },
  )
  expect(decided).toBeGreaterThan(1000)
})

describe.each([1, 4] as const)('look-up of an address of %i words', (width: Width) => {
  const find = (table: Table, address: bigint): number => {
    const words = toWords(address, width)
    return width === 1 ? table.find4(words[0]) : table.find6(words[0], words[1], words[2], words[3])
  }
  /** Those of some addresses that the table says something else of than the rows. */
  const wrong = (table: Table, rows: readonly Row[], probes: readonly bigint[]): string[] =>
    probes
      .filter((probe) => find(table, probe) !== paintedValue(rows, probe))
      .map((probe) => addressText(probe, width))
  const open = (rows: readonly Row[]): Table => {
    const { intervals } = flatten(toRanges(rows, width))
    return new Table(compile(width === 1 ? { v4: intervals } : { v6: intervals }))
  }

  test('finds what the rows say', () => {
    fc.assert(
      fc.property(rowsIn(width, 10, 0xffffffff), (rows) => {
        const table = open(rows)
        expect(wrong(table, rows, paintedProbes(rows, width))).toEqual([])
      }),
      { numRuns: 50 },
    )
  })

  test('finds it when rows are spread over the space', () => {
    // Words that are often alike, so that every word of an address has to decide.
    const word = fc.oneof(
      fc.constantFrom(0, 1, 0xffff, 0x10000, 0xffffffff),
      fc.integer({ min: 0, max: 0xffffffff }),
    )
    const address = fc
      .array(word, { minLength: width, maxLength: width })
      .map((words) => words.reduce((sum, part) => (sum << 32n) | BigInt(part), 0n))
    const row = rowOf(address, fc.integer({ min: 1, max: 0xffffffff }))
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), fc.array(address), (rows, others) => {
        const table = open(rows)
        expect(wrong(table, rows, [...paintedProbes(rows, width), ...others])).toEqual([])
      }),
      { numRuns: 50 },
    )
  })

  test('a network is found when one interval holds all of it', () => {
    fc.assert(
      fc.property(rowsIn(width, 10, 0xffffff), fc.nat(width * 32), (rows, length) => {
        const table = open(rows)
        const bits = BigInt(width * 32 - length)
        const steps = paintedSteps(rows, width)
        for (const probe of paintedProbes(rows, width)) {
          const first = (probe >> bits) << bits
          const last = first + (1n << bits) - 1n
          const words = toWords(first, width)
          const found =
            width === 1
              ? table.neighbours.findNetwork4(words[0], length)
              : table.neighbours.findNetwork6(words[0], words[1], words[2], words[3], length)
          const borders = steps.filter(({ start }) => first < start && start <= last)
          expectSame(found, borders.length === 0 ? paintedValue(rows, first) : 0)
        }
      }),
      { numRuns: 100 },
    )
  })

  /** The range around an address, as the table finds it. */
  const rangeOf = ({ neighbours }: Table, address: bigint): readonly [bigint, bigint] => {
    const words = toWords(address, width)
    if (width === 1) neighbours.findRange4(words[0])
    else neighbours.findRange6(words[0], words[1], words[2], words[3])
    return [toBigint(neighbours.first, 0, width), toBigint(neighbours.last, 0, width)]
  }

  test('a range goes as far as the record is the same, whatever the prefixes', () => {
    // Few records and lengths, so that neighbours often have the same record.
    const value = fc.integer({ min: 0, max: 8 }).map((n) => ((n % 3) << 8) | (n % 3 === 0 ? 0 : n))
    const rows = fc
      .array(fc.tuple(rowsIn(width, 1, 0xffffff), value), { maxLength: 12 })
      .map((pairs) => pairs.flatMap(([some, value]) => some.map((row) => ({ ...row, value }))))
    fc.assert(
      fc.property(rows, (rows) => {
        const table = open(rows)
        const steps = paintedSteps(rows, width)
        const records = steps
          .map(({ start, value }) => ({ start, record: recordOf(value) }))
          .filter(({ record }, i, all) => i === 0 || record !== all[i - 1].record)
        for (const probe of paintedProbes(rows, width)) {
          const found = records.findLastIndex(({ start }) => start <= probe)
          const end = (records[found + 1]?.start ?? lastAddress(width) + 1n) - 1n
          expectSame(rangeOf(table, probe), [records[found].start, end])
        }
      }),
      { numRuns: 200 },
    )
  })

  test('a range has an end where neighbours of one record have none', () => {
    const rows = Array.from({ length: 1000 }, (_, n) => {
      const start = 1000n + BigInt(n * 4)
      return { start, end: start + 3n, value: (1 << 8) | (20 + (n % 2)) }
    })
    expect(rangeOf(open(rows), 1000n + 4n * 500n)).toEqual([1000n + 4n * 246n, 1000n + 4n * 755n - 1n])
    expect(rangeOf(open(rows), 1000n)).toEqual([1000n, 1000n + 4n * 255n - 1n])
  })

  test('an empty table knows nothing', () => {
    const table = open([])
    for (const address of [0n, 1n, lastAddress(width)]) expect(find(table, address)).toBe(0)
  })
})

describe('look-up of an AS', () => {
  test('finds those in the table and no others', () => {
    const asn = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 0xffffffff }))
    fc.assert(
      fc.property(fc.uniqueArray(asn, { maxLength: 30 }), fc.array(asn), (numbers, others) => {
        const asNumbers = numbers.sort((a, b) => a - b)
        const table = new Table(compile({ asNumbers }))
        for (const number of [...asNumbers, ...others]) {
          expectSame(table.findAs(number), asNumbers.indexOf(number) + 1)
        }
      }),
      { numRuns: 50 },
    )
  })
})

describe('a table', () => {
  test('reads its texts and what it says about itself', () => {
    const table = new Table(compile())
    expect([table.text(1, COLUMN.registry), table.text(1, COLUMN.asn)]).toEqual(['arin', ''])
    expect(table.metadata()).toEqual(METADATA)
  })

  test('is relocatable: a copy of its bytes is the same table', () => {
    const { intervals } = flatten(toRanges([{ start: 5n, end: 9n, value: 300 }], 4))
    const original = compile({ v6: intervals, asNumbers: [7] })
    const table = new Table(copyOf(original))
    expect([table.find6(0, 0, 0, 5), table.find6(0, 0, 0, 10), table.findAs(7)]).toEqual([300, 0, 1])
    expect(table.metadata()).toEqual(METADATA)
  })
})

describe('what is not a table is refused', () => {
  const { intervals } = flatten(toRanges([{ start: 5n, end: 9n, value: 300 }], 4))
  const good = compile({ asNumbers: [1, 2, 3], v6: intervals })
  const withWord = (word: number, value: number): SharedArrayBuffer => {
    const copy = copyOf(good)
    new Uint32Array(copy)[word] = value
    return copy
  }
  const swapped = Buffer.from(Uint32Array.of(MAGIC).buffer).readUInt32BE()

  test.each([
    { name: 'an empty buffer', buffer: new SharedArrayBuffer(0), reason: 'it is shorter than a header' },
    {
      name: 'less than a header',
      buffer: copyOf(good, HEADER_WORDS * 4 - 1),
      reason: 'it is shorter than a header',
    },
    { name: 'zeros', buffer: new SharedArrayBuffer(4096), reason: 'it does not start with the magic number' },
    {
      name: 'the other byte order',
      buffer: withWord(HEADER.magic, swapped),
      reason: 'it does not start with the magic number',
    },
    {
      name: 'a later version',
      buffer: withWord(HEADER.formatVersion, FORMAT_VERSION + 1),
      reason: `its format is version ${FORMAT_VERSION + 1}, not ${FORMAT_VERSION}`,
    },
    { name: 'one octet less', buffer: copyOf(good, good.byteLength - 1), reason: 'it was cut or padded' },
    { name: 'a header alone', buffer: copyOf(good, HEADER_WORDS * 4), reason: 'it was cut or padded' },
    { name: 'one octet more', buffer: copyOf(good, good.byteLength + 1), reason: 'it was cut or padded' },
  ])('$name', ({ buffer, reason }) => {
    expect(() => new Table(buffer)).toThrow(
      new AsnzoneError('ASNZONE_TABLE', `not a compiled table: ${reason}`),
    )
  })

  test.each(
    Object.entries(HEADER).filter(([name]) => !['magic', 'formatVersion', 'byteLength'].includes(name)),
  )('a section outside of the buffer: %s', (_, word) => {
    for (const value of [good.byteLength, 0xfffffff8, 0xffffffff]) {
      expect(() => new Table(withWord(word, value))).toThrow(
        new AsnzoneError('ASNZONE_TABLE', 'not a compiled table: a section is outside'),
      )
    }
  })

  test('whatever a header says, opening throws ASNZONE_TABLE or nothing', () => {
    const change = fc.tuple(
      fc.integer({ min: 0, max: HEADER_WORDS - 1 }),
      fc.integer({ min: 0, max: 0xffffffff }),
    )
    const small = fc.tuple(fc.integer({ min: 3, max: 22 }), fc.integer({ min: 0, max: good.byteLength }))
    fc.assert(
      fc.property(fc.array(fc.oneof(change, small), { minLength: 1, maxLength: 4 }), (changes) => {
        const buffer = copyOf(good)
        const header = new Uint32Array(buffer)
        for (const [word, value] of changes) header[word] = value
        try {
          new Table(buffer)
        } catch (error) {
          expect(error).toBeInstanceOf(AsnzoneError)
          expect(error).toHaveProperty('code', 'ASNZONE_TABLE')
        }
      }),
      { numRuns: 200 },
    )
  })
})
