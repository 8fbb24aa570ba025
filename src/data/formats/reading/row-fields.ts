// Fields that several formats have in common: AS numbers, countries, prefixes, and text for error messages.

import { type Width, widthOf } from '../../../table/address-arithmetic.ts'
import { parseCidr } from '../../../table/cidr-text.ts'
import { MAX_ASN } from '../../../table/layout.ts'
import { knownCountry } from '../../countries.ts'
import { readAddress, readNumber } from './address-bytes.ts'
import type { CsvRow } from './csv-rows.ts'

/**
 * AS numbers that no network can be announced by, so that a row which names one says nothing: 0 (RFC 7607), what
 * stands for numbers of 32 bits where there is room for 16 (RFC 6793), and the last number of either size
 * (RFC 7300), of which RouteViews writes the larger for «not routed». Private numbers and those of documentation
 * are not among them.
 */
const NO_ORIGINS: readonly number[] = [0, 23456, 65535, MAX_ASN]

/** Whether a network can be announced by an AS; rows of all formats whose AS is none are left out. */
export function isOrigin(asn: number): boolean {
  return !NO_ORIGINS.includes(asn)
}

/** The shortest prefixes that are announced by more than a mistake: 2000::/6 has leaked into tables before. */
const SHORTEST_PREFIX = { 4: 8, 6: 16 } as const

const LETTER_A = 0x41
const LETTER_S = 0x53

/** An AS number from 0 to 4294967295, alone or after `AS`; −1 when the field is none. */
export function readAsn(row: CsvRow, field: number): number {
  const { bytes } = row
  const start = row.starts[field]
  const isMarked = (bytes[start] & 0xdf) === LETTER_A && (bytes[start + 1] & 0xdf) === LETTER_S
  return readNumber(bytes, isMarked ? start + 2 : start, row.ends[field], MAX_ASN)
}

/** A two-letter code as a layer value; 0 for ZZ and others of no country; −1 when the field is none. */
export function readCountry(row: CsvRow, field: number): number {
  const { bytes } = row
  const at = row.starts[field]
  if (row.ends[field] - at !== 2 || !isLetter(bytes[at]) || !isLetter(bytes[at + 1])) return -1
  return knownCountry(String.fromCharCode(bytes[at] & 0xdf, bytes[at + 1] & 0xdf))
}

/**
 * A prefix such as `192.0.2.0/24` as its first and last address.
 *
 * @returns the family, or 0 when the field is not a prefix or has bits beyond its length
 */
export function readPrefix(row: CsvRow, field: number, start: Uint32Array, end: Uint32Array): 0 | 4 | 6 {
  const { bytes } = row
  const slash = bytes.indexOf(0x2f, row.starts[field])
  if (slash < 0 || slash >= row.ends[field]) return 0
  const family = readAddress(bytes, row.starts[field], slash, start)
  if (family === 0) return 0
  const length = readNumber(bytes, slash + 1, row.ends[field], family === 4 ? 32 : 128)
  return length >= 0 && lastOfPrefix(start, length, widthOf(family), end) ? family : 0
}

/** Why `readPrefix` takes a field for no prefix, with the network that was meant where there is one. */
export function notAPrefix(row: CsvRow, field: number): string {
  const text = lenientText(row, field)
  try {
    parseCidr(text)
  } catch (error) {
    return (error as Error).message
  }
  return `'${text}' is not a CIDR`
}

/** Sets `end` to the last address of a prefix; false when `start` has bits beyond the prefix's length. */
export function lastOfPrefix(start: Uint32Array, length: number, width: Width, end: Uint32Array): boolean {
  for (let k = 0; k < width; k++) {
    const bits = Math.min(32, Math.max(0, length - k * 32))
    const hosts = bits === 32 ? 0 : 0xffffffff >>> bits
    if ((start[k] & hosts) !== 0) return false
    end[k] = start[k] | hosts
  }
  return true
}

/** Whether a prefix is too short to be a real announcement. */
export function isTooShort(family: 4 | 6, length: number): boolean {
  return length < SHORTEST_PREFIX[family]
}

/** A field for an error message: printable and short, whatever it holds. */
export function lenientText(row: CsvRow, field: number): string {
  return printableText(row.bytes, row.starts[field], row.ends[field])
}

/** Octets for an error message: printable and short, whatever they hold. */
export function printableText(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('latin1', start, end)
  const printable = text.replace(/[^\x20-\x7e]/g, '?')
  return printable.length > 60 ? `${printable.slice(0, 57)}...` : printable
}

function isLetter(byte: number): boolean {
  return (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
}
