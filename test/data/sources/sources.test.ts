// The data packages that are installed with asnzone.

import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dateOfVersion, embeddedSources } from '../../../src/data/sources/sources.ts'

describe('dateOfVersion', () => {
  test.each([
    ['2.3.2026061719', '2026-06-17T19:00:00.000Z'],
    ['2.3.2025040218', '2025-04-02T18:00:00.000Z'],
    ['3.0.202609122243', '2026-09-12T22:43:00.000Z'],
    ['2.3.2024022900', '2024-02-29T00:00:00.000Z'],
    ['2.3.2026123123', '2026-12-31T23:00:00.000Z'],
  ])('%s is %s', (version, date) => {
    expect(dateOfVersion(version)).toBe(date)
  })

  test.each([
    '1.2.3',
    '',
    '2026061719',
    '2.3.20260617',
    '2.3.2026131719',
    '2.3.2026063219',
    '2.3.2026061725',
    '2.3.202606171960',
    '2.3.2026061719-beta',
    'v2.3.2026061719',
  ])("'%s' tells none", (version) => {
    expect(dateOfVersion(version)).toBeNull()
  })
})

describe('embeddedSources', () => {
  const sources = embeddedSources()

  test('are AS numbers and countries for both families', () => {
    expect(sources.map(({ dataset, name }) => `${dataset} ${name}`)).toEqual([
      'asn @ip-location-db/asn/asn-ipv4.csv',
      'asn @ip-location-db/asn/asn-ipv6.csv',
      'country @ip-location-db/asn-country/asn-country-ipv4.csv',
      'country @ip-location-db/asn-country/asn-country-ipv6.csv',
    ])
  })

  test('are files that exist, with the date of their package, a licence and an attribution', () => {
    for (const { name, path, date, licence, attribution } of sources) {
      expect(existsSync(path)).toBe(true)
      expect(basename(path)).toBe(basename(name))
      expect(date).toBe('2026-06-17T19:00:00.000Z')
      expect(licence).toMatch(/^CC/)
      expect(attribution).toContain('NRO')
    }
  })
})
