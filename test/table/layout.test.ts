// The layout of records: it follows from the columns.

import { afterEach, expect, test, vi } from 'vitest'
import { COLUMN, RECORD_WORDS, shiftOf } from '../../src/table/layout.ts'

const LAYOUT = '../../src/table/layout.ts'

afterEach(() => {
  vi.doUnmock(LAYOUT)
  vi.resetModules()
})

test.each([
  [1, 0],
  [2, 1],
  [7, 3],
  [8, 3],
  [9, 4],
  [16, 4],
  [17, 5],
])('%i columns: a shift by %i', (columns, shift) => {
  expect(shiftOf(columns)).toBe(shift)
})

test('the columns have numbers from 0 on, and all fit a record', () => {
  const numbers = Object.values(COLUMN)
  expect([...numbers].sort((a, b) => a - b)).toEqual(numbers.map((_, i) => i))
  expect(RECORD_WORDS).toBeGreaterThanOrEqual(numbers.length)
})

test('with a ninth column no record is written over, and the table reads back as it does with eight', async () => {
  const rows = [
    ['1.0.0.0', '1.0.0.255', '13335', 'Cloudflare'],
    ['8.8.8.0', '8.8.8.255', '15169', 'Google'],
    ['9.9.9.0', '9.9.9.255', '19281', 'Quad9'],
  ]
  const asn = rows.map((row) => `${row.join(',')}\n`).join('')
  const country = '1.0.0.0,1.0.0.255,AU\n8.8.8.0,8.8.8.255,US\n9.9.9.0,9.9.9.255,CH\n'
  const read = async (): Promise<unknown[]> => {
    vi.resetModules()
    const { tableOf } = await import('../support/table-of-rows.ts')
    const { addressAttributes } = await import('../../src/table/attributes.ts')
    const table = await tableOf([
      { dataset: 'asn', format: 'ip-location-db', name: 'asn.csv', contents: asn },
      { dataset: 'country', format: 'ip-location-db', name: 'country.csv', contents: country },
    ])
    return [0x01000001, 0x08080808, 0x09090909].map((address) => addressAttributes(table, [address]))
  }
  const withEight = await read()
  expect(withEight).toMatchObject([
    { asn: 13335, country: 'AU' },
    { asn: 15169 },
    { asn: 19281, country: 'CH' },
  ])
  let shift = 0
  vi.doMock(LAYOUT, async (original) => {
    const real = await original<typeof import('../../src/table/layout.ts')>()
    const columns = { ...real.COLUMN, ninth: 8 }
    shift = real.shiftOf(Object.keys(columns).length)
    return { ...real, COLUMN: columns, RECORD_SHIFT: shift, RECORD_WORDS: 1 << shift }
  })
  expect(await read()).toEqual(withEight)
  expect(shift).toBe(4)
})
