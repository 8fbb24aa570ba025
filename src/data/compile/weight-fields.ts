// What a weight and its subject may be, in the config as in weight files.
//
// Each function reads one value and throws an Error with a short reason when it can't be right.

import { MAX_WEIGHT } from '../../score/weights.ts'
import { parseOwnCidr } from '../../table/cidr-text.ts'
import { MAX_ASN } from '../../table/layout.ts'
import { allCountryCodes, codeOfThree } from '../countries.ts'

const COUNTRIES = new Set(allCountryCodes())

/** Codes that people write for countries which have another. */
const MEANT: Readonly<Record<string, string>> = { UK: 'GB', EL: 'GR' }

/** A whole number. */
export function readWeight(value: unknown): number {
  const weight = typeof value === 'string' && /^[+-]?\d+$/.test(value) ? Number(value) : value
  if (typeof weight === 'number' && Number.isInteger(weight) && Math.abs(weight) <= MAX_WEIGHT) return weight
  throw new Error(`'${String(value)}' is not a whole number from -${MAX_WEIGHT} to ${MAX_WEIGHT}`)
}

/** An ISO 3166-1 alpha-2 code in any case; gives it in upper case. */
export function readCountryCode(value: unknown): string {
  const code = String(value).toUpperCase()
  if (COUNTRIES.has(code)) return code
  const meant = meantCountry(code)
  const mend = meant === null ? 'write two letters such as DE' : `did you mean ${meant}?`
  throw new Error(`'${String(value)}' is not an ISO 3166-1 country code; ${mend}`)
}

/** The code of a country that somebody has written otherwise: by its name in English, or by three letters. */
function meantCountry(written: string): string | null {
  const code = Object.hasOwn(MEANT, written) ? MEANT[written] : codeOfThree(written)
  if (code !== undefined) return code
  const names = new Intl.DisplayNames('en', { type: 'region' })
  const named = [...COUNTRIES].filter((one) => names.of(one)?.toUpperCase() === written)
  return named.length === 1 ? named[0] : null
}

/** An AS number, alone or after `AS`. */
export function readAsNumber(value: unknown): number {
  const asn = Number(/^(?:AS)?(\d{1,10})$/i.exec(String(value))?.[1])
  if (asn >= 1 && asn <= MAX_ASN) return asn
  throw new Error(`'${String(value)}' is not an AS number from 1 to ${MAX_ASN}`)
}

/** An address or a network; gives it as it stands. */
export function readCidrText(value: unknown): string {
  parseOwnCidr(String(value))
  return String(value)
}
