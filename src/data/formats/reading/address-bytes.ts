// Reads addresses out of the bytes of a data file: text and numbers, strictly, without making strings.
//
// Each function reads bytes[start, end) as one address into the first words of `out` (one for IPv4, four for
// IPv6, the most significant first) and returns whether it is one.

const DOT = 0x2e
const COLON = 0x3a
const ZERO = 0x30
const NINE = 0x39

/** Dotted IPv4: four decimal octets without leading zeros. */
export function readIpv4(bytes: Uint8Array, start: number, end: number, out: Uint32Array): boolean {
  let address = 0
  let octets = 0
  let at = start
  for (;;) {
    const first = at
    let octet = 0
    while (at < end && bytes[at] >= ZERO && bytes[at] <= NINE) octet = octet * 10 + bytes[at++] - ZERO
    const digits = at - first
    if (digits === 0 || digits > 3 || octet > 255 || (digits > 1 && bytes[first] === ZERO)) return false
    address = address * 256 + octet
    octets++
    if (at === end) break
    if (octets === 4 || bytes[at] !== DOT) return false
    at++
  }
  out[0] = address
  return octets === 4
}

const groups = new Uint16Array(8)

/** IPv6 text (RFC 4291 2.2): `::` may stand for a single group, and the last 32 bits may be dotted IPv4. */
export function readIpv6(bytes: Uint8Array, start: number, end: number, out: Uint32Array): boolean {
  let count = 0
  let gap = -1
  let at = start
  if (end - start >= 2 && bytes[start] === COLON) {
    if (bytes[start + 1] !== COLON) return false
    gap = 0
    at += 2
  }
  while (at < end) {
    if (count === 8) return false
    const first = at
    let group = 0
    let digit = 0
    while (at < end) {
      digit = hexDigit(bytes[at])
      if (digit < 0) break
      group = group * 16 + digit
      at++
    }
    if (at < end && bytes[at] === DOT) {
      if (count > 6 || !readIpv4(bytes, first, end, out)) return false
      groups[count++] = out[0] >>> 16
      groups[count++] = out[0] & 0xffff
      at = end
      break
    }
    if (at === first || at - first > 4) return false
    groups[count++] = group
    if (at === end) break
    if (bytes[at++] !== COLON) return false
    if (at === end) return false
    if (bytes[at] === COLON) {
      if (gap >= 0) return false
      gap = count
      at++
    }
  }
  if (gap < 0 ? count !== 8 : count > 7) return false
  const missing = 8 - count
  for (let word = 0; word < 4; word++) {
    out[word] = groupAt(word * 2, gap, missing) * 65536 + groupAt(word * 2 + 1, gap, missing)
  }
  return true
}

/** An address of either family as text: 4, 6, or 0 when it is none. */
export function readAddress(bytes: Uint8Array, start: number, end: number, out: Uint32Array): 0 | 4 | 6 {
  // The first group of an IPv6 address has four digits at most, and an IPv4 address has no colon.
  for (let at = start; at < end && at <= start + 4; at++) {
    if (bytes[at] === COLON) return readIpv6(bytes, start, end, out) ? 6 : 0
  }
  return readIpv4(bytes, start, end, out) ? 4 : 0
}

/** A decimal number below 2^32 as an IPv4 address. */
export function readIpv4Number(bytes: Uint8Array, start: number, end: number, out: Uint32Array): boolean {
  const number = readNumber(bytes, start, end, 0xffffffff)
  out[0] = number
  return number >= 0
}

/** A decimal number below 2^128 as an IPv6 address, six digits at a time so that every product is exact. */
export function readIpv6Number(bytes: Uint8Array, start: number, end: number, out: Uint32Array): boolean {
  if (end - start < 1 || end - start > 39) return false
  out.fill(0, 0, 4)
  let at = start
  while (at < end) {
    let carry = 0
    let scale = 1
    for (let digits = 0; digits < 6 && at < end; digits++, at++) {
      const digit = bytes[at] - ZERO
      if (digit < 0 || digit > 9) return false
      carry = carry * 10 + digit
      scale *= 10
    }
    for (let word = 3; word >= 0; word--) {
      const product = out[word] * scale + carry
      out[word] = product
      carry = Math.floor(product / 4294967296)
    }
    if (carry !== 0) return false
  }
  return true
}

/** A decimal number without sign or blanks in 0…`most` (below 2^49); −1 when it is none. */
export function readNumber(bytes: Uint8Array, start: number, end: number, max: number): number {
  if (start === end || end - start > 15) return -1
  let number = 0
  for (let at = start; at < end; at++) {
    const digit = bytes[at] - ZERO
    if (digit < 0 || digit > 9) return -1
    number = number * 10 + digit
  }
  return number <= max ? number : -1
}

function groupAt(index: number, gap: number, missing: number): number {
  if (gap < 0 || index < gap) return groups[index]
  return index < gap + missing ? 0 : groups[index - missing]
}

function hexDigit(byte: number): number {
  if (byte >= ZERO && byte <= NINE) return byte - ZERO
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 87 : -1
}
