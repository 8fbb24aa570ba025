// Records of MaxMind DB files: what is asked for is read, all else is stepped over without looking at it.
//
// A value begins with a control octet, three bits of type and five of size. A pointer leads to a value elsewhere, so
// that a file of a kilobyte can hold a record of gigabytes: lists of pointers to lists of pointers. Here a pointer is
// followed only to what is asked for, and what is read of a text, a record and a file is bounded.

/**
 * What of a value is asked for: of a map these keys, of a list its first item. Numbers, texts and truth values are
 * read in any case; maps and lists of which nothing is asked for are left out.
 */
export type Wanted = { readonly [key: string]: Wanted } | readonly [Wanted]

/** What was asked for of a map, as far as it is there. */
export type MmdbRecord = Readonly<Record<string, unknown>>

/** The most octets of a text that is asked for. */
const MAX_TEXT_OCTETS = 4096

/** The most octets of a key that is looked at. */
const MAX_KEY_OCTETS = 64

/** The most values of a record that are read or stepped over; the largest known records have some 150. */
const MAX_RECORD_VALUES = 4096

/** The same for a whole file, for each octet of it; records that share most of their values come to some two. */
const VALUES_PER_OCTET = 32

const EXTENDED = 0
const POINTER = 1
const TEXT = 2
const DOUBLE = 3
const BYTES = 4
const UINT16 = 5
const UINT32 = 6
const MAP = 7
const INT32 = 8
const UINT64 = 9
const UINT128 = 10
const LIST = 11
const BOOLEAN = 14
const FLOAT = 15
const EXTENDED_TYPES: readonly number[] = [INT32, UINT64, UINT128, LIST, BOOLEAN, FLOAT]

/** What is added to a pointer of one to four octets. */
const POINTER_OFFSETS = [0, 2048, 526336, 0] as const

/** Reads values of one file. */
export class MmdbDecoder {
  readonly #bytes: Buffer
  readonly #base: number
  /** The octet that is read next. */
  #at = 0
  /** The octets, entries or items of the value whose control octet was read last. */
  #size = 0
  /** The three bits of a pointer that are in its control octet. */
  #pointerBits = 0
  #valuesOfRecord = 0
  #valuesOfFile = 0

  /** @param base what pointers count from */
  constructor(bytes: Buffer, base: number) {
    this.#bytes = bytes
    this.#base = base
  }

  /**
   * What is wanted of the value at an offset.
   *
   * @throws {Error} that tells why it can't be read.
   */
  decode(at: number, wanted: Wanted): unknown {
    this.#at = at
    this.#valuesOfRecord = 0
    return this.#read(wanted)
  }

