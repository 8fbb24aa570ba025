// DNS messages as octets: how the tests write queries and read replies, apart from the code under test.

/** Numbers of types that the tests ask for. */
export const TYPE = { A: 1, NS: 2, SOA: 6, PTR: 12, TXT: 16, AAAA: 28, OPT: 41, DS: 43, ANY: 255 } as const

/** Numbers of classes that the tests ask for. */
export const CLASS = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const

/** RCODEs by their names; BADVERS is an extended one. */
export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
} as const

/** An OPT record to send. */
export interface EdnsOptions {
  readonly size?: number
  readonly version?: number
  /** The 16 bits behind the version; DO is 0x8000. */
  readonly flags?: number
  readonly options?: readonly number[]
}

/** What a query says besides its name. */
export interface QueryOptions {
  readonly id?: number
  /** Octets 2 and 3 of the header. */
  readonly flags?: number
  readonly type?: number
  readonly class?: number
  readonly edns?: EdnsOptions | undefined
  /** QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT, where they are not those of the message. */
  readonly counts?: readonly [number, number, number, number]
  /** Octets behind everything else. */
  readonly tail?: Uint8Array
}

/** The wire form of a name, given as text without escapes or as its labels. */
export function name(labels: string | readonly (string | Uint8Array)[]): Buffer {
  const list = typeof labels === 'string' ? labels.split('.').filter((label) => label !== '') : labels
  const octets = list.map((label) => (typeof label === 'string' ? Buffer.from(label, 'latin1') : label))
  return Buffer.concat([...octets.flatMap((label) => [Uint8Array.of(label.length), label]), Uint8Array.of(0)])
}

/** A question: the wire form of a name, the type and the class. */
export function question(wireName: Uint8Array, type: number, questionClass: number): Buffer {
  return Buffer.concat([wireName, word(type), word(questionClass)])
}

/** An OPT record with a root owner (RFC 6891 6.1.2). */
export function opt(edns: EdnsOptions = {}): Buffer {
  const { size = 1232, version = 0, flags = 0, options = [] } = edns
  return Buffer.concat([
    Uint8Array.of(0, 0, TYPE.OPT),
    word(size),
    Uint8Array.of(0, version),
    word(flags),
    word(options.length),
    Uint8Array.from(options),
  ])
}

/** A header of 12 octets. */
export function header(
  id: number,
  flags: number,
  counts: readonly [number, number, number, number] = [0, 0, 0, 0],
): Buffer {
  return Buffer.concat([word(id), word(flags), ...counts.map(word)])
}

/** A query for a name, TXT and IN when not told otherwise. */
export function query(labels: string | readonly (string | Uint8Array)[], options: QueryOptions = {}): Buffer {
  const { id = 0x1234, flags = 0, type = TYPE.TXT, edns, tail = Buffer.alloc(0) } = options
  const counts = options.counts ?? [1, 0, 0, edns === undefined ? 0 : 1]
  return Buffer.concat([
    header(id, flags, counts),
    question(name(labels), type, options.class ?? CLASS.IN),
    edns === undefined ? Buffer.alloc(0) : opt(edns),
    tail,
  ])
}

/** The question of a message with a whole one, octet for octet. */
export function questionOf(message: Uint8Array): Buffer {
  const end = skipName(message, 12) + 4
  return Buffer.from(message.subarray(12, end))
}

/** One record. */
export interface ResourceRecord {
  /** Lower case, latin1, without a final dot. */
  readonly owner: string
  readonly type: number
  readonly class: number
  readonly ttl: number
  readonly rdata: Buffer
}

/** A message that was read whole. */
export interface Message {
  readonly octets: Buffer
  readonly id: number
  readonly qr: boolean
  readonly opcode: number
  readonly aa: boolean
  readonly tc: boolean
  readonly rd: boolean
  readonly ra: boolean
  /** Z, AD and CD. */
  readonly z: number
  /** With the upper eight bits of OPT. */
  readonly rcode: number
  /** The questions octet for octet. */
  readonly questions: Buffer
  readonly answers: readonly ResourceRecord[]
  readonly authorities: readonly ResourceRecord[]
  /** Without OPT. */
  readonly additionals: readonly ResourceRecord[]
  /** What OPT says; null where there is none. */
  readonly opt: { readonly size: number; readonly version: number; readonly flags: number } | null
}

/**
 * Reads a message.
 *
 * @throws {Error} when the counts of the header are not what stands behind it, to the octet.
 */
