// Lines of a zone file as octets: millions of short ones, which as strings would take several times as long.

/** Octets after which they are to be taken. */
const FULL = 256 << 10

/** Octets of the longest owner below an apex: the nibbles of an address and a wildcard. */
const MOST_OWNER = 128

/** What each value of an octet is in digits, three places each, and how many it has. */
const DIGITS = new Uint8Array(256 * 3)
const DIGIT_COUNTS = new Uint8Array(256)
for (let octet = 0; octet < 256; octet++) {
  const digits = Buffer.from(String(octet))
  DIGITS.set(digits, octet * 3)
  DIGIT_COUNTS[octet] = digits.length
}

const DOT = 0x2e
const STAR = 0x2a

/** Lines that have not been taken yet. */
export class OctetLines {
  #octets = new Uint8Array(FULL * 2)
  #length = 0
  readonly #owner = new Uint8Array(MOST_OWNER)

  get isFull(): boolean {
    return this.#length >= FULL
  }

  /** Takes all of them. */
  take(): Uint8Array {
    const taken = this.#octets.slice(0, this.#length)
    this.#length = 0
    return taken
  }

  /** Adds a line for each rest: an owner, of ASCII, and the rest of its line with the end. */
  add(owner: string, rests: readonly Uint8Array[]): void {
    for (let at = 0; at < owner.length; at++) this.#owner[at] = owner.charCodeAt(at)
    this.#addOwned(owner.length, rests)
  }

  /** The same for the addresses that begin with the first labels of an IPv4 one: a wildcard, unless it has all four. */
  addIpv4(address: number, labels: number, rests: readonly Uint8Array[]): void {
    const owner = this.#owner
    let at = 0
    if (labels < 4) owner[at++] = STAR
    for (let label = labels - 1; label >= 0; label--) {
      if (at > 0) owner[at++] = DOT
      const octet = (address >>> (24 - label * 8)) & 255
      const count = DIGIT_COUNTS[octet]
      for (let digit = 0; digit < count; digit++) owner[at++] = DIGITS[octet * 3 + digit]
    }
    this.#addOwned(at, rests)
  }

  #addOwned(ownerLength: number, rests: readonly Uint8Array[]): void {
    const owner = this.#owner
    for (let i = 0; i < rests.length; i++) {
      const rest = rests[i]
      const { length } = rest
      if (this.#length + ownerLength + length > this.#octets.length) this.#grow(ownerLength + length)
      const octets = this.#octets
      const to = this.#length
      const behind = to + ownerLength
      for (let at = 0; at < ownerLength; at++) octets[to + at] = owner[at]
      for (let at = 0; at < length; at++) octets[behind + at] = rest[at]
      this.#length = behind + length
    }
  }

  #grow(more: number): void {
    const octets = new Uint8Array(Math.max(this.#octets.length * 2, this.#length + more))
    octets.set(this.#octets.subarray(0, this.#length))
    this.#octets = octets
  }
}
