// The option that says why a reply is what it is (RFC 8914): no query has it.

import { write16 } from '../octets.ts'
import type { EdnsOption } from './option.ts'

/** Extended errors (RFC 8914 4). */
export const EXTENDED_ERROR = {
  staleAnswer: 3,
  prohibited: 18,
  staleNxDomain: 19,
  notAuthoritative: 20,
} as const

/** Extended DNS error. */
export class ExtendedErrorOption implements EdnsOption {
  readonly code = 15
  readonly maxOctets = 2
  /** One of EXTENDED_ERROR. */
  error = 0

  /** What a query has to say about errors is ignored. */
  read(): boolean {
    return true
  }

  begin(): number {
    return -1
  }

  write(packet: Uint8Array, at: number): void {
    write16(packet, at, this.error)
  }
}