export function readMessage(octets: Buffer): Message {
  if (octets.length < 12) throw new Error(`${octets.length} octets are not a header`)
  let at = 12
  for (let n = 0; n < octets.readUInt16BE(4); n++) at = skipName(octets, at) + 4
  const questions = octets.subarray(12, at)
  const section = (count: number): ResourceRecord[] =>
    Array.from({ length: count }, () => {
      const fixed = skipName(octets, at)
      const rdata = fixed + 10
      const end = rdata + octets.readUInt16BE(fixed + 8)
      if (end > octets.length) throw new Error('a record ends behind the message')
      const record = {
        owner: nameText(octets, at),
        type: octets.readUInt16BE(fixed),
        class: octets.readUInt16BE(fixed + 2),
        ttl: octets.readUInt32BE(fixed + 4),
        rdata: octets.subarray(rdata, end),
      }
      at = end
      return record
    })
  const answers = section(octets.readUInt16BE(6))
  const authorities = section(octets.readUInt16BE(8))
  const additionals = section(octets.readUInt16BE(10))
  if (at !== octets.length) throw new Error(`the message ends at ${at}, its octets at ${octets.length}`)
  const options = additionals.filter(({ type }) => type === TYPE.OPT)
  if (options.length > 1) throw new Error('more than one OPT')
  const [edns] = options
  const [high, low] = [octets[2], octets[3]]
  return {
    octets,
    id: octets.readUInt16BE(0),
    qr: (high & 0x80) !== 0,
    opcode: (high >> 3) & 15,
    aa: (high & 4) !== 0,
    tc: (high & 2) !== 0,
    rd: (high & 1) !== 0,
    ra: (low & 0x80) !== 0,
    z: (low >> 4) & 7,
    rcode: (edns === undefined ? 0 : (edns.ttl >>> 24) << 4) | (low & 15),
    questions,
    answers,
    authorities,
    additionals: additionals.filter(({ type }) => type !== TYPE.OPT),
    opt:
      edns === undefined
        ? null
        : { size: edns.class, version: (edns.ttl >>> 16) & 255, flags: edns.ttl & 0xffff },
  }
}

/** The RDATA of a record as dig +short prints it. */
export function rdataText({ octets }: Message, { type, rdata }: ResourceRecord): string {
  const at = rdata.byteOffset - octets.byteOffset
  switch (type) {
    case TYPE.A:
      return rdata.join('.')
    case TYPE.AAAA: {
      const isMapped = rdata.subarray(0, 12).equals(Buffer.from('00000000000000000000ffff', 'hex'))
      return isMapped
        ? `::ffff:${rdata.subarray(12).join('.')}`
        : (rdata.toString('hex').match(/.{4}/g) ?? []).join(':')
    }
    case TYPE.NS:
      return `${nameText(octets, at)}.`
    case TYPE.SOA: {
      const contact = skipName(octets, at)
      const numbers = skipName(octets, contact)
      const five = [0, 4, 8, 12, 16].map((offset) => octets.readUInt32BE(numbers + offset))
      return [`${nameText(octets, at)}.`, `${nameText(octets, contact)}.`, ...five].join(' ')
    }
    default:
      return textStrings(rdata)
        .map((string) => `"${string.replace(/["\\]/g, '\\$&')}"`)
        .join(' ')
  }
}

/** The character-strings of a TXT record. */
export function textStrings(rdata: Buffer): string[] {
  const strings: string[] = []
  for (let at = 0; at < rdata.length; at += rdata[at] + 1) {
    if (at + 1 + rdata[at] > rdata.length) throw new Error('a character-string ends behind its record')
    strings.push(rdata.toString('utf8', at + 1, at + 1 + rdata[at]))
  }
  return strings
}

/** The position behind a name. */
function skipName(octets: Uint8Array, start: number): number {
  let at = start
  while (at < octets.length) {
    const length = octets[at]
    if (length === 0) return at + 1
    if (length >= 0xc0) return at + 2
    if (length > 63) throw new Error(`a label of the type ${length >> 6}`)
    at += length + 1
  }
  throw new Error('a name ends behind the message')
}

/** The name at a position, pointers followed; they may only point backwards. */
function nameText(octets: Buffer, start: number): string {
  const labels: string[] = []
  let at = start
  let before = start
  while (octets[at] !== 0) {
    if (octets[at] >= 0xc0) {
      at = octets.readUInt16BE(at) & 0x3fff
      if (at >= before) throw new Error('a pointer does not point backwards')
      before = at
    } else {
      labels.push(octets.toString('latin1', at + 1, at + 1 + octets[at]))
      at += octets[at] + 1
    }
  }
  return labels.join('.').toLowerCase()
}

function word(value: number): Buffer {
  return Buffer.from([(value >>> 8) & 255, value & 255])
}
