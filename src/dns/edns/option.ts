// What every EDNS option is to the OPT record that holds it: a number, how it is read and what a reply says.

import type { Client } from '../client.ts'
import type { Now } from '../now.ts'

/** What an option of a reply may depend on, besides the query's. */
export interface Circumstances {
  readonly client: Client
  readonly now: Now
  readonly isTcp: boolean
}

/** One option. There is one object for each, which belongs to one responder and is filled again for each query. */
export interface EdnsOption {
  /** Its number (IANA «DNS EDNS0 Option Codes (OPT)»), below 32. */
  readonly code: number
  /** The most octets of data that a reply's has, −1 where no reply has it. */
  readonly maxOctets: number
  /**
   * Takes the option of a query, whose data is `packet[at, at + length)`.
   *
   * @param isFirst whether the query had none with this number before
   * @returns false when it can't be right: the query gets FORMERR
   */
  read(packet: Uint8Array, at: number, length: number, isFirst: boolean): boolean
  /**
   * Settles what the reply's will hold, because the reply is written over the query. It is called where the query had
   * the option.
   *
   * @returns octets of data, −1 for no such option in the reply
   */
  begin(packet: Uint8Array, circumstances: Circumstances): number
  /** Writes the data at `packet[at…]`, as many octets as `begin` said. */
  write(packet: Uint8Array, at: number): void
}
