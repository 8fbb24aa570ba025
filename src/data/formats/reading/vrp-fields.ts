// The fields of a validated ROA payload, alike in CSV and JSON: each is read from bytes, and then all of them go together.

import { widthOf } from '../../../table/address-arithmetic.ts'
import { parseCidr } from '../../../table/cidr-text.ts'
import { MAX_ASN } from '../../../table/layout.ts'
import type { Collector } from '../../compile/collector.ts'
import { readAddress, readNumber } from './address-bytes.ts'
import { lastOfPrefix, printableText } from './row-fields.ts'

const SLASH = 0x2f

/** What to do about a payload that no validator writes. */
export const MEND = 'mend it, or have the validator write the file again'

/** The greatest time in seconds that is taken, far after any that there is. */
const MAX_TIME = 2 ** 48

/** The fields of a payload, in their order in an error message. */
const NAMES = { asn: 'AS number', prefix: 'prefix', maxLength: 'maximum length' } as const

/** One payload while it is read. */
export class VrpFields {
  readonly #start = new Uint32Array(4)
  readonly #end = new Uint32Array(4)
  readonly #isRead = { asn: false, prefix: false, maxLength: false }
  #asn = 0
  #family: 4 | 6 = 4
  #length = 0
  #maxLength = 0
  #expires = Number.POSITIVE_INFINITY
  /** How many had expired when they were read. */
  #expired = 0

  /** Begins the next one. */
  clear(): void {
    this.#isRead.asn = this.#isRead.prefix = this.#isRead.maxLength = false
    this.#expires = Number.POSITIVE_INFINITY
  }

  /** Reads `13335` or `AS13335`; returns the reason why it can't be right, null otherwise. AS 0 is one that nobody has. */
  readAsn(bytes: Buffer, start: number, end: number): string | null {
    const isMarked = (bytes[start] & 0xdf) === 0x41 && (bytes[start + 1] & 0xdf) === 0x53
    this.#asn = readNumber(bytes, isMarked ? start + 2 : start, end, MAX_ASN)
    this.#isRead.asn = true
    if (this.#asn >= 0) return null
    return `'${printableText(bytes, start, end)}' is not an AS number from 0 to ${MAX_ASN}; ${MEND}`
  }

  /** Reads `192.0.2.0/24`; returns a reason as `readAsn` does. */
  readPrefix(bytes: Buffer, start: number, end: number): string | null {
    const slash = bytes.subarray(start, end).indexOf(SLASH)
    const family = slash < 0 ? 0 : readAddress(bytes, start, start + slash, this.#start)
    if (family === 0) return this.#notAPrefix(bytes, start, end)
    this.#family = family
    this.#length = readNumber(bytes, start + slash + 1, end, family === 4 ? 32 : 128)
    this.#isRead.prefix = true
    if (this.#length >= 0 && lastOfPrefix(this.#start, this.#length, widthOf(family), this.#end)) return null
    return this.#notAPrefix(bytes, start, end)
  }

  /** Reads the length of the longest prefix that may be announced; returns a reason as `readAsn` does. */
  readMaxLength(bytes: Buffer, start: number, end: number): string | null {
    this.#maxLength = readNumber(bytes, start, end, 128)
    this.#isRead.maxLength = true
    if (this.#maxLength >= 0) return null
    return `'${printableText(bytes, start, end)}' is not a maximum length from 0 to 128; ${MEND}`
  }

  /** Reads when the payload expires, in seconds since 1970; returns a reason as `readAsn` does. */
  readExpires(bytes: Buffer, start: number, end: number): string | null {
    this.#expires = readNumber(bytes, start, end, MAX_TIME)
    if (this.#expires >= 0) return null
    return `'${printableText(bytes, start, end)}' is not a time in seconds since 1970; ${MEND}`
  }

  /**
   * Gives a whole payload to the collector, unless it has expired; returns a reason as `readAsn` does.
   *
   * @param now in seconds since 1970
   */
  take(into: Collector, now: number): string | null {
    const missing = (Object.keys(NAMES) as (keyof typeof NAMES)[]).find((field) => !this.#isRead[field])
    if (missing !== undefined) return `no ${NAMES[missing]}; ${MEND}`
    const longest = this.#family === 4 ? 32 : 128
    if (this.#maxLength < this.#length || this.#maxLength > longest) {
      return `its maximum length, ${this.#maxLength}, is not from ${this.#length} to ${longest} as that of a /${this.#length} is; ${MEND}`
    }
    if (this.#expires < now) {
      into.skipped++
      this.#expired++
      return null
    }
    into.vrps(this.#family).add(this.#start, 0, this.#length, this.#maxLength, this.#asn)
    into.rows[this.#family]++
    return null
  }

  /** What is wrong with a file that has been read, if anything is; what is odd is noted in the collector. */
  finish(into: Collector): string | null {
    const count = into.rows[4] + into.rows[6]
    if (count + this.#expired === 0) {
      return 'it has no ROAs; has the validator finished its first run? Have it write the file again'
    }
    if (this.#expired > 0) {
      into.doubt = `${this.#expired} of ${count + this.#expired} ROAs have expired and are left out: does the validator still write the file?`
    }
    return null
  }

  #notAPrefix(bytes: Buffer, start: number, end: number): string {
    const text = printableText(bytes, start, end)
    try {
      parseCidr(text)
    } catch (error) {
      return `${(error as Error).message}; ${MEND}`
    }
    return `'${text}' is not a prefix such as 192.0.2.0/24; ${MEND}`
  }
}
