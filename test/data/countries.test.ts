// Countries as numbers: layer values, and ISO 3166-1.

import { describe, expect, test } from 'vitest'
import {
  allCountryCodes,
  countryCode,
  countryNumber,
  countryValue,
  knownCountry,
} from '../../src/data/countries.ts'

const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ')

describe('layer values', () => {
  test('are 1 to 676 for AA to ZZ, and lead back to the code', () => {
    const codes = letters.flatMap((first) => letters.map((second) => first + second))
    expect(codes.map(countryValue)).toEqual(codes.map((_, n) => n + 1))
    expect(codes.map((_, n) => countryCode(n + 1))).toEqual(codes)
  })
})

describe('knownCountry', () => {
  test.each(['US', 'GB', 'XK', 'AN', 'EU', 'AP'])('%s is answered', (code) => {
    expect(knownCountry(code)).toBe(countryValue(code))
  })

  test.each(['ZZ', 'UK', 'QQ', 'AA', 'XX'])('%s is not a country', (code) => {
    expect(knownCountry(code)).toBe(0)
  })
})

describe('countryNumber', () => {
  test.each([
    ['US', 840],
    ['NL', 528],
    ['AF', 4],
    ['ZW', 716],
    ['XK', 983],
    ['AN', 530],
  ])('of %s is %i', (code, number) => {
    expect(countryNumber(code)).toBe(number)
  })

  test.each(['ZZ', 'EU', 'AP', 'AA', 'us'])('%s has none', (code) => {
    expect(countryNumber(code)).toBe(0)
  })
})

describe('allCountryCodes', () => {
  test('are alphabetical, unique and each has a number that fits 127.0.x.y', () => {
    const codes = allCountryCodes()
    expect(codes).toEqual([...new Set(codes)].sort())
    expect(codes.length).toBeGreaterThanOrEqual(251)
    expect(codes).toEqual(expect.arrayContaining(['AN', 'GB', 'TW', 'XK']))
    const odd = codes.filter(
      (code) => !/^[A-Z]{2}$/.test(code) || !(countryNumber(code) > 0 && countryNumber(code) < 1000),
    )
    expect(odd).toEqual([])
  })

  test('have different numbers', () => {
    const numbers = allCountryCodes().map(countryNumber)
    expect(new Set(numbers).size).toBe(numbers.length)
  })
})
