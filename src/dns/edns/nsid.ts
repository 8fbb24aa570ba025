// The option that tells which server answers (RFC 5001), to whom asks for it.

import type { EdnsOption } from './option.ts'

/** The most octets of an identity. */
export const MAX_NSID = 128

/** NSID. */
export class NsidOption implements EdnsOption {
  readonly code = 3
  readonly maxOctets = MAX_NSID
  readonly #identity: Uint8Array

  /** @param identity null for none; what is longer than MAX_NSID octets of UTF-8 is cut */
  constructor(identity: string | null) {
    this.#identity = new TextEncoder().encode(identity ?? '').subarray(0, MAX_NSID)
  }

  read(): boolean {
    return true
  }

  begin(): number {
    return this.#identity.length || -1
  }

  write(packet: Uint8Array, at: number): void {
    const identity = this.#identity
    for (let i = 0; i < identity.length; i++) packet[at + i] = identity[i]
  }
}
