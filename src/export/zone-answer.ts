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
  /** The other records, such as `A 127.0.0.2`; where two answers have the same ones, mostly one array. */
  readonly records: readonly string[]
}

/** Octets of the RDATA of an address. */
const MOST_OCTETS = 16

/** Types whose records a zone file has as dig prints them, that of addresses first. */
const OTHER_TYPES: readonly AnswerType[] = [
  'A',
  ...ANSWER_TYPES.filter((name) => name !== 'TXT' && name !== 'A'),
]

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
    records: OTHER_TYPES.flatMap((type) => {
      const record = textOf(type)
      return record === null ? [] : [`${type} ${record}`]
    }),
  }
}

/** Whether the answers of one record may differ: its addresses have prefixes, and ranges, of their own. */
export const tellsPrefix = (zone: Zone): boolean =>
  textsOf(zone).some((text) => /\{(prefix|network|length|range|roas)\}/.test(text))

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
  /** The records other than TXT of the answer before. */
  #records: readonly string[] = []
  readonly #known = new Map<number, ZoneAnswer | null>()

  constructor(table: Table, zone: Zone) {
    this.#table = table
    this.#zone = zone
    this.#tellPrefix = tellsPrefix(zone)
    this.#text = zone.body.answers.find(({ name }) => name === 'TXT')?.template ?? null
    for (const type of OTHER_TYPES) {
      const template = zone.body.answers.find(({ name }) => name === type)?.template
      if (template === undefined) continue
      const octets = new Uint8Array(MOST_OCTETS)
      this.#others.push({ name: type, template, octets, length: 0, text: '', record: '' })
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
    const records: string[] = []
    for (const other of this.#others) {
      if (!this.#say(other)) continue
      if (other.name === 'A') address = other.text
      records.push(other.record)
    }
    if (!sameRecords(records, this.#records)) this.#records = records
    return text === null && records.length === 0 ? null : { text, address, records: this.#records }
  }

  /** Whether there is a record of a type, which then says what it is. */
  #say(last: LastSaid): boolean {
    const { packet } = this.#reply
    const end = last.template.write(this.#reply, 0, this.#table, this.#queried)
    if (end < 0) return false
    const { octets } = last
    let same = end === last.length
    for (let at = 0; same && at < end; at++) same = octets[at] === packet[at]
    if (same) return true
    for (let at = 0; at < end; at++) octets[at] = packet[at]
    last.length = end
    last.text = rdataText(last.name, octets.slice(0, end))
    last.record = `${last.name} ${last.text}`
    return true
  }
}

/** What a type said last: neighbours mostly say the same. */
interface LastSaid {
  readonly name: AnswerType
  readonly template: Template
  readonly octets: Uint8Array
  length: number
  /** As dig prints it. */
  text: string
  /** The same with its type. */
  record: string
}

/** Whether two answers have the same records besides TXT. */
export const sameRecords = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length === b.length && a.every((record, i) => record === b[i]))

/** The first octets of an array, one a character. */
function latin1(octets: Uint8Array, length: number): string {
  return Buffer.from(octets.buffer, octets.byteOffset, length).toString('latin1')
}
