// Queries on their way to the query log: one ring of fixed entries in shared memory for each thread that answers.
//
//     ring    head       64 octets   word 0: entries that were put in; word 1: entries that found no room
//             tail       64 octets   word 0: entries that were taken out
//             ENTRIES × entry
//
//     entry   0 time, 64-bit float   8 address, 4 words   24 type   26 class   28 RCODE   30 octets of the reply
//             32 family   33 transport   34 outcome   35 whether there is a question   36 name, 255 octets
//
// The thread that answers only ever writes the head, the writer only the tail, so that neither waits for the other.
// When a ring is full, queries aren't logged; they are counted. Nothing is allocated for a query.

import type { AnsweredQuery, QueryNoter } from '../../dns/observers.ts'

/** Entries of a ring: what a thread answers within some 40 ms at 100,000 queries per second. */
export const ENTRIES = 4096

const HEAD_OCTETS = 64
const HEADER_OCTETS = 2 * HEAD_OCTETS
const ENTRY_OCTETS = 296
const RING_OCTETS = HEADER_OCTETS + ENTRIES * ENTRY_OCTETS

const HEAD = 0
const DROPPED = 1
const TAIL = HEAD_OCTETS / 4

const ADDRESS = 8
const NUMBERS = 24
const FAMILY = 32
const TRANSPORT = 33
const OUTCOME = 34
const HAS_QUESTION = 35
const NAME = 36

/** Octets of a question's type and class. */
const TYPE_AND_CLASS = 4

/** A ring as plain data, for the thread that fills it. */
export interface RingHandle {
  readonly buffer: SharedArrayBuffer
  readonly ring: number
  /** Every how many queries one is logged. */
  readonly every: number
}

/** The memory of rings for so many threads. */
export const ringMemory = (threads: number): SharedArrayBuffer => new SharedArrayBuffer(threads * RING_OCTETS)

/** Whatever both ends of a ring see of it. */
class Ring {
  protected readonly octets: Uint8Array
  protected readonly shorts: Uint16Array
  protected readonly words: Uint32Array
  protected readonly floats: Float64Array

  constructor(buffer: SharedArrayBuffer, ring: number) {
    const start = ring * RING_OCTETS
    this.octets = new Uint8Array(buffer, start, RING_OCTETS)
    this.shorts = new Uint16Array(buffer, start, RING_OCTETS / 2)
    this.words = new Uint32Array(buffer, start, RING_OCTETS / 4)
    this.floats = new Float64Array(buffer, start, RING_OCTETS / 8)
  }

  /** Entries that found no room. */
  get dropped(): number {
    return Atomics.load(this.words, DROPPED)
  }

  protected entry(number: number): number {
    return HEADER_OCTETS + (number % ENTRIES) * ENTRY_OCTETS
  }
}

/** The end of a ring that a thread which answers has. */
export class RingInput extends Ring implements QueryNoter {
  readonly #every: number
  #skipped = 0

  constructor({ buffer, ring, every }: RingHandle) {
    super(buffer, ring)
    this.#every = every
  }

  /**
   * Takes note of a query that was answered, or of every how-many-eth.
   *
   * @param questionEnd the position after the question, 0 when it could not be read
   * @param length octets of the reply, 0 for silence
   * @param transport one of TRANSPORT
   */
  note(
    { client, now, outcome, rcode }: AnsweredQuery,
    packet: Uint8Array,
    question: number,
    questionEnd: number,
    length: number,
    transport: number,
  ): void {
    if (++this.#skipped < this.#every) return
    this.#skipped = 0
    const { octets, shorts, words } = this
    const head = words[HEAD]
    if ((head - Atomics.load(words, TAIL)) >>> 0 >= ENTRIES) {
      words[DROPPED]++
      return
    }
    const entry = this.entry(head)
    this.floats[entry / 8] = now.milliseconds
    const address = (entry + ADDRESS) / 4
    words[address] = client.word0
    words[address + 1] = client.word1
    words[address + 2] = client.word2
    words[address + 3] = client.word3
    const numbers = (entry + NUMBERS) / 2
    shorts[numbers + 2] = rcode
    shorts[numbers + 3] = length
    octets[entry + FAMILY] = client.family
    octets[entry + TRANSPORT] = transport
    octets[entry + OUTCOME] = outcome
    octets[entry + HAS_QUESTION] = questionEnd === 0 ? 0 : 1
    if (questionEnd !== 0) {
      const end = questionEnd - TYPE_AND_CLASS
      const name = entry + NAME - question
      for (let at = question; at < end; at++) octets[name + at] = packet[at]
      shorts[numbers] = (packet[end] << 8) | packet[end + 1]
      shorts[numbers + 1] = (packet[end + 2] << 8) | packet[end + 3]
    }
    Atomics.store(words, HEAD, (head + 1) >>> 0)
  }
}

/** What was noted of a query. */
export interface NotedQuery {
  /** Milliseconds since 1970. */
  readonly time: number
  readonly family: number
  readonly address: readonly [number, number, number, number]
  /** One of TRANSPORT. */
  readonly transport: number
  /** One of OUTCOME. */
  readonly outcome: number
  readonly rcode: number
  /** Octets of the reply, 0 for silence. */
  readonly length: number
  /** The question, null when it could not be read; its name lies in `octets` from `name` on. */
  readonly question: {
    readonly octets: Uint8Array
    readonly name: number
    readonly type: number
    readonly class: number
  } | null
}

/** The end of a ring that the writer has. */
export class RingOutput extends Ring {
  /** Takes out what is there, the oldest first, at most a ring full. What a query holds is gone after `take`. */
  drain(take: (query: NotedQuery) => void): void {
    const { words } = this
    const head = Atomics.load(words, HEAD)
    for (let tail = words[TAIL]; tail !== head; tail = (tail + 1) >>> 0) {
      take(this.#read(this.entry(tail)))
      Atomics.store(words, TAIL, (tail + 1) >>> 0)
    }
  }

  #read(entry: number): NotedQuery {
    const { octets, shorts, words } = this
    const address = (entry + ADDRESS) / 4
    const numbers = (entry + NUMBERS) / 2
    const [type, questionClass, rcode, length] = shorts.subarray(numbers, numbers + 4)
    return {
      time: this.floats[entry / 8],
      family: octets[entry + FAMILY],
      address: [words[address], words[address + 1], words[address + 2], words[address + 3]],
      transport: octets[entry + TRANSPORT],
      outcome: octets[entry + OUTCOME],
      rcode,
      length,
      question:
        octets[entry + HAS_QUESTION] === 0
          ? null
          : { octets, name: entry + NAME, type, class: questionClass },
    }
  }
}
