import { describe, expect, test } from 'vitest'
import { durationMs } from '../../src/config/duration.ts'

describe('durationMs', () => {
  test.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['12h', 43_200_000],
    ['1d', 86_400_000],
    ['6w', 3_628_800_000],
  ])('%s', (text, milliseconds) => {
    expect(durationMs(text)).toBe(milliseconds)
  })

  test('what means for ever has an end that can be written', () => {
    expect(new Date(Date.now() + durationMs('999999w')).toISOString()).toMatch(/^3\d{3}-/)
  })
})
