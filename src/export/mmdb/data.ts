// The data section of a MaxMind DB file: each map once, and each string once, with pointers to it where that is shorter.

/** A number with a fraction: eight octets. */
export class Double {
  readonly number: number

  constructor(number: number) {
    this.number = number
  }
}

/** A whole number of 64 bits: eight octets at most. */
export class Uint64 {
  readonly number: bigint

  constructor(number: bigint) {
    this.number = number
  }
}

/** A whole number of 16 bits. */
export class Uint16 {
  readonly number: number

  constructor(number: number) {
    this.number = number
  }
}

/** What a field may be; a bare number is one of 32 bits without a sign. */
export type MmdbValue = string | number | Double | Uint16 | Uint64 | readonly MmdbValue[] | MmdbMap

/** Fields by name, in the order in which they are written. */
export interface MmdbMap {
  readonly [field: string]: MmdbValue
}

/** The numbers of the types in the file. */
const TYPE = { pointer: 1, string: 2, double: 3, uint16: 5, uint32: 6, map: 7, uint64: 9, array: 11 } as const

/** Where pointers of so many octets after the first begin to count. */
const POINTER_STARTS = [0, 2048, 526_336] as const

const POINTER_ENDS = [2048, 526_336, 134_744_064] as const

/** Gathers values. */
export class DataSection {
  #octets = Buffer.alloc(1 << 16)
  #length = 0
  readonly #strings = new Map<string, number>()

  /** Octets so far. */
  get length(): number {
    return this.#length
  }

  /** All of it. */
  get octets(): Uint8Array {
    return this.#octets.subarray(0, this.#length)
  }

  /** Adds a value, and returns where it begins. */
  add(value: MmdbValue): number {
    const at = this.#length
    this.#write(value)
    return at
  }

  #write(value: MmdbValue): void {
    if (typeof value === 'string') this.#writeString(value)
    else if (typeof value === 'number') this.#writeUnsigned(TYPE.uint32, BigInt(value))
    else if (value instanceof Uint16) this.#writeUnsigned(TYPE.uint16, BigInt(value.number))
    else if (value instanceof Uint64) this.#writeUnsigned(TYPE.uint64, value.number)
    else if (value instanceof Double) {
      this.#control(TYPE.double, 8)
      this.#room(8)
      this.#length = this.#octets.writeDoubleBE(value.number, this.#length)
    } else if (isList(value)) {
      this.#control(TYPE.array, value.length)
      for (const item of value) this.#write(item)
    } else {
      const fields = Object.entries(value)
      this.#control(TYPE.map, fields.length)
      for (const [name, field] of fields) {
        this.#writeString(name)
        this.#write(field)
      }
    }
  }

  #writeString(text: string): void {
    const octets = Buffer.byteLength(text)
    const at = this.#strings.get(text)
    if (at !== undefined && pointerOctets(at) < octets + controlOctets(octets)) {
      this.#writePointer(at)
      return
    }
    if (at === undefined) this.#strings.set(text, this.#length)
    this.#control(TYPE.string, octets)
    this.#room(octets)
    this.#length += this.#octets.write(text, this.#length)
  }

  #writePointer(to: number): void {
    const size = pointerOctets(to) - 2
    this.#room(5)
    if (size === 3) {
      this.#octets[this.#length] = (TYPE.pointer << 5) | (3 << 3)
      this.#length = this.#octets.writeUInt32BE(to, this.#length + 1)
      return
    }
    const value = to - POINTER_STARTS[size]
    const low = (size + 1) * 8
    this.#octets[this.#length] = (TYPE.pointer << 5) | (size << 3) | Math.floor(value / 2 ** low)
    this.#length = this.#octets.writeUIntBE(value % 2 ** low, this.#length + 1, size + 1)
  }

  /** Big-endian without leading zeros; 0 has no octet. */
  #writeUnsigned(type: number, value: bigint): void {
    const digits = value === 0n ? '' : value.toString(16)
    const octets = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
    this.#control(type, octets.length)
    this.#room(octets.length)
    this.#octets.set(octets, this.#length)
    this.#length += octets.length
  }

  #control(type: number, size: number): void {
    this.#room(5)
    const octets = this.#octets
    const isExtended = type > 7
    const [small, rest, more] =
      size < 29
        ? [size, 0, 0]
        : size < 285
          ? [29, size - 29, 1]
          : size < 65_821
            ? [30, size - 285, 2]
            : [31, size - 65_821, 3]
    octets[this.#length++] = ((isExtended ? 0 : type) << 5) | small
    if (isExtended) octets[this.#length++] = type - 7
    if (more > 0) this.#length = octets.writeUIntBE(rest, this.#length, more)
  }

  #room(octets: number): void {
    if (this.#length + octets <= this.#octets.length) return
    const larger = Buffer.alloc((this.#length + octets) * 2)
    larger.set(this.#octets.subarray(0, this.#length))
    this.#octets = larger
  }
}

function isList(value: MmdbMap | readonly MmdbValue[]): value is readonly MmdbValue[] {
  return Array.isArray(value)
}

/** Octets of a pointer with its control octet. */
function pointerOctets(to: number): number {
  const size = POINTER_ENDS.findIndex((end) => to < end)
  return size < 0 ? 5 : size + 2
}

/** Octets in front of a string. */
function controlOctets(size: number): number {
  return size < 29 ? 1 : size < 285 ? 2 : size < 65_821 ? 3 : 4
}
