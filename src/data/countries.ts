// Countries as numbers: the value that a country has in a table layer, and its ISO 3166-1 code and number.

import countries from 'i18n-iso-countries/index.js'

/** Codes that sources use and the ISO 3166-1 list of today lacks, with the numbers that they have or had. */
const BESIDES_ISO: Readonly<Record<string, number>> = { AN: 530 }

/** What the registries write for addresses that are in no single country; they have no number. */
const REGIONS: readonly string[] = ['AP', 'EU']

const FIRST_LETTER = 65
const LETTERS = 26

/** The highest value of a country. */
export const COUNTRY_VALUES = LETTERS * LETTERS

/** A two-letter code (A–Z) as a layer value: 1 for AA up to 676 for ZZ. */
export function countryValue(code: string): number {
  return (code.charCodeAt(0) - FIRST_LETTER) * LETTERS + (code.charCodeAt(1) - FIRST_LETTER) + 1
}

/** Which values are answered, by value. */
const KNOWN = new Uint8Array(COUNTRY_VALUES + 1)
for (const code of [...allCountryCodes(), ...REGIONS]) KNOWN[countryValue(code)] = 1

/** The layer value of a two-letter code (A–Z) in a data file; 0 for ZZ, UK and whatever else is not a country. */
export function knownCountry(code: string): number {
  const value = countryValue(code)
  return KNOWN[value] === 1 ? value : 0
}

/** The two-letter code of a layer value. */
export function countryCode(value: number): string {
  const index = value - 1
  return String.fromCharCode(FIRST_LETTER + Math.floor(index / LETTERS), FIRST_LETTER + (index % LETTERS))
}

/** The ISO 3166-1 number of an upper-case alpha-2 code, XK (983) included; 0 when it has none. */
export function countryNumber(code: string): number {
  return Number(countries.alpha2ToNumeric(code) ?? BESIDES_ISO[code] ?? 0)
}

/** The alpha-2 code of an upper-case alpha-3 code; undefined when there is none. */
export function codeOfThree(code: string): string | undefined {
  return countries.alpha3ToAlpha2(code)
}

/** All alpha-2 codes that have a number, in alphabetical order. */
export function allCountryCodes(): string[] {
  return [...Object.keys(countries.getAlpha2Codes()), ...Object.keys(BESIDES_ISO)].sort()
}