  /** Reads the value at hand; as deep as what is wanted, however deep the value is. */
  #read(wanted: Wanted): unknown {
    const type = this.#control()
    const size = this.#size
    switch (type) {
      case POINTER: {
        const behind = this.#follow()
        const value = this.#read(wanted)
        this.#at = behind
        return value
      }
      case MAP:
        return this.#readMap(size, wanted)
      case LIST: {
        if (!Array.isArray(wanted) || size === 0) {
          this.#skip(size)
          return undefined
        }
        const first = this.#read(wanted[0])
        this.#skip(size - 1)
        return [first]
      }
      case TEXT: {
        if (size > MAX_TEXT_OCTETS) throw new Error(`a text of more than ${MAX_TEXT_OCTETS} octets`)
        const start = this.#advance(size)
        return this.#bytes.toString('utf8', start, start + size)
      }
      case DOUBLE:
      case FLOAT:
        if (size !== (type === DOUBLE ? 8 : 4)) throw new Error(`a fraction of ${size} octets`)
        return type === DOUBLE
          ? this.#bytes.readDoubleBE(this.#advance(size))
          : this.#bytes.readFloatBE(this.#advance(size))
      case BOOLEAN:
        return size !== 0
      case BYTES:
      case UINT128:
        this.#advance(size)
        return undefined
      case INT32: {
        const number = this.#unsigned(size, 4)
        return size === 4 ? number | 0 : number
      }
      default:
        return this.#unsigned(size, type === UINT16 ? 2 : type === UINT32 ? 4 : 8)
    }
  }

  #readMap(size: number, wanted: Wanted): MmdbRecord | undefined {
    if (Array.isArray(wanted)) {
      this.#skip(size * 2)
      return undefined
    }
    const record: Record<string, unknown> = {}
    for (let entry = 0; entry < size; entry++) {
      const key = this.#key()
      if (Object.hasOwn(wanted, key)) record[key] = this.#read((wanted as Record<string, Wanted>)[key])
      else this.#skip(1)
    }
    return record
  }

  /** The key at hand; '' for one that is longer than any that is asked for. */
  #key(): string {
    let type = this.#control()
    let behind = -1
    if (type === POINTER) {
      behind = this.#follow()
      type = this.#control()
    }
    if (type !== TEXT) throw new Error('a key that is not text')
    const size = this.#size
    const start = this.#advance(size)
    if (behind >= 0) this.#at = behind
    return size > MAX_KEY_OCTETS ? '' : this.#bytes.toString('latin1', start, start + size)
  }

  /** Steps over values, and over all that is in them; no pointer is followed. */
  #skip(values: number): void {
    for (let left = values; left > 0; left--) {
      const type = this.#control()
      if (type === MAP) left += this.#size * 2
      else if (type === LIST) left += this.#size
      else if (type !== BOOLEAN) this.#advance(this.#size)
    }
  }

  /** Reads a control octet and the size after it; returns the type. */
  #control(): number {
    if (++this.#valuesOfRecord > MAX_RECORD_VALUES) {
      throw new Error(`more than ${MAX_RECORD_VALUES} values in it`)
    }
    if (++this.#valuesOfFile > this.#bytes.length * VALUES_PER_OCTET) {
      throw new Error('the records of the file hold more than it can have in it')
    }
    const octet = this.#number(1)
    let type = octet >>> 5
    if (type === POINTER) {
      this.#size = ((octet >>> 3) & 3) + 1
      this.#pointerBits = octet & 7
      return type
    }
    if (type === EXTENDED) {
      type = this.#number(1) + 7
      if (!EXTENDED_TYPES.includes(type)) throw new Error(`a value of the unknown type ${type}`)
    }
    const size = octet & 31
    if (size < 29) this.#size = size
    else if (size === 29) this.#size = 29 + this.#number(1)
    else if (size === 30) this.#size = 285 + this.#number(2)
    else this.#size = 65821 + this.#number(3)
    return type
  }

  /** Goes where the pointer at hand leads; returns the offset after the pointer. */
  #follow(): number {
    const octets = this.#size
    const low = this.#number(octets)
    const high = octets === 4 ? 0 : this.#pointerBits * 2 ** (octets * 8)
    const behind = this.#at
    this.#at = this.#base + POINTER_OFFSETS[octets - 1] + high + low
    if (this.#bytes[this.#at] >>> 5 === POINTER) throw new Error('a pointer to a pointer')
    return behind
  }

  #unsigned(size: number, max: number): number {
    if (size > max) throw new Error(`a number of ${size} octets, not ${max}`)
    return this.#number(size)
  }

  /** Reads a number of some octets; rounded above 2 ** 53. */
  #number(octets: number): number {
    const start = this.#advance(octets)
    let number = 0
    for (let at = start; at < start + octets; at++) number = number * 256 + this.#bytes[at]
    return number
  }

  /** Steps over octets; returns the offset of the first of them. */
  #advance(octets: number): number {
    const start = this.#at
    if (start + octets > this.#bytes.length) throw new Error('it reaches past the end of the file')
    this.#at = start + octets
    return start
  }
}
