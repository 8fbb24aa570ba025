// The same bytes in differently cut pieces, as a stream may deliver them.

import fc from 'fast-check'

/** Bytes cut behind each of the offsets, which are taken modulo the length; every piece is a copy of its own. */
export function cutAt(bytes: Uint8Array, offsets: readonly number[]): Buffer[] {
  const cuts = [...new Set(offsets.map((offset) => offset % (bytes.length + 1)))].sort((a, b) => a - b)
  return [...cuts, bytes.length].map((end, n) => Buffer.from(bytes.subarray(cuts[n - 1] ?? 0, end)))
}

/** Bytes one by one. */
export function byteByByte(bytes: Uint8Array): Buffer[] {
  return Array.from(bytes, (byte) => Buffer.of(byte))
}

/** Offsets to cut at. */
export const cuts: fc.Arbitrary<number[]> = fc.array(fc.nat(), { maxLength: 12 })
