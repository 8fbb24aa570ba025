// Weights that are made from what was seen.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadSettings } from '../../src/config/load.ts'
import { suggestScore } from '../../src/stats/suggest.ts'
import { temporaryFolder } from '../support/folders.ts'

const rowsOf = (counts: Record<string, number>) =>
  Object.entries(counts).map(([country, counter]) => ({ interval: 'total', country, counter }))

describe('suggestScore', () => {
  it.each<{ name: string; counts: Record<string, number>; countries: unknown[] }>([
    {
      name: 'many countries',
      counts: { DE: 700, AT: 120, '--': 500, CH: 80, US: 60, CN: 30, BR: 10 },
      countries: [
        { codes: ['DE', 'AT'], weight: 10 },
        { codes: ['CH', 'US'], weight: 5 },
      ],
    },
    { name: 'one country', counts: { DE: 1 }, countries: [{ codes: ['DE'], weight: 10 }] },
    { name: 'nothing', counts: {}, countries: [] },
    { name: 'no country that is known', counts: { '--': 9 }, countries: [] },
  ])('is a setting that can be used: $name', ({ counts, countries }) => {
    const configFile = join(temporaryFolder(), 'asnzone.yaml')
    writeFileSync(configFile, suggestScore(rowsOf(counts)))
    const { score } = loadSettings({ configFile })
    expect(score.countries).toEqual(countries)
    expect(score.default).toBe(-5)
  })
})
