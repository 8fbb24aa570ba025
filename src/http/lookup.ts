// Lookups: what is known of an address or an AS, and how each zone is asked for it.

import { type Coordinates, knownOriginPoint } from '../data/compile/origin-point.ts'
import { askResponder } from '../dns/ask-responder.ts'
import { Responder } from '../dns/responder.ts'
import type { Explanation } from '../learn/explain.ts'
import { ownHost } from '../system/listen-address.ts'
import { networkText } from '../table/address-text.ts'
import type { Attributes } from '../table/attributes.ts'
import { type LookupTarget, lookUp, parseLookupTarget } from '../table/lookup-target.ts'
import type { Table } from '../table/table.ts'
import type { Within } from '../table/within.ts'
import { ownerOf } from '../zones/example.ts'
import type { OwnerKind } from '../zones/owner.ts'
import { MAX_NAME } from '../zones/wire-name.ts'
import type { Zone } from '../zones/zone.ts'
import type { ZoneSet } from '../zones/zone-set.ts'
import type { ServerView } from './server-view.ts'

/** The most characters of a name: as many as octets, but for the first length and the root label. */
const MAX_CHARACTERS = MAX_NAME - 2

/** A question to one zone. */
export interface ZoneQuestion {
  /** The zone's key in its zone file. */
  readonly zone: string
  /** The command that asks it. */
  readonly command: string
  /** What dig +short prints; '' where the answer is NXDOMAIN or empty. */
  readonly answer: string
}

/** What is known of an address or an AS, without its attributes where nothing is; or the ranges of a network. */
export interface Lookup extends Partial<Attributes>, Partial<Within> {
  readonly query: string
  readonly found: boolean
  /** Where the distance is counted from. */
  readonly here: Coordinates | null
  readonly questions: readonly ZoneQuestion[]
}

/** With what was learned, where the server learns. */
export interface ExplainedLookup extends Lookup {
  readonly learned?: Explanation | null
}

/** What zones can be asked about. */
type AskedTarget = Exclude<LookupTarget, { kind: 'network' }>

/** Looks addresses, networks and ASes up in the data in service. */
export class LookupService {
  readonly #running: ServerView
  readonly #responders = new WeakMap<Table, { readonly zoneSet: ZoneSet; readonly responder: Responder }>()

  constructor(running: ServerView) {
    this.#running = running
  }

  /**
   * @param text an address, a network, or an AS number such as AS15169
   * @throws {AsnzoneError} `ASNZONE_CONFIG` when it is none of them.
   */
  lookup(text: string): Lookup {
    const { originPoint: setting, reloader } = this.#running
    const target = parseLookupTarget(text)
    const { attributes, within } = lookUp(reloader.table, target)
    const here = setting === null ? null : knownOriginPoint(setting, reloader.table)
    if (target.kind === 'network' || attributes === undefined) {
      return { query: text, found: (within?.ranges.length ?? 0) > 0, ...within, here, questions: [] }
    }
    return {
      query: text,
      found: attributes !== null,
      ...attributes,
      here,
      questions: this.#questions(target, attributes),
    }
  }

  /**
   * The same, and of an address the levels of what was learned of it, where the server learns: SQLite is loaded there alone.
   * A state that can't be read explains nothing.
   *
   * @throws {AsnzoneError} as `lookup` does.
   */
  async explained(text: string): Promise<ExplainedLookup> {
    const found = this.lookup(text)
    const { learned, reloader, onError } = this.#running
    if (learned === null || !found.found || parseLookupTarget(text).kind !== 'address') return found
    const { explainFrom } = await import('../learn/explain-from.ts')
    try {
      return { ...found, learned: explainFrom(learned, text, reloader.table, Date.now() / 1000) }
    } catch (error) {
      onError(error as Error)
      return { ...found, learned: null }
    }
  }

  #questions(target: AskedTarget, attributes: Attributes | null): ZoneQuestion[] {
    const responder = this.#responder()
    const { server, zoneSet } = this.#running
    // Where DNS is not answered there is nobody to ask.
    if (server.addresses.length === 0) return []
    const [{ host, port }] = server.addresses
    return zoneSet.zones
      .filter((zone) => isAbout(zone, target, attributes))
      .flatMap((zone) => {
        const name = `${ownerName(target, zone)}.${zone.name}`
        // Below a long apex of a user's own not every address has a name.
        if (name.length > MAX_CHARACTERS) return []
        const told = zone.body.answers.filter(({ isDerived }) => !isDerived)
        return told.map(({ name: type }) => ({
          zone: zone.body.id,
          command: `dig @${ownHost(host)} -p ${port} +short ${type} ${name}`,
          answer: askResponder(responder, name, type),
        }))
      })
  }

  /** A responder of its own for each table and its zones: its queries are nobody's, and are not counted. */
  #responder(): Responder {
    const { reloader, zoneSet } = this.#running
    const known = this.#responders.get(reloader.table)
    if (known?.zoneSet === zoneSet) return known.responder
    const responder = new Responder(reloader.table, zoneSet)
    this.#responders.set(reloader.table, { zoneSet, responder })
    return responder
  }
}

/** Which kinds of zones hold an address or an AS. */
const KINDS: Readonly<Record<'as' | 4 | 6, readonly OwnerKind[]>> = {
  as: ['asn'],
  4: ['ipv4', 'ip', 'address'],
  6: ['ipv6', 'ip', 'address'],
}

/** Whether a zone can be asked about a target; of the zones one for each country only the one of its own. */
function isAbout({ country, body }: Zone, target: AskedTarget, attributes: Attributes | null): boolean {
  const kinds = KINDS[target.kind === 'as' ? 'as' : target.family]
  if (body.owner === null || !kinds.includes(body.owner)) return false
  return body.definition.country !== '{cc}' || country === attributes?.country
}

function ownerName(target: AskedTarget, zone: Zone): string {
  return ownerOf(target.kind === 'as' ? `AS${target.asn}` : networkText(target.words), zone.body.owner)
}
