// A list of networks, and whether an address is in one of them.

import type { ClientAddress } from './client-address.ts'

/** A network. */
export interface Network {
  readonly family: 4 | 6
  /** The first address: one word for IPv4, four for IPv6, the most significant first. */
  readonly words: readonly number[]
  /** The prefix length. */
  readonly length: number
}

/** Some networks; few enough to be looked at one after the other. */
export type Networks = readonly Network[]

/** Whether an address is in one of the networks. */
export function isIn(networks: Networks, { family, words }: ClientAddress): boolean {
  for (const network of networks) {
    if (network.family === family && holds(network.words, network.length, words)) return true
  }
  return false
}

/** Whether a network, of so many bits of its first address, has an address of its family. */
export function holds(start: ArrayLike<number>, length: number, words: ArrayLike<number>): boolean {
  for (let i = 0, rest = length; rest > 0; i++, rest -= 32) {
    const mask = rest >= 32 ? 0xffffffff : -1 << (32 - rest)
    if (((start[i] ^ words[i]) & mask) !== 0) return false
  }
  return true
}
