// The address columns of a data file: a range as text or numbers, told from the first row, or a network.

import { compareAddresses, widthOf } from '../../../table/address-arithmetic.ts'
import { readAddress, readIpv4, readIpv4Number, readIpv6, readIpv6Number } from './address-bytes.ts'
import { type CsvRow, fieldText } from './csv-rows.ts'
import { lenientText, notAPrefix, readPrefix } from './row-fields.ts'

const DOT = 0x2e
const SLASH = 0x2f
const COLON = 0x3a

/**
 * Reads the address columns of each row. A file of text may hold both families; one of numbers holds one, or both as
 * IPv6, IPv4 being embedded in it (::ffff:0:0/96).
 */
export class RangeAddresses {
  /** First and last address of the row that was read last; IPv4 is the first word alone. */
  readonly start = new Uint32Array(4)
  readonly end = new Uint32Array(4)
  /** The family of the row that was read last. */
  family: 4 | 6 = 4
  readonly #first: number
  readonly #last: number
  #form: 'text' | 'numbers' | null = null
  #formFamily: 4 | 6 = 4

  /** @param first and `last`: the columns of a range; equal where the column holds networks */
  constructor(first = 0, last = 1) {
    this.#first = first
    this.#last = last
  }

  /** Reads a row; the reason why its range can't be right, null otherwise. */
  read(row: CsvRow): string | null {
    const reason = this.#first === this.#last ? this.#readNetwork(row) : this.#readRange(row)
    if (reason === null && this.family === 6 && isEmbedded(this.start) && isEmbedded(this.end)) {
      this.family = 4
      this.start[0] = this.start[3]
      this.end[0] = this.end[3]
    }
    return reason
  }

  /** A lone address is a network, too. */
  #readNetwork(row: CsvRow): string | null {
    const field = this.#first
    let family = readPrefix(row, field, this.start, this.end)
    if (family === 0 && !hasOctet(row, field, SLASH)) {
      family = readAddress(row.bytes, row.starts[field], row.ends[field], this.start)
      this.end.set(this.start)
    }
    if (family === 0) return notAPrefix(row, field)
    this.family = family
    return null
  }

  #readRange(row: CsvRow): string | null {
    const [first, last] = [this.#first, this.#last]
    this.#form ??= this.#formOf(row)
    this.family = this.#form === 'numbers' ? this.#formFamily : hasOctet(row, first, COLON) ? 6 : 4
    if (!this.#readAddress(row, first, this.start)) return this.#notAnAddress(row, first)
    if (!this.#readAddress(row, last, this.end)) return this.#notAnAddress(row, last)
    if (compareAddresses(this.start, 0, this.end, 0, widthOf(this.family)) > 0) {
      return `start ${fieldText(row, first)} is above end ${fieldText(row, last)}`
    }
    return null
  }

  #formOf(row: CsvRow): 'text' | 'numbers' {
    if (hasOctet(row, this.#first, DOT) || hasOctet(row, this.#first, COLON)) return 'text'
    const last = this.#last
    this.#formFamily = readIpv4Number(row.bytes, row.starts[last], row.ends[last], this.end) ? 4 : 6
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

/** Whether an IPv6 address is an IPv4 one in ::ffff:0:0/96. */
function isEmbedded(words: Uint32Array): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff
}

function hasOctet({ bytes, starts, ends }: CsvRow, field: number, octet: number): boolean {
  for (let at = starts[field]; at < ends[field]; at++) if (bytes[at] === octet) return true
  return false
}
