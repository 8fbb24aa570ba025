// Collects the byte strings of a table: a length octet and the octets of each, one after the other.

const encoder = new TextEncoder()

/** The strings section while it grows. Offset 0 is the empty string. */
export class StringsBuilder {
  #bytes = new Uint8Array(1 << 16)
  #length = 1

  /**
   * Adds a string and returns its offset: 0 for the empty one. The next string that is added follows at once.
   *
   * @throws {RangeError} when the text is longer than 255 octets in UTF-8.
   */
  add(text: string): number {
    if (text === '') return 0
    this.#reserve()
    const offset = this.#length
    const { read, written } = encoder.encodeInto(text, this.#bytes.subarray(offset + 1, offset + 256))
    if (read < text.length) throw new RangeError(`'${text}' is longer than the 255 octets of a string`)
    this.#bytes[offset] = written
    this.#length = offset + 1 + written
    return offset
  }

  /**
   * Adds an AS number's string, with the others that announce the prefix after it; see COLUMN.
   *
   * @param origins the number, alone or followed by a blank and the others
   */
  addOrigins(asn: string, origins: string): number {
    const offset = this.add(origins) + 1
    this.#reserve()
    this.#bytes.copyWithin(offset + 1, offset, offset + origins.length)
    this.#bytes[offset] = asn.length
    this.#length++
    return offset
  }

  /**
   * Adds a block: strings one after the other, empty ones too. Returns the offset of the first.
   *
   * @param strings a text, or a number below 65536 as its two octets
   * @throws {RangeError} when a text is longer than 255 octets in UTF-8.
   */
  addBlock(strings: readonly (string | number)[]): number {
    const offset = this.#length
    for (const string of strings) {
      if (typeof string === 'number') {
        this.#reserve()
        this.#bytes.set([2, string >>> 8, string & 0xff], this.#length)
        this.#length += 3
      } else if (string === '') {
        this.#reserve()
        this.#bytes[this.#length++] = 0
      } else this.add(string)
    }
    return offset
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Makes room for one more string. */
  #reserve(): void {
    if (this.#length + 256 <= this.#bytes.length) return
    const larger = new Uint8Array(this.#bytes.length * 2)
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}
