// Addresses as 32-bit words: the arithmetic that the preparing half needs, alike for IPv4 and IPv6.
//
// An address is `width` consecutive elements of a Uint32Array, the most significant word first: one word for
// IPv4, four for IPv6. Functions take an array and the index of the first word, so that a million addresses
// live in one array and nothing is allocated to compare two of them.

/** Words in an address: 1 for IPv4, 4 for IPv6. */
export type Width = 1 | 4

/** The number of words in an address of `family`. */
export const widthOf = (family: 4 | 6): Width => (family === 4 ? 1 : 4)

/** Compares the addresses at `a[i…]` and `b[j…]`: negative, zero or positive as a sort expects. */
export function compareAddresses(a: Uint32Array, i: number, b: Uint32Array, j: number, width: Width): number {
  for (let k = 0; k < width; k++) {
    const difference = a[i + k] - b[j + k]
    if (difference !== 0) return difference
  }
  return 0
}

/** Copies the address at `from[i…]` to `to[j…]`. */
export function copyAddress(from: Uint32Array, i: number, to: Uint32Array, j: number, width: Width): void {
  for (let k = 0; k < width; k++) to[j + k] = from[i + k]
}

/** Adds 2^`bit` to the address at `a[i…]` in place, modulo the address space. Returns false when it wrapped. */
export function addPowerOfTwo(a: Uint32Array, i: number, bit: number, width: Width): boolean {
  let k = width - 1 - (bit >>> 5)
  let carry = (1 << (bit & 31)) >>> 0
  for (; k >= 0 && carry !== 0; k--) {
    const sum = a[i + k] + carry
    a[i + k] = sum
    carry = sum > 0xffffffff ? 1 : 0
  }
  return carry === 0
}

/** Subtracts 1 from the address at `a[i…]` in place, modulo the address space. */
export function subtractOne(a: Uint32Array, i: number, width: Width): void {
  let k = width - 1
  while (k > 0 && a[i + k] === 0) a[i + k--] = 0xffffffff
  a[i + k] -= 1
}

/** The number of zero bits at the low end of the address at `a[i…]`: 0 up to 32 × `width`. */
export function trailingZeros(a: Uint32Array, i: number, width: Width): number {
  for (let k = width - 1; k >= 0; k--) {
    const word = a[i + k]
    if (word !== 0) return (width - 1 - k) * 32 + (31 - Math.clz32(word & -word))
  }
  return width * 32
}

/**
 * The position of the highest set bit of (`b[j…]` − `a[i…]`) modulo the address space, counted from the low
 * end. Two equal addresses are the whole space apart, so the answer is then 32 × `width`.
 */
export function highestBitOfDifference(
  a: Uint32Array,
  i: number,
  b: Uint32Array,
  j: number,
  width: Width,
): number {
  let highest = -1
  let borrow = 0
  for (let k = width - 1; k >= 0; k--) {
    const difference = b[j + k] - a[i + k] - borrow
    borrow = difference < 0 ? 1 : 0
    const word = difference >>> 0
    if (word !== 0) highest = (width - 1 - k) * 32 + (31 - Math.clz32(word))
  }
  return highest < 0 ? width * 32 : highest
}

/** (`b[j…]` − `a[i…]`) modulo the address space as a floating-point number; two equal ones are all of it apart. */
export function distanceBetween(a: Uint32Array, i: number, b: Uint32Array, j: number, width: Width): number {
  let distance = 0
  let borrow = 0
  let scale = 1
  for (let k = width - 1; k >= 0; k--) {
    const difference = b[j + k] - a[i + k] - borrow
    borrow = difference < 0 ? 1 : 0
    distance += (difference >>> 0) * scale
    scale *= 2 ** 32
  }
  return distance === 0 ? scale : distance
}
