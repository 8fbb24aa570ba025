// Rows collected while a file is read.

import { describe, expect, test } from 'vitest'
import { RangesBuilder } from '../../../src/table/build/ranges.ts'

describe.each([4, 6] as const)('RangesBuilder for IPv%i', (family) => {
  const width = family === 4 ? 1 : 4

  test('starts empty', () => {
    const builder = new RangesBuilder(family)
    expect([builder.family, builder.width, builder.count]).toEqual([family, width, 0])
    expect(builder.finish()).toEqual({
      width,
      count: 0,
      starts: new Uint32Array(),
      ends: new Uint32Array(),
      values: new Uint32Array(),
    })
  })

  test('keeps rows in the order they come, beyond its first capacity', () => {
    const builder = new RangesBuilder(family, 2)
    // A caller's array may be longer than an address.
    const start = new Uint32Array(4)
    const end = new Uint32Array(4)
    const starts: number[] = []
    const ends: number[] = []
    for (let row = 0; row < 99; row++) {
      start.forEach((_, k) => {
        start[k] = 0xffffffff - row * 4 - k
        end[k] = row * 4 + k
      })
      builder.add(start, end, row + 1)
      starts.push(...start.subarray(0, width))
      ends.push(...end.subarray(0, width))
    }
    expect(builder.count).toBe(99)
    expect(builder.finish()).toEqual({
      width,
      count: 99,
      starts: Uint32Array.from(starts),
      ends: Uint32Array.from(ends),
      values: Uint32Array.from({ length: 99 }, (_, row) => row + 1),
    })
  })
})
