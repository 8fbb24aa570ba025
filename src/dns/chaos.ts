// The names that tell about the server itself, class CH, type TXT (RFC 4892; version.server and hostname.bind
// are what BIND and NSD answer to as well).

import { MAX_STRING } from '../zones/limits.ts'
import { equalNames, wireName } from '../zones/wire-name.ts'
import type { Identity } from './treatment.ts'

interface ChaosName {
  readonly owner: Uint8Array
  /** RDATA of the TXT record. */
  readonly rdata: Uint8Array
}

/** The CH names that are answered. */
export class Chaos {
  readonly #names: readonly ChaosName[]

  constructor({ version, id }: Identity) {
    const texts: readonly (readonly [string, string | null])[] = [
      ['version.bind', version],
      ['version.server', version],
      ['id.server', id],
      ['hostname.bind', id],
    ]
    this.#names = texts.flatMap(([name, text]) => {
      if (text === null) return []
      const octets = new TextEncoder().encode(text).subarray(0, MAX_STRING)
      return [{ owner: wireName(name), rdata: Uint8Array.of(octets.length, ...octets) }]
    })
  }

  /** The TXT RDATA for the name at `packet[at…]`, which was checked to be a name; null when it isn't answered. */
  find(packet: Uint8Array, at: number): Uint8Array | null {
    for (let i = 0; i < this.#names.length; i++) {
      const { owner, rdata } = this.#names[i]
      if (equalNames(packet, at, owner, 0, owner.length)) return rdata
    }
    return null
  }
}
