// The prefix of an address is the largest aligned CIDR that contains it and lies inside its interval.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cutAlongPrefixes, cutInterval, cutLength } from '../../../src/table/build/cidr.ts'
import { flatten } from '../../../src/table/build/flatten.ts'
import type { IntervalMap } from '../../../src/table/interval-map.ts'
import { addressText, largestCidr, lastAddress, readAddress } from '../../support/bigint-address.ts'
import {
  listSteps,
  paintedProbes,
  rowOf,
  rowsIn,
  toRanges,
  valueOfIntervals,
} from '../../support/painted-rows.ts'

/** The number, first and last address of the interval that holds an address. */
function stepAround(
  intervals: IntervalMap,
  address: bigint,
): { interval: number; first: bigint; last: bigint } {
  const list = listSteps(intervals)
  const interval = list.findLastIndex(({ start }) => start <= address)
  const last = interval + 1 < list.length ? list[interval + 1].start - 1n : lastAddress(intervals.width)
  return { interval, first: list[interval].start, last }
}

/** One range cut, as people read it: `10.0.0.0/8`; what says nothing is left out. */
function cutRange(start: string, end: string): string[] {
  const width = start.includes(':') ? 4 : 1
  const { intervals } = flatten(
    toRanges([{ start: readAddress(start), end: readAddress(end), value: 1 }], width),
  )
  return listSteps(cutAlongPrefixes(intervals))
    .filter(({ value }) => cutLength(value) > 0)
    .map(({ start, value }) => `${addressText(start, width)}/${cutLength(value)}`)
}

describe.each([1, 4] as const)('cutAlongPrefixes, of %i words', (width) => {
  test('gives each address the largest aligned CIDR inside its interval', () => {
    fc.assert(
      fc.property(rowsIn(width, 6, 3), (rows) => {
        const { intervals } = flatten(toRanges(rows, width))
        const cuts = cutAlongPrefixes(intervals)
        const wrong = paintedProbes(rows, width).filter((probe) => {
          const { interval, first, last } = stepAround(intervals, probe)
          const cut = valueOfIntervals(cuts, probe)
          const length = intervals.values[interval] === 0 ? 0 : largestCidr(probe, first, last, width)
          return cutInterval(cut) !== interval || cutLength(cut) !== length
        })
        expect(wrong).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  test('does so for ranges of any size', () => {
    const bits = 32 * width
    const address = fc
      .tuple(fc.bigInt({ min: 0n, max: lastAddress(width) }), fc.integer({ min: 0, max: bits - 1 }))
      .map(([any, shift]) => (any >> BigInt(shift)) << BigInt(shift))
    const any = fc.bigInt({ min: 0n, max: lastAddress(width) })
    fc.assert(
      fc.property(rowOf(address, fc.constant(1)), any, (row, random) => {
        const { start, end } = row
        const cuts = cutAlongPrefixes(flatten(toRanges([row], width)).intervals)
        for (const probe of [start, end, start + (random % (end - start + 1n))]) {
          expect(cutLength(valueOfIntervals(cuts, probe))).toBe(largestCidr(probe, start, end, width))
        }
      }),
    )
  })

  test('an interval over the whole space is two halves', () => {
    const rows = [{ start: 0n, end: lastAddress(width), value: 1 }]
    const cuts = cutAlongPrefixes(flatten(toRanges(rows, width)).intervals)
    for (const probe of [0n, lastAddress(width)]) expect(cutLength(valueOfIntervals(cuts, probe))).toBe(1)
  })
})

test.each([
  {
    name: 'AS3561 of the real data',
    range: ['216.88.163.0', '216.91.255.255'],
    cidrs: [
      '216.88.163.0/24',
      '216.88.164.0/22',
      '216.88.168.0/21',
      '216.88.176.0/20',
      '216.88.192.0/18',
      '216.89.0.0/16',
      '216.90.0.0/15',
    ],
  },
  {
    name: 'AS2500 of the real data',
    range: ['2001:200::', '2001:200:1b9:ffff:ffff:ffff:ffff:ffff'],
    cidrs: [
      '2001:200::/40',
      '2001:200:100::/41',
      '2001:200:180::/43',
      '2001:200:1a0::/44',
      '2001:200:1b0::/45',
      '2001:200:1b8::/47',
    ],
  },
  {
    name: 'two CIDRs of one length are one interval: the prefix follows from the address',
    range: ['10.0.1.0', '10.0.2.255'],
    cidrs: ['10.0.1.0/24'],
  },
  { name: 'the first address', range: ['0.0.0.0', '0.0.0.0'], cidrs: ['0.0.0.0/32'] },
  { name: 'the last address', range: ['255.255.255.255', '255.255.255.255'], cidrs: ['255.255.255.255/32'] },
  { name: 'the upper half', range: ['128.0.0.0', '255.255.255.255'], cidrs: ['128.0.0.0/1'] },
  { name: 'a lone IPv6 address', range: ['::1', '::1'], cidrs: ['::1/128'] },
])('$name', ({ range: [start, end], cidrs }) => {
  expect(cutRange(start, end)).toEqual(cidrs)
})
