// What was learned, as the compile reads it: learned.csv in the data directory.
//
// The first line tells the version and how many rows there are, so that a file that was cut is noticed. Text is quoted
// always, numbers never.
//
//     # learned by asnzone, version 1, 3 rows
//     country,US,,1.02,"US | 3351 spam, 758 ham | 2026-11-27"
//     as,14061,US,6.9,"AS14061 | 22 spam, 2 ham | 2026-11-27"
//     network,165.245.131.0/24,,18.4,"AS14061 | 22 spam, 2 ham | 165.245.131.0/24 | 1 spam, 0 ham | 2026-11-27"

import { join } from 'node:path'
import { counted } from '../counted.ts'
import { AsnzoneError } from '../errors.ts'
import { replaceFile, TEMPORARY, uniqueName } from '../system/atomic-file.ts'
import { fileReason } from '../system/file-reason.ts'
import { fileStats, readText } from '../system/safe-file.ts'
import { writeAll } from '../system/write-all.ts'
import { networkText } from '../table/address-text.ts'
import { parseOwnCidr } from '../table/cidr-text.ts'
import { MAX_ASN } from '../table/layout.ts'

/** A learned value for addresses that no more specific row covers. */
export type LearnedRow = {
  /** How many times the odds of spam are those on average here, in decibels: unrounded, unclamped. */
  readonly decibels: number
  /** The evidence, such as `AS14061 | 22 spam, 2 ham | 2026-11-27`: printable ASCII without quotes. */
  readonly text: string
} & (
  | { readonly kind: 'country'; readonly country: string }
  | { readonly kind: 'as'; readonly asn: number; readonly country: string }
  | { readonly kind: 'network'; readonly cidr: string }
)

/** Its name in the data directory. */
export const PRODUCT_FILE = 'learned.csv'

/** Less than so many decibels is not told. */
export const LEAST_TOLD = 3

/** More decibels than two million messages of one kind against none of the other can give. */
const MAX_DECIBELS = 200

/** The most characters of an evidence: a TXT has a score before it, and 255 octets. */
const MAX_TEXT = 200

/** A million rows of the longest evidence have less. */
const MAX_OCTETS = 320 << 20

/** Octets that are written at once. */
const CHUNK = 1 << 20

const HEAD = /^# learned by asnzone, version 1, (\d{1,8}) rows$/
const ROW = /^(country|as|network),([0-9A-Za-z.:/]{1,43}),([A-Z]{2})?,(-?\d{1,3}(?:\.\d{1,20})?),"([^"]*)"$/
const EVIDENCE = new RegExp(`^[ !#-~]{1,${MAX_TEXT}}$`)
const COUNTRY = /^[A-Z]{2}$/
const IPV4_NETWORK = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/

/**
 * Writes the rows in place of those that are there, so that a reader sees the old or the new ones.
 *
 * @throws {Error} of the file system; the old file stays then.
 */
export function writeProduct(
  directory: string,
  rows: Iterable<LearnedRow> & { readonly length: number },
): void {
  const temporary = join(directory, `${TEMPORARY}${uniqueName()}`)
  replaceFile(join(directory, PRODUCT_FILE), temporary, (fd) => {
    let text = `# learned by asnzone, version 1, ${rows.length} rows\n`
    for (const row of rows) {
      text += lineOf(row)
      if (text.length < CHUNK) continue
      writeText(fd, text)
      text = ''
    }
    writeText(fd, text)
  })
}

/**
 * The rows, each checked; null where nothing was learned yet.
 *
 * @throws {AsnzoneError} `ASNZONE_DATA` with the line when the file is not what `writeProduct` writes.
 */
export function readProduct(directory: string): readonly LearnedRow[] | null {
  const path = join(directory, PRODUCT_FILE)
  const fail = (line: number, reason: string): never => {
    throw new AsnzoneError(
      'ASNZONE_DATA',
      `${path}:${line}: ${reason}; 'asnzone learn' writes the file again, or remove it`,
    )
  }
  let text: string
  try {
    text = readText(path, MAX_OCTETS)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new AsnzoneError('ASNZONE_DATA', `${path}: ${fileReason(cause)}`, { cause })
  }
  const lines = text.split('\n')
  const announced = Number(HEAD.exec(lines[0])?.[1] ?? fail(1, 'it is not a file of what was learned'))
  if (lines.pop() !== '' || lines.length - 1 !== announced) {
    fail(
      lines.length,
      `it has ${counted(lines.length - 1, 'row')} of ${announced}: it was cut off or changed`,
    )
  }
  return lines.slice(1).map((line, at) => rowOf(line) ?? fail(at + 2, 'it is not a row of what was learned'))
}

/** When the rows were written and how long they are; changes when they are written again. Null where there are none. */
export function productState(directory: string): { readonly size: number; readonly mtimeMs: number } | null {
  const stats = fileStats(join(directory, PRODUCT_FILE))
  return stats === null ? null : { size: stats.size, mtimeMs: stats.mtimeMs }
}

const writeText = (fd: number, text: string): void => writeAll(fd, new TextEncoder().encode(text))

function lineOf(row: LearnedRow): string {
  // Twelve digits after the point are more than was ever counted, and never written as 1e-7.
  const rest = `${row.decibels.toFixed(12).replace(/\.?0+$/, '')},"${row.text}"\n`
  if (row.kind === 'country') return `country,${row.country},,${rest}`
  return row.kind === 'as' ? `as,${row.asn},${row.country},${rest}` : `network,${row.cidr},,${rest}`
}

/** Null when it is none. */
function rowOf(line: string): LearnedRow | null {
  const [, kind, key, country = '', number, text] = ROW.exec(line) ?? []
  const decibels = Number(number)
  if (key === undefined || !(Math.abs(decibels) <= MAX_DECIBELS) || !EVIDENCE.test(text)) return null
  if (kind === 'as') {
    const asn = /^[1-9]\d{0,9}$/.test(key) ? Number(key) : 0
    return asn >= 1 && asn <= MAX_ASN ? { kind, asn, country, decibels, text } : null
  }
  if (country !== '') return null
  if (kind === 'country') return COUNTRY.test(key) ? { kind, country: key, decibels, text } : null
  return isNetwork(key) ? { kind: 'network', cidr: key, decibels, text } : null
}

/** Whether a text is a network in its one form; a million of IPv4 are told in a second. */
function isNetwork(cidr: string): boolean {
  const parts = IPV4_NETWORK.exec(cidr)
  if (parts !== null) {
    const [a, b, c, d, length] = parts.slice(1).map(Number)
    if (a > 255 || b > 255 || c > 255 || d > 255 || length > 32) return false
    return `${networkText([((a << 24) | (b << 16) | (c << 8) | d) >>> 0], length)}/${length}` === cidr
  }
  try {
    const { start, length } = parseOwnCidr(cidr)
    return `${networkText(start)}/${length}` === cidr
  } catch {
    return false
  }
}
