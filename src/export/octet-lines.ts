// Lines of a zone file as octets: millions of short ones, which as strings would take several times as long.
//
// They are written four octets at a time, which takes a third of the time of one at a time: of the last four some may be
// too many, and what follows is written over them.

/** Octets after which they are to be taken. */
const FULL = 256 << 10

/** Octets of the longest owner below an apex: the nibbles of an address and a wildcard. */
const MOST_OWNER = 128

/** What is written too many, at most. */
const TOO_MANY = 3

/** `0.` to `255.`, each in the four octets of a number, and how many octets it has. */
const LABELS = new Uint32Array(256)
const LABEL_LENGTHS = new Uint8Array(256)
for (let octet = 0; octet < 256; octet++) {
  const label = `${octet}.`
  LABELS[octet] = Buffer.from(label.padEnd(4)).readUInt32BE()
  LABEL_LENGTHS[octet] = label.length
}

const WILDCARD = 0x2a2e

const SPACE = 0x20
const LINE_FEED = 0x0a

/** Octets, and how four of them are read and written wherever they lie. */
class Octets {
  array: Uint8Array
  view: DataView

  constructor(length: number) {
    this.array = new Uint8Array(length)
    this.view = new DataView(this.array.buffer)
  }

  /** Makes room for so many; what is there stays. */
  reserve(length: number): void {
    if (length <= this.array.length) return
    const array = new Uint8Array(Math.max(this.array.length * 2, length))
    array.set(this.array)
    this.array = array
    this.view = new DataView(array.buffer)
  }
}

/** Lines that have not been taken yet. */
export class OctetLines {
  readonly #lines = new Octets(FULL * 2)
  #length = 0
  /** What stands after the owner, of each record of a name one after the other. */
  readonly #rests = new Octets(1024)
  /** Where each of them ends. */
  readonly #ends: number[] = []
  #records: readonly string[] = []

  get isFull(): boolean {
    return this.#length >= FULL
  }

  /** Takes all of them. */
  take(): Uint8Array {
    const taken = this.#lines.array.slice(0, this.#length)
    this.#length = 0
    return taken
  }

  /**
   * Says which records the names have that are added from now on: type and RDATA, in ASCII.
   *
   * @param records the first ones; the same array as before is known already
   * @param last one more, null for none
   */
  setRecords(records: readonly string[], last: string | null): void {
    const ends = this.#ends
    if (records !== this.#records) {
      ends.length = 0
      for (const record of records) this.#addRest(record)
      this.#records = records
    }
    ends.length = records.length
    if (last !== null) this.#addRest(last)
  }

  #addRest(record: string): void {
    const rests = this.#rests
    let length = this.#ends.at(-1) ?? 0
    rests.reserve(length + record.length + 2 + TOO_MANY)
    const { array } = rests
    array[length++] = SPACE
    for (let at = 0; at < record.length; at++) array[length++] = record.charCodeAt(at)
    array[length++] = LINE_FEED
    this.#ends.push(length)
  }

  /** Adds a line for each record of a name, in ASCII. */
  add(owner: string): void {
    this.#reserve()
    const { array } = this.#lines
    for (let at = 0; at < owner.length; at++) array[this.#length + at] = owner.charCodeAt(at)
    this.#addRests(owner.length)
  }

  /** The same for the addresses that begin with the first labels of an IPv4 one: a wildcard, unless it has all four. */
  addIpv4(address: number, labels: number): void {
    this.#reserve()
    const { view } = this.#lines
    let at = this.#length
    if (labels < 4) {
      view.setUint16(at, WILDCARD)
      at += 2
    }
    for (let shift = 32 - labels * 8; shift < 32; shift += 8) {
      const octet = (address >>> shift) & 255
      view.setUint32(at, LABELS[octet])
      at += LABEL_LENGTHS[octet]
    }
    // In place of the last dot there is the space that the rest begins with.
    this.#addRests(at - 1 - this.#length)
  }

  /** Makes room for the lines of a name. */
  #reserve(): void {
    const ends = this.#ends
    const rests = ends.at(-1) ?? 0
    this.#lines.reserve(this.#length + ends.length * MOST_OWNER + rests + MOST_OWNER + TOO_MANY)
  }

  /** Makes lines of an owner that is written at their end. */
  #addRests(ownerLength: number): void {
    const { view } = this.#lines
    const rests = this.#rests.view
    const ends = this.#ends
    const first = this.#length
    let line = first
    let from = 0
    for (let record = 0; record < ends.length; record++) {
      if (record > 0) {
        for (let at = 0; at < ownerLength; at += 4) view.setUint32(line + at, view.getUint32(first + at))
      }
      const end = ends[record]
      const rest = line + ownerLength - from
      for (let at = from; at < end; at += 4) view.setUint32(rest + at, rests.getUint32(at))
      line = rest + end
      from = end
    }
    this.#length = line
  }
}
