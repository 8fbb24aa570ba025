// A zone that is served: one apex, with every record that never changes as prepared octets.

import { COLUMN, RECORD_SHIFT } from '../table/layout.ts'
import type { Table } from '../table/table.ts'
import type { ZoneDefinition } from './definition.ts'
import type { OwnerKind } from './owner.ts'
import type { Subject } from './subject.ts'
import { AddressTemplate, TextTemplate } from './template.ts'

/** What the zone's records name besides the data; equal for all zones. */
export interface Authority {
  /** Wire form of the first name server, the MNAME of the SOA. */
  readonly nameservers: readonly Uint8Array[]
  /** Wire form of the contact's mailbox, the RNAME of the SOA. */
  readonly contact: Uint8Array
  /** The SOA serial: the time of the data, see `serialOf`. */
  readonly serial: number
  /** The TXT record of every apex: one element a character-string of at most 255 octets. */
  readonly about: readonly string[]
}

const REFRESH = 86400
const RETRY = 7200
const EXPIRE = 604800

/** A zone with its compiled templates. */
export class Zone {
  readonly id: string
  /** The apex in text, lower case, without a final dot. */
  readonly name: string
  /** The apex in wire form, lower case. */
  readonly apex: Uint8Array
  /** Which names lie below the apex; null for none. */
  readonly owner: OwnerKind | null
  readonly partial: boolean
  readonly ttl: number
  /** The TTL and MINIMUM of the SOA: how long a negative answer may be kept (RFC 2308 3 and 5). */
  readonly negativeTtl: number
  readonly text: TextTemplate | null
  readonly address: AddressTemplate | null
  readonly soaRdata: Uint8Array
  /**
   * One NS record a name server; none when the apex lies below another one that is served. Resolvers are told
   * the outer name and where its server is (a stub or a forwarder, on any port). An NS record further down would
   * send those that ask for it, BIND with a static stub for one, to port 53 of a host that isn't there.
   */
  readonly nsRdata: readonly Uint8Array[]
  readonly aboutRdata: Uint8Array
  readonly definition: ZoneDefinition
  /** The column that must be known for an answer; −1 for any. */
  readonly #neededColumn: number
  /** The one country that has answers, as two octets; 0 for all. */
  readonly #country: number

  /**
   * @param cc what `{cc}` stands for in this zone, '' where the definition has none
   * @param nested whether the apex lies below that of another zone
   * @throws {Error} with a short reason when a template is wrong.
   */
  constructor(
    definition: ZoneDefinition,
    name: string,
    apex: Uint8Array,
    cc: string,
    nested: boolean,
    authority: Authority,
  ) {
    this.id = definition.id
    this.name = name
    this.apex = apex
    this.owner = definition.owner === 'none' ? null : definition.owner
    this.partial = definition.partial
    this.ttl = definition.ttl
    this.negativeTtl = definition['negative-ttl']
    this.text = definition.txt === undefined ? null : new TextTemplate(definition.txt, definition.unknown)
    this.address = definition.a === undefined ? null : new AddressTemplate(definition.a)
    this.definition = definition
    this.#neededColumn = definition.needs === 'anything' ? -1 : COLUMN[definition.needs]
    const country = (definition.country ?? '').replace('{cc}', cc).toUpperCase()
    this.#country = country === '' ? 0 : (country.charCodeAt(0) << 8) | country.charCodeAt(1)
    this.soaRdata = soaRdata(authority, this.negativeTtl)
    this.nsRdata = nested ? [] : authority.nameservers
    this.aboutRdata = Uint8Array.from(
      authority.about.flatMap((string) => {
        const octets = [...Buffer.from(string, 'utf8')].slice(0, 255)
        return [octets.length, ...octets]
      }),
    )
  }

  /** Whether the zone answers about a subject that the table was asked for. */
  lists(table: Table, subject: Subject): boolean {
    if (subject.record === 0) return false
    const { records, strings } = table
    const record = subject.record << RECORD_SHIFT
    if (this.#neededColumn >= 0 && records[record + this.#neededColumn] === 0) return false
    if (this.#country === 0) return true
    const country = records[record + COLUMN.country]
    return country !== 0 && ((strings[country + 1] << 8) | strings[country + 2]) === this.#country
  }
}

/** The SOA serial for a time in ISO 8601: 2026-06-17T19:00Z is 2026061719, the hour in UTC. */
export function serialOf(date: string): number {
  return Number(new Date(date).toISOString().replace(/\D/g, '').slice(0, 10))
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
