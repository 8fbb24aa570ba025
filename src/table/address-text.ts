// Writes numbers and addresses as text into a packet, without making strings.
//
// Each `write…` writes at `out[at…]` and returns the position after what it wrote.

const ZERO = 0x30
const COLON = 0x3a

/** A number from 0 to 255 in decimal. */
export function writeOctet(out: Uint8Array, at: number, octet: number): number {
  let to = at
  if (octet >= 100) {
    const hundreds = octet >= 200 ? 2 : 1
    out[to++] = ZERO + hundreds
    const rest = octet - hundreds * 100
    const tens = (rest / 10) | 0
    out[to++] = ZERO + tens
    out[to++] = ZERO + rest - tens * 10
    return to
  }
  if (octet >= 10) {
    const tens = (octet / 10) | 0
    out[to++] = ZERO + tens
    out[to++] = ZERO + octet - tens * 10
    return to
  }
  out[to++] = ZERO + octet
  return to
}

/** Each octet in decimal with a dot after it, as a word whose first character is lowest. */
const DOTTED = Uint32Array.from({ length: 256 }, (_, octet) =>
  [...`${octet}.`].reduce((word, character, i) => word | (character.charCodeAt(0) << (i * 8)), 0),
)

/** How many digits each octet has. */
const DIGITS = Uint8Array.from({ length: 256 }, (_, octet) => String(octet).length)

/**
 * The network of an IPv4 address (unsigned) for a prefix length of 0–32, dotted. Up to three octets after it are
 * written over.
 */
export function writeIpv4Network(out: DataView, at: number, address: number, length: number): number {
  const network = length === 0 ? 0 : address & (-1 << (32 - length))
  let to = at
  for (let shift = 24; shift >= 0; shift -= 8) {
    const octet = (network >>> shift) & 255
    out.setUint32(to, DOTTED[octet], true)
    to += DIGITS[octet] + 1
  }
  return to - 1
}

const scratch = new Uint8Array(64)
const scratchView = new DataView(scratch.buffer)

/** Each octet in decimal. */
const OCTETS = Array.from({ length: 256 }, (_, octet) => String(octet))

/** An address of one word (IPv4) or four (IPv6), or its network for a prefix length, as text. Allocates. */
export function networkText(words: ArrayLike<number>, length = words.length * 32): string {
  if (words.length === 1) {
    const network = length === 0 ? 0 : words[0] & (-1 << (32 - length))
    const high = `${OCTETS[network >>> 24]}.${OCTETS[(network >>> 16) & 255]}`
    return `${high}.${OCTETS[(network >>> 8) & 255]}.${OCTETS[network & 255]}`
  }
  const end = writeIpv6Network(scratchView, 0, words[0], words[1], words[2], words[3], length)
  return String.fromCharCode(...scratch.subarray(0, end))
}

const groups = new Uint16Array(8)

/** Where no group of an address is left out. */
const NO_GAP = 8

/** By which groups are zero, a bit for each, the first one lowest: the first and the last group that `::` stands for. */
const GAPS = Array.from({ length: 256 }, (_, zeros) => gapOf(zeros))
const FIRST_LEFT_OUT = Uint8Array.from(GAPS, ([first]) => first)
const LAST_LEFT_OUT = Uint8Array.from(GAPS, ([, last]) => last)

/** The first of the longest runs of two or more bits that are set. */
function gapOf(zeros: number): readonly [first: number, last: number] {
  let gap: readonly [number, number] = [NO_GAP, NO_GAP]
  let longest = 1
  for (let first = 0; first < 8; first++) {
    let run = 0
    while ((zeros >>> (first + run)) & 1) run++
    if (run > longest) {
      gap = [first, first + run - 1]
      longest = run
    }
  }
  return gap
}

/**
 * The network of an IPv6 address (four unsigned words) for a prefix length of 0–128, in the canonical form of
 * RFC 5952: lower case, no leading zeros, `::` for the first of the longest runs of two or more zero groups. Up to three
 * octets after it are written over.
 */
export function writeIpv6Network(
  out: DataView,
  at: number,
  word0: number,
  word1: number,
  word2: number,
  word3: number,
  length: number,
): number {
  splitWord(0, maskWord(word0, length))
  splitWord(2, maskWord(word1, length - 32))
  splitWord(4, maskWord(word2, length - 64))
  splitWord(6, maskWord(word3, length - 96))
  let zeros = 0
  for (let i = 0; i < 8; i++) zeros |= Number(groups[i] === 0) << i
  const gap = FIRST_LEFT_OUT[zeros]
  let to = at
  for (let i = 0; i < 8; i++) {
    if (i === gap) {
      if (i === 0) out.setUint8(to++, COLON)
      i = LAST_LEFT_OUT[zeros]
    } else to = writeGroup(out, to, groups[i])
    out.setUint8(to++, COLON)
  }
  return gap !== NO_GAP && LAST_LEFT_OUT[zeros] === 7 ? to : to - 1
}

function maskWord(word: number, length: number): number {
  if (length >= 32) return word
  return length <= 0 ? 0 : word & (-1 << (32 - length))
}

function splitWord(group: number, word: number): void {
  groups[group] = word >>> 16
  groups[group + 1] = word & 0xffff
}

/** Writes four digits at once, and over the zeros that lead: half of all branches on digits would be guessed wrong. */
function writeGroup(out: DataView, at: number, group: number): number {
  // A nibble in each octet, the first digit lowest.
  const nibbles = (group >>> 12) | (group & 0xf00) | ((group & 0xf0) << 12) | ((group & 0xf) << 24)
  const letters = ((nibbles + 0x06060606) >>> 4) & 0x01010101
  const digits = nibbles + 0x30303030 + letters * 39
  const zeros = (Math.clz32(group | 1) - 16) >> 2
  out.setUint32(at, digits >>> (zeros * 8), true)
  return at + 4 - zeros
}

/**
 * An address of 4 or 16 octets as text, as inet_ntop writes it: what stands for an IPv4 address is written as one
 * (RFC 5952 5). Allocates.
 */
export function textOfAddress(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.')
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
  const words = [0, 4, 8, 12].map((at) => view.getUint32(at))
  const isMapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff
  return isMapped ? `::ffff:${octets.subarray(12).join('.')}` : networkText(words)
}
