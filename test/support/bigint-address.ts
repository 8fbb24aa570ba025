// Addresses as bigints, for models that share no arithmetic with src/table/address-arithmetic.ts.

import { Address4, Address6 } from 'ip-address'
import type { Width } from '../../src/table/address-arithmetic.ts'

/** The last address of the space. */
export const lastAddress = (width: Width): bigint => (1n << BigInt(32 * width)) - 1n

/** An address as words, the most significant first. */
export function toWords(address: bigint, width: Width): Uint32Array {
  const words = new Uint32Array(width)
  for (let k = width - 1, rest = address; k >= 0; k--, rest >>= 32n) words[k] = Number(rest & 0xffffffffn)
  return words
}

/** The address at `words[at…]`. */
export function toBigint(words: ArrayLike<number>, at: number, width: Width): bigint {
  let address = 0n
  for (let k = 0; k < width; k++) address = (address << 32n) | BigInt(words[at + k])
  return address
}

/** An address of either family, as ip-address reads it. */
export function readAddress(text: string): bigint {
  return (text.includes(':') ? new Address6(text) : new Address4(text)).bigInt()
}

/** An address as ip-address writes it. */
export function addressText(address: bigint, width: Width): string {
  return width === 1 ? Address4.fromBigInt(address).correctForm() : Address6.fromBigInt(address).correctForm()
}

/** The first and last address of the CIDR of `length` bits around an address. */
export function cidrAround(address: bigint, length: number, width: Width): readonly [bigint, bigint] {
  const hosts = (1n << BigInt(32 * width - length)) - 1n
  return [address & ~hosts, address | hosts]
}

/** The length of the largest CIDR around an address that lies inside [first, last], tried from the largest down. */
export function largestCidr(address: bigint, first: bigint, last: bigint, width: Width): number {
  for (let length = 1; ; length++) {
    const [start, end] = cidrAround(address, length, width)
    if (start >= first && end <= last) return length
  }
}
