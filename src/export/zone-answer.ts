// What a zone answers of an address or an AS, as its own templates write it.

import type { Table } from '../table/table.ts'
import { MAX_ANSWER_OCTETS } from '../zones/limits.ts'
import { packetOver } from '../zones/packet.ts'
import { QueriedName } from '../zones/queried-name.ts'
import { rdataText } from '../zones/rdata-text.ts'
import { ANSWER_TYPES, type AnswerType } from '../zones/record-type.ts'
import type { Template } from '../zones/template.ts'
import type { Zone } from '../zones/zone.ts'

/** The records of an address or an AS. */
export interface ZoneAnswer {
  /** RDATA of the TXT record, one octet a character of this string; null when there is none. */
  readonly text: string | null
  /** Dotted, the A record; null when there is none. */
  readonly address: string | null
  /** Records of other types, such as `AAAA ::ffff:127.0.0.2`. */
  readonly others: readonly string[]
}

/** Octets of the RDATA of an address. */
const MOST_OCTETS = 16

/** Types whose records a zone file has as dig prints them. */
const OTHER_TYPES = ANSWER_TYPES.filter((name) => name !== 'TXT' && name !== 'A')

/** What a list says of its test entry. */
export const testAnswerOf = (zone: Zone): ZoneAnswer => {
  const rdataOf = (type: AnswerType) => zone.body.answers.find(({ name }) => name === type)?.testEntry
  const textOf = (type: AnswerType): string | null => {
    const rdata = rdataOf(type)
    return rdata === undefined ? null : rdataText(type, rdata)
  }
  const text = rdataOf('TXT')
  return {
    text: text === undefined ? null : latin1(text, text.length),
    address: textOf('A'),
    others: OTHER_TYPES.flatMap((type) => {
      const record = textOf(type)
      return record === null ? [] : [`${type} ${record}`]
    }),
  }
}

/** Whether the answers of one record may differ: its addresses have prefixes, and ranges, of their own. */
export const tellsPrefix = (zone: Zone): boolean =>
  textsOf(zone).some((text) => /\{(prefix|network|length|range)\}/.test(text))

/** Whether each address has an answer of its own. */
export const tellsAddress = (zone: Zone): boolean => textsOf(zone).some((text) => text.includes('{ip}'))

/** The templates of the TXT record. */
function textsOf({ body }: Zone): string[] {
  const { txt = [], json = {} } = body.definition
  return [...txt, ...Object.values(json).map(String)]
}

/** Asks a zone's templates; what tells no prefix is asked once a record. */
export class Answers {
  readonly #tellPrefix: boolean
  readonly #table: Table
  readonly #zone: Zone
  readonly #queried = new QueriedName()
  readonly #reply = packetOver(new Uint8Array(MAX_ANSWER_OCTETS + 64))
  #text: Template | null = null
  readonly #others: LastSaid[] = []
  readonly #known = new Map<number, ZoneAnswer | null>()

  constructor(table: Table, zone: Zone) {
    this.#table = table
    this.#zone = zone
    this.#tellPrefix = tellsPrefix(zone)
    for (const { name, template } of zone.body.answers) {
      if (name === 'TXT') this.#text = template
      else this.#others.push({ name, template, octets: new Uint8Array(MOST_OCTETS), length: 0, text: '' })
    }
  }

  of(
    family: 0 | 4 | 6,
    word0: number,
    word1: number,
    word2: number,
    word3: number,
    record: number,
    prefixLength: number,
  ): ZoneAnswer | null {
    if (!this.#tellPrefix) {
      const known = this.#known.get(record)
      if (known !== undefined) return known
    }
    const queried = this.#queried
    queried.family = family
    queried.word0 = word0
    queried.word1 = word1
    queried.word2 = word2
    queried.word3 = word3
    queried.record = record
    queried.prefixLength = prefixLength
    const answer = this.#ask()
    if (!this.#tellPrefix) this.#known.set(record, answer)
    return answer
  }

  #ask(): ZoneAnswer | null {
    if (!this.#zone.lists(this.#table, this.#queried)) return null
    const end = this.#text?.write(this.#reply, 0, this.#table, this.#queried) ?? -1
    const text = end < 0 ? null : latin1(this.#reply.packet, end)
    let address: string | null = null
    const others: string[] = []
    for (const other of this.#others) {
      const said = this.#say(other)
      if (said === null) continue
      if (other.name === 'A') address = said
      else others.push(`${other.name} ${said}`)
    }
    return text === null && address === null && others.length === 0 ? null : { text, address, others }
  }

  /** What a type's record says, as dig prints it; null where there is none. */
  #say(last: LastSaid): string | null {
    const { packet } = this.#reply
    const end = last.template.write(this.#reply, 0, this.#table, this.#queried)
    if (end < 0) return null
    const { octets } = last
    let same = end === last.length
    for (let at = 0; same && at < end; at++) same = octets[at] === packet[at]
    if (same) return last.text
    for (let at = 0; at < end; at++) octets[at] = packet[at]
    last.length = end
    last.text = rdataText(last.name, octets.slice(0, end))
    return last.text
  }
}

/** What a type said last: neighbours mostly say the same. */
interface LastSaid {
  readonly name: AnswerType
  readonly template: Template
  readonly octets: Uint8Array
  length: number
  text: string
}

/** The first octets of an array, one a character. */
function latin1(octets: Uint8Array, length: number): string {
  return Buffer.from(octets.buffer, octets.byteOffset, length).toString('latin1')
}
