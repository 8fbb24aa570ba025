// Numbers of several octets where they lie in a packet: the high octet first, unless the name says otherwise.

/** The unsigned 16-bit number at `octets[at…]`. */
export function read16(octets: Uint8Array, at: number): number {
  return (octets[at] << 8) | octets[at + 1]
}

/** The unsigned 32-bit number at `octets[at…]`. */
export function read32(octets: Uint8Array, at: number): number {
  return ((octets[at] << 24) | (octets[at + 1] << 16) | (octets[at + 2] << 8) | octets[at + 3]) >>> 0
}

/** The signed 32-bit number at `octets[at…]`, the low octet first. */
export function read32Little(octets: Uint8Array, at: number): number {
  return octets[at] | (octets[at + 1] << 8) | (octets[at + 2] << 16) | (octets[at + 3] << 24)
}

/** Writes the low 16 bits of a number at `octets[at…]`. */
export function write16(octets: Uint8Array, at: number, number: number): void {
  octets[at] = (number >>> 8) & 255
  octets[at + 1] = number & 255
}

/** Writes the low 32 bits of a number at `octets[at…]`. */
export function write32(octets: Uint8Array, at: number, number: number): void {
  octets[at] = number >>> 24
  octets[at + 1] = (number >>> 16) & 255
  octets[at + 2] = (number >>> 8) & 255
  octets[at + 3] = number & 255
}

/** Copies `from[start, end)` to `to[at…]` and returns the position after it; a loop beats `set` below some 50 octets. */
export function copyOctets(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): number {
  for (let i = start; i < end; i++) to[at + i - start] = from[i]
  return at + end - start
}
