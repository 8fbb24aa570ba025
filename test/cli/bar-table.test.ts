// Tables with bars.

import { describe, expect, test } from 'vitest'
import { barTable } from '../../src/cli/bar-table.ts'

describe('barTable', () => {
  test('columns line up whatever is in them, and every line has a bar', () => {
    const lines = [
      { key: 'AS1', name: 'ä'.repeat(60), counter: 1_000_000 },
      { key: 'AS4294967295', name: '𝔘nd', counter: 999 },
      { key: 'AS2', name: '', counter: 1 },
    ]
    const table = barTable('ASes, total', lines, 9, null).split('\n')
    expect(table[0]).toBe('ASes, total: 1,001,000 queries')
    expect(table[1]).toContain(`  ${'ä'.repeat(60)}  `)
    const bars = table.slice(1, 4).map((line) => [...line].indexOf('█'))
    expect(new Set(bars).size).toBe(1)
    expect(bars[0]).toBeGreaterThan(0)
  })

  test('on a terminal no line is longer than it is wide: bars get shorter, then names are cut', () => {
    const rows = (name: string, width: number) =>
      barTable('ASes, total', [{ key: 'AS15169', name, counter: 1_000_000 }], 9, width).split('\n')[1]
    expect(rows('Google LLC', 80)).toBe(`  AS15169  Google LLC  1,000,000  100.0 %  ${'█'.repeat(30)}`)
    expect(rows('n'.repeat(30), 80)).toBe(
      `  AS15169  ${'n'.repeat(30)}  1,000,000  100.0 %  ${'█'.repeat(17)}`,
    )
    expect(rows('n'.repeat(60), 80)).toBe(
      `  AS15169  ${'n'.repeat(36)}…  1,000,000  100.0 %  ${'█'.repeat(10)}`,
    )
    expect(rows('n'.repeat(60), 20)).toContain(`  ${'n'.repeat(7)}…  `)
  })

  test('what is beyond the limit is one line', () => {
    const lines = [5, 3, 2].map((counter) => ({ key: `K${counter}`, name: 'name', counter }))
    const table = barTable('Countries, 2026', lines, 1, null).split('\n')
    expect(table.slice(1, 3)).toEqual([
      '  K5  name    5   50.0 %  ███████████████',
      '  …   2 more  5   50.0 %  ███████████████',
    ])
  })
})
