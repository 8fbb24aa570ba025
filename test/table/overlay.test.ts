// Layers over layers, and intervals that know the prefix that they were announced with.

import { describe, expect, test } from 'vitest'
import { networkText } from '../../src/table/address-text.ts'
import { cutAlongPrefixes, cutLength } from '../../src/table/build/cidr.ts'
import { byLength, flatten } from '../../src/table/build/flatten.ts'
import { RangesBuilder } from '../../src/table/build/ranges.ts'
import { parseCidr } from '../../src/table/cidr-text.ts'
import {
  detailLength,
  detailOf,
  detailSet,
  emptyIntervalMap,
  type IntervalMap,
  isNothing,
  overlay,
  valueAt,
} from '../../src/table/interval-map.ts'

type Row = readonly [cidr: string, value: number]

/** A source of real prefixes when `real`, of ranges otherwise. */
function intervals(rows: readonly Row[], real: boolean): IntervalMap {
  const { family } = parseCidr(rows[0][0])
  const builder = new RangesBuilder(family, 1)
  for (const [cidr, value] of rows) {
    const { start, end, length } = parseCidr(cidr)
    builder.add(start, end, value, real ? detailOf(length, 0) : 0)
  }
  return flatten(byLength(builder.finish())).intervals
}

/** `1.0.0.0 7`, and `/24` behind it where the interval knows its prefix. */
function list({ width, count, starts, values, details }: IntervalMap): string[] {
  return Array.from({ length: count }, (_, interval) => {
    const length = detailLength(details?.[interval] ?? 0)
    const address = networkText(starts.subarray(interval * width, (interval + 1) * width))
    return `${address} ${values[interval]}${length === 0 ? '' : `/${length}`}`
  })
}

test('a detail holds the longest prefix and the largest number of a set', () => {
  const detail = detailOf(128, 2 ** 24 - 1)
  expect([detailLength(detail), detailSet(detail)]).toEqual([128, 2 ** 24 - 1])
})

describe('real prefixes', () => {
  const rows: readonly Row[] = [
    ['8.8.8.0/24', 15169],
    ['8.0.0.0/9', 3356],
    ['8.8.0.0/16', 3356],
    ['8.0.0.0/9', 3357],
  ]

  test('the longest wins, wherever it stands; of equally long ones the later', () => {
    expect(list(intervals(rows, true))).toEqual([
      '0.0.0.0 0',
      '8.0.0.0 3357/9',
      '8.8.0.0 3356/16',
      '8.8.8.0 15169/24',
      '8.8.9.0 3356/16',
      '8.9.0.0 3357/9',
      '8.128.0.0 0',
    ])
  })

  test('an address is given the prefix that was announced, not the piece that is left of it', () => {
    const cuts = cutAlongPrefixes(intervals(rows, true))
    const word = Uint32Array.of(0x08080901)
    expect(cutLength(valueAt(cuts, word))).toBe(16)
    const asRanges = cutAlongPrefixes(
      intervals(
        [
          ['8.8.0.0/16', 3356],
          ['8.8.8.0/24', 15169],
        ],
        false,
      ),
    )
    expect(cutLength(valueAt(asRanges, word))).toBe(24)
  })

  test('neighbours of one AS stay apart when their prefixes differ', () => {
    expect(
      list(
        intervals(
          [
            ['8.8.8.0/24', 1],
            ['8.8.9.0/24', 1],
            ['8.8.10.0/23', 1],
          ],
          true,
        ),
      ),
    ).toEqual(['0.0.0.0 0', '8.8.8.0 1/24', '8.8.10.0 1/23', '8.8.12.0 0'])
  })

  test('of IPv6', () => {
    expect(
      list(
        intervals(
          [
            ['2001:db8:1::/48', 2],
            ['2001:db8::/32', 1],
          ],
          true,
        ),
      ),
    ).toEqual([':: 0', '2001:db8:: 1/32', '2001:db8:1:: 2/48', '2001:db8:2:: 1/32', '2001:db9:: 0'])
  })
})

describe('overlay', () => {
  test('the upper layer hides the lower one, and nothing hides nothing', () => {
    const upper = intervals([['10.1.0.0/16', 1]], true)
    const lower = intervals(
      [
        ['10.0.0.0/8', 2],
        ['11.0.0.0/8', 3],
      ],
      false,
    )
    expect(list(overlay(upper, lower))).toEqual([
      '0.0.0.0 0',
      '10.0.0.0 2',
      '10.1.0.0 1/16',
      '10.2.0.0 2',
      '11.0.0.0 3',
      '12.0.0.0 0',
    ])
    expect(list(overlay(lower, upper))).toEqual(['0.0.0.0 0', '10.0.0.0 2', '11.0.0.0 3', '12.0.0.0 0'])
  })

  test('up to the end of the space', () => {
    const upper = intervals([['255.255.255.255', 1]], true)
    const lower = intervals([['255.0.0.0/8', 2]], false)
    expect(list(overlay(upper, lower))).toEqual(['0.0.0.0 0', '255.0.0.0 2', '255.255.255.255 1/32'])
  })

  test('with nothing is the other layer itself', () => {
    const some = intervals([['10.0.0.0/8', 2]], false)
    expect(overlay(some, emptyIntervalMap(1))).toBe(some)
    expect(overlay(emptyIntervalMap(1), some)).toBe(some)
    expect(isNothing(overlay(emptyIntervalMap(1), emptyIntervalMap(1)))).toBe(true)
  })
})

test('valueAt finds the interval that holds an address', () => {
  const layer = intervals(
    [
      ['10.0.0.0/8', 2],
      ['255.255.255.255', 3],
    ],
    false,
  )
  const at = (word: number): number => valueAt(layer, Uint32Array.of(word))
  expect([0, 0x09ffffff, 0x0a000000, 0x0affffff, 0x0b000000, 0xffffffff].map(at)).toEqual([0, 0, 2, 2, 0, 3])
})
