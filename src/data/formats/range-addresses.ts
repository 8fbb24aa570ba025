// The two address columns of a range file: text or numbers, told from the first row.

import { compareWords, widthOf } from '../../table/words.ts'
import { readIpv4, readIpv4Number, readIpv6, readIpv6Number } from './address-bytes.ts'
import { type CsvRow, fieldText } from './csv-rows.ts'
import { lenientText } from './row-fields.ts'

const DOT = 0x2e
const COLON = 0x3a

/** Reads the columns 0 and 1 of each row. A file of text may hold both families, one of numbers holds one. */
export class RangeAddresses {
  /** First and last address of the row that was read last; IPv4 is the first word alone. */
  readonly start = new Uint32Array(4)
  readonly end = new Uint32Array(4)
  /** The family of the row that was read last. */
  family: 4 | 6 = 4
  #form: 'text' | 'numbers' | null = null

  /** Reads a row; the reason why its range can't be right, null otherwise. */
  read(row: CsvRow): string | null {
    this.#form ??= this.#formOf(row)
    if (this.#form === 'text') this.family = hasOctet(row, 0, COLON) ? 6 : 4
    if (!this.#readAddress(row, 0, this.start)) return this.#notAnAddress(row, 0)
    if (!this.#readAddress(row, 1, this.end)) return this.#notAnAddress(row, 1)
    if (compareWords(this.start, 0, this.end, 0, widthOf(this.family)) > 0) {
      return `start ${fieldText(row, 0)} is above end ${fieldText(row, 1)}`
    }
    return null
  }

  #formOf(row: CsvRow): 'text' | 'numbers' {
    if (hasOctet(row, 0, DOT) || hasOctet(row, 0, COLON)) return 'text'
    this.family = readIpv4Number(row.bytes, row.starts[1], row.ends[1], this.end) ? 4 : 6
    return 'numbers'
  }

  #readAddress({ bytes, starts, ends }: CsvRow, field: number, out: Uint32Array): boolean {
    if (this.#form === 'text') {
      return (this.family === 4 ? readIpv4 : readIpv6)(bytes, starts[field], ends[field], out)
    }
    return (this.family === 4 ? readIpv4Number : readIpv6Number)(bytes, starts[field], ends[field], out)
  }

  #notAnAddress(row: CsvRow, field: number): string {
    const form = this.#form === 'text' ? '' : ' as a number, as the first row has them'
    return `'${lenientText(row, field)}' is not an IPv${this.family} address${form}`
  }
}

function hasOctet({ bytes, starts, ends }: CsvRow, field: number, octet: number): boolean {
  for (let at = starts[field]; at < ends[field]; at++) if (bytes[at] === octet) return true
  return false
}
