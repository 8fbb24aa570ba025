// The bundled range files read a second time, with nothing of src/data: lines split at commas, addresses as
// bigints, and questions answered by a scan over all rows.

import { readFileSync } from 'node:fs'

/** A row of a range file; `text` is what stands behind its addresses. */
export interface ScannedRow {
  readonly start: bigint
  readonly end: bigint
  readonly text: string
}

/** Every row of a range file, in file order. */
export class ScannedFile {
  readonly #lines: readonly string[]
  /** Rounded addresses: what is in order stays in order, so they rule rows out quickly and never wrongly. */
  readonly #starts: Float64Array
  readonly #ends: Float64Array

  constructor(path: string) {
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    this.#lines = lines
    this.#starts = Float64Array.from(lines, (line) => roundedAddress(line.slice(0, line.indexOf(','))))
    this.#ends = Float64Array.from(lines, (line) => roundedAddress(line.split(',', 2)[1]))
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
    const low = Number(from)
    const high = Number(to)
    const starts = this.#starts
    const ends = this.#ends
    for (let n = 0; n < starts.length; n++) {
      if (starts[n] > high || ends[n] < low) continue
      const row = this.row(n)
      if (row.start <= to && row.end >= from) found.push(row)
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
  if (!text.includes(':')) return BigInt(roundedAddress(text))
  const [head, tail] = text.split('::').map((half) => (half === '' ? [] : half.split(':')))
  const groups =
    tail === undefined ? head : [...head, ...Array(8 - head.length - tail.length).fill('0'), ...tail]
  return BigInt(`0x${groups.map((group) => group.padStart(4, '0')).join('')}`)
}

function roundedAddress(text: string): number {
  if (text.includes(':')) return Number(addressOf(text))
  return text.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)
}
