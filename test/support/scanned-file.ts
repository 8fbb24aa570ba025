// The bundled range files read a second time, with nothing of src/data: lines split at commas, addresses as
// bigints, and questions answered by a scan over all rows.

import { readFileSync } from 'node:fs'

/** A row of a range file; `text` is what stands behind its addresses. */
export interface ScannedRow {
  readonly start: bigint
  readonly end: bigint
  readonly text: string
}

/** A row of an AS number that can be no origin, which is left out. */
const NO_ORIGIN = /^[^,]*,[^,]*,(?:0|23456|65535|4294967295),/

/** How many rows a scan may step over at once. */
const BLOCK_ROWS = 1024

/**
 * Rows that follow one another, by rounded addresses: what is in order stays in order, so that they rule rows
 * out quickly and never wrongly.
 */
interface Block {
  /** The number of the first row. */
  readonly first: number
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  readonly lowest: number
  readonly highest: number
}

/** Every row of a range file that counts, in file order. */
export class ScannedFile {
  readonly #lines: readonly string[]
  readonly #blocks: Block[] = []

  constructor(path: string) {
    const all = readFileSync(path, 'utf8').trimEnd().split('\n')
    const lines = all.filter((line) => !NO_ORIGIN.test(line))
    this.#lines = lines
    for (let first = 0; first < lines.length; first += BLOCK_ROWS) {
      const starts: number[] = []
      const ends: number[] = []
      for (const line of lines.slice(first, first + BLOCK_ROWS)) {
        const [start, end] = line.split(',', 2)
        starts.push(roundedAddress(start))
        ends.push(roundedAddress(end))
      }
      this.#blocks.push({ first, starts, ends, lowest: Math.min(...starts), highest: Math.max(...ends) })
    }
  }

  get count(): number {
    return this.#lines.length
  }

  row(number: number): ScannedRow {
    const line = this.#lines[number]
    const [start, end] = line.split(',', 2)
    const text = line.slice(start.length + end.length + 2)
    return { start: addressOf(start), end: addressOf(end), text }
  }

  /** What stands behind the addresses of each row. */
  texts(): string[] {
    return this.#lines.map((line) => line.slice(line.indexOf(',', line.indexOf(',') + 1) + 1))
  }

  /** The rows that share an address with [from, to], in file order. */
  rowsWithin(from: bigint, to: bigint): ScannedRow[] {
    const found: ScannedRow[] = []
    const isShort = this.#lines[0].includes(':')
    const low = isShort ? Number(from >> 80n) : Number(from)
    const high = isShort ? Number(to >> 80n) : Number(to)
    for (const { first, starts, ends, lowest, highest } of this.#blocks) {
      if (lowest > high || highest < low) continue
      for (let n = 0; n < starts.length; n++) {
        if (starts[n] > high || ends[n] < low) continue
        const row = this.row(first + n)
        if (row.start <= to && row.end >= from) found.push(row)
      }
    }
    return found
  }
}

/** The text of the last of the rows that hold an address. */
export function lastText(rows: readonly ScannedRow[], address: bigint): string | null {
  return rows.findLast(({ start, end }) => start <= address && address <= end)?.text ?? null
}

/** Whether the last row that holds it has the same text for every address of [from, to]. */
export function isOneText(rows: readonly ScannedRow[], from: bigint, to: bigint, text: string): boolean {
  const borders = [from, ...rows.flatMap(({ start, end }) => [start, end + 1n])]
  return borders.every((border) => border < from || border > to || lastText(rows, border) === text)
}

/** An AS number and name out of `15169,Google LLC` or `13335,"Cloudflare, Inc."`. */
export function asOf(text: string): { asn: number; name: string } {
  const comma = text.indexOf(',')
  const name = text.slice(comma + 1)
  return {
    asn: Number(text.slice(0, comma)),
    name: name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name,
  }
}

function addressOf(text: string): bigint {
  if (!text.includes(':')) return BigInt(octetsOf(text))
  const [head, tail] = text.split('::').map((half) => (half === '' ? [] : half.split(':')))
  const groups =
    tail === undefined ? head : [...head, ...Array(8 - head.length - tail.length).fill('0'), ...tail]
  return BigInt(`0x${groups.map((group) => group.padStart(4, '0')).join('')}`)
}

/** An IPv4 address, or the first 48 bits of an IPv6 address. */
function roundedAddress(text: string): number {
  if (!text.includes(':')) return octetsOf(text)
  const [head, tail] = text.split('::')
  const groups = head.split(':')
  if (groups.length < 3 && tail !== '') return Number(addressOf(text) >> 80n)
  let sum = 0
  for (let i = 0; i < 3; i++) sum = sum * 0x10000 + Number.parseInt(groups[i] || '0', 16)
  return sum
}

/** An IPv4 address, digit by digit: a million of them. */
function octetsOf(text: string): number {
  let sum = 0
  let octet = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 46) {
      sum = sum * 256 + octet
      octet = 0
    } else octet = octet * 10 + code - 48
  }
  return sum * 256 + octet
}
