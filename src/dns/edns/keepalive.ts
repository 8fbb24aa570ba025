// The option that tells how long an idle TCP connection stays open (RFC 7828); over UDP it is ignored.

import { write16 } from '../octets.ts'
import type { Circumstances, EdnsOption } from './option.ts'

/** edns-tcp-keepalive. */
export class KeepaliveOption implements EdnsOption {
  readonly code = 11
  readonly maxOctets = 2
  readonly #timeout: number

  /** @param timeout in units of 100 ms; 0 for no such option */
  constructor(timeout: number) {
    this.#timeout = timeout
  }

  read(): boolean {
    return true
  }

  begin(_: Uint8Array, { isTcp }: Circumstances): number {
    return isTcp && this.#timeout > 0 ? this.maxOctets : -1
  }

  write(packet: Uint8Array, at: number): void {
    write16(packet, at, this.#timeout)
  }
}
