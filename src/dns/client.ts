// Who asks: the address of a client, filled again for each query so that nothing is allocated.

import { read32 } from './octets.ts'

/** The address of a client. */
export class Client {
  family: 4 | 6 = 4
  /** The IPv4 address, or the first word of an IPv6 address; unsigned. */
  word0 = 0x7f000001
  word1 = 0
  word2 = 0
  word3 = 0
  /** A proxy has told the address: what is granted to the proxy's own host isn't granted to it. */
  isProxied = false

  /** Takes the address from 4 or 16 octets at `octets[at…]`. */
  set(family: 4 | 6, octets: Uint8Array, at: number): void {
    this.family = family
    this.word0 = read32(octets, at)
    if (family === 4) return
    this.word1 = read32(octets, at + 4)
    this.word2 = read32(octets, at + 8)
    this.word3 = read32(octets, at + 12)
  }
  /** Becomes the same as another one. */
  copy({ family, word0, word1, word2, word3, isProxied }: Client): void {
    this.family = family
    this.word0 = word0
    this.word1 = word1
    this.word2 = word2
    this.word3 = word3
    this.isProxied = isProxied
  }
}
