// A zone that is served: one apex, with every record that never changes as prepared octets.

import { COLUMN, OCTETS_BEFORE, RECORD_SHIFT, REPUTATION_BEFORE } from '../table/layout.ts'
import type { Table } from '../table/table.ts'
import { type Answer, compileAnswers } from './answers.ts'
import { Condition } from './condition.ts'
import type { ZoneDefinition } from './definition.ts'
import { MAX_ANSWER_OCTETS, MAX_STRING } from './limits.ts'
import { TOO_FAR_UNLESS_SET } from './lists.ts'
import type { OwnerKind } from './owner.ts'
import type { QueriedName } from './queried-name.ts'
import { TYPE } from './record-type.ts'

/** What the zone's records name besides the data; equal for all zones. */
export interface Authority {
  /** Wire form of the first name server, the MNAME of the SOA. */
  readonly nameservers: readonly Uint8Array[]
  /** Wire form of the contact's mailbox, the RNAME of the SOA. */
  readonly contact: Uint8Array
  /** The SOA serial: it rises with every change, see `nextSerial`. */
  readonly serial: number
  /** The TXT record of every apex: one element a character-string of at most MAX_STRING octets. */
  readonly about: readonly string[]
}

/** What a definition takes from the settings and the data. */
export interface ZoneValues {
  readonly authority: Authority
  /** What `{too-far}` stands for, in kilometres; TOO_FAR_UNLESS_SET when not given. */
  readonly tooFar?: number
}

const REFRESH = 86400
const RETRY = 7200
const EXPIRE = 604800

/** The column that must be known, −1 for any, and which octet in front of it must not be zero. */
const NEEDS: Readonly<Record<ZoneDefinition['needs'], { readonly column: number; readonly octet?: number }>> =
  {
    anything: { column: -1 },
    asn: { column: COLUMN.asn },
    country: { column: COLUMN.country },
    location: { column: COLUMN.location },
    distance: { column: COLUMN.distance },
    score: { column: COLUMN.score, octet: OCTETS_BEFORE },
    rpki: { column: COLUMN.registry, octet: OCTETS_BEFORE },
    reputation: { column: COLUMN.score, octet: REPUTATION_BEFORE },
  }

const encoder = new TextEncoder()

/** What all zones of one definition share: templates and records that never change, prepared once. */
export class ZoneBody {
  readonly definition: ZoneDefinition
  /** The number that its queries are counted by. */
  readonly row: number
  readonly id: string
  /** Which names lie below the apex; null for none. */
  readonly owner: OwnerKind | null
  readonly partial: boolean
  readonly ttl: number
  /** The TTL and MINIMUM of the SOA: how long a negative answer may be kept (RFC 2308 3 and 5). */
  readonly negativeTtl: number
  /** What it answers with; a question for ANY gets the first. */
  readonly answers: readonly Answer[]
  /** Whether it is a list of addresses, which has a test entry (RFC 5782 5). */
  readonly isList: boolean
  readonly soaRdata: Uint8Array
  /** One NS record a name server. */
  readonly nsRdata: readonly Uint8Array[]
  readonly aboutRdata: Uint8Array
  /** The column that must be known for an answer; −1 for any. */
  readonly neededColumn: number
  /**
   * Which octet in front of the column must not be zero, 0 for none: a score of zero is not listed, nor is no state of RPKI
   * or no reputation.
   */
  readonly neededOctet: number
  /** What must hold for an address that it lists; null where there is no condition. */
  readonly condition: Condition | null

  /** @throws {Error} with a short reason when a template is wrong. */
  constructor(
    definition: ZoneDefinition,
    row: number,
    { authority, tooFar = TOO_FAR_UNLESS_SET }: ZoneValues,
  ) {
    this.definition = definition
    this.row = row
    this.id = definition.id
    this.owner = definition.owner === 'none' ? null : definition.owner
    this.partial = definition.partial
    this.ttl = definition.ttl
    this.negativeTtl = definition['negative-ttl']
    this.answers = compileAnswers(definition)
    this.isList = this.answers.some(({ type }) => type === TYPE.a)
    this.soaRdata = soaRdata(authority, this.negativeTtl)
    this.nsRdata = authority.nameservers
    this.aboutRdata = characterStrings(authority.about)
    const { needs } = definition
    const { column, octet = 0 } = NEEDS[needs]
    this.neededColumn = column
    this.neededOctet = octet
    const { lists } = definition
    this.condition = lists === undefined ? null : new Condition(lists, definition['multi-origin'], tooFar)
  }
}

/** One apex, and the body that it shares with the other apexes of its definition. */
export class Zone {
  /** The apex in text, lower case, without a final dot. */
  readonly name: string
  /** The apex in wire form, lower case. */
  readonly apex: Uint8Array
  readonly body: ZoneBody
  /** The one country that has answers, upper case; '' for all. */
  readonly country: string
  /** The same as two octets; 0 for all. */
  readonly #country: number

  /** @param cc what `{cc}` stands for in this zone, '' where the definition has none */
  constructor(body: ZoneBody, name: string, apex: Uint8Array, cc: string) {
    this.name = name
    this.apex = apex
    this.body = body
    const country = (body.definition.country ?? '').replace('{cc}', cc).toUpperCase()
    this.country = country
    this.#country = country === '' ? 0 : (country.charCodeAt(0) << 8) | country.charCodeAt(1)
  }

  /** Whether the zone answers about what the table was asked for. */
  lists(table: Table, queried: QueriedName): boolean {
    if (queried.record === 0) return false
    const { records, strings } = table
    const record = queried.record << RECORD_SHIFT
    const { neededColumn, neededOctet, condition } = this.body
    if (neededColumn >= 0 && records[record + neededColumn] === 0) return false
    if (neededOctet !== 0 && strings[records[record + neededColumn] + neededOctet] === 0) return false
    if (condition !== null && !condition.holds(table, queried.record)) return false
    if (this.#country === 0) return true
    const country = records[record + COLUMN.country]
    return country !== 0 && ((strings[country + 1] << 8) | strings[country + 2]) === this.#country
  }
}

function soaRdata(authority: Authority, minimum: number): Uint8Array {
  const { nameservers, contact, serial } = authority
  const primary = nameservers[0]
  const rdata = new Uint8Array(primary.length + contact.length + 20)
  rdata.set(primary)
  rdata.set(contact, primary.length)
  const view = new DataView(rdata.buffer)
  const numbers = primary.length + contact.length
  for (const [i, number] of [serial, REFRESH, RETRY, EXPIRE, minimum].entries()) {
    view.setUint32(numbers + i * 4, number)
  }
  return rdata
}

/**
 * RDATA of a TXT record: each string with its length. A string is cut after MAX_STRING octets, and strings that do not
 * fit the longest record are left out, so that every reply fits its buffer.
 */
function characterStrings(strings: readonly string[]): Uint8Array {
  const rdata: number[] = []
  for (const string of strings) {
    const octets = encoder.encode(string).subarray(0, MAX_STRING)
    if (rdata.length + 1 + octets.length > MAX_ANSWER_OCTETS) break
    rdata.push(octets.length, ...octets)
  }
  return Uint8Array.from(rdata)
}
