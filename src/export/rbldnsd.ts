// Data sets of rbldnsd(8): ip4trie and ip6trie for addresses, generic for AS numbers.
//
// rbldnsd has an A record for every entry, and one character-string of at most 254 octets beside it. `$` is a variable
// in its texts unless it is doubled, and a `=` at their head is one of its own.

import { AsnzoneError } from '../errors.ts'
import { networkText } from '../table/address-text.ts'
import type { ZoneRequest } from './request.ts'
import { networksOf, selectionOf } from './spans.ts'
import type { ZoneAnswer } from './zone-answer.ts'
import { type Authority, authorityOf } from './zone-authority.ts'
import { asEntriesOf, stringsOf, zoneEntriesOf } from './zone-entries.ts'

/** The longest text that goes out whole. */
const MOST_TEXT = 254

/** The A record of an entry for which the zone has none. */
const LISTED = '127.0.0.2'

/** The file, one octet a character. Its kind is that of the zone's names: one family at a time. */
export function* writeRbldnsd(request: ZoneRequest): Generator<string, void, undefined> {
  const { table, zone, families, head } = request
  const authority = authorityOf(zone)
  const selects = selectionOf(request)
  yield `# ${head}\n${headOf(zone.body.ttl, authority)}`
  if (zone.body.owner === 'asn') {
    for (const [asn, answer] of asEntriesOf(table, zone, selects))
      yield* genericLines(`as${asn}`, answer, zone.name)
    return
  }
  for (const { start, end, answer } of zoneEntriesOf(table, zone, families[0], selects)) {
    const value = saidBy(answer, zone.name)
    for (const network of networksOf(start, end))
      yield `${networkText(network.start)}/${network.length} ${value}\n`
  }
}

/** `:127.0.0.2:text`. */
function saidBy({ text, address }: ZoneAnswer, zone: string): string {
  const escaped = text === null ? '' : oneString(text, zone).replaceAll('$', '$$$$')
  return `:${address ?? LISTED}:${escaped.startsWith('=') ? '=' : ''}${escaped}`
}

function* genericLines(owner: string, { text, address }: ZoneAnswer, zone: string): Generator<string> {
  if (address !== null) yield `${owner} A ${address}\n`
  if (text !== null) yield `${owner} TXT "${oneString(text, zone)}"\n`
}

/** @throws {AsnzoneError} `ASNZONE_EXPORT` when rbldnsd couldn't say it. */
function oneString(text: string, zone: string): string {
  const strings = stringsOf(text)
  if (strings.length > 1) {
    throw new AsnzoneError(
      'ASNZONE_EXPORT',
      `${zone} answers with ${strings.length} character-strings, and rbldnsd has one: export it as a zone file`,
    )
  }
  const [string] = strings
  if (string.length > MOST_TEXT) {
    throw new AsnzoneError(
      'ASNZONE_EXPORT',
      `${zone} has an answer of ${string.length} octets, and rbldnsd cuts what is longer than ${MOST_TEXT}: leave something out of its template`,
    )
  }
  return string
}

/** What has to come before the data. */
function headOf(ttl: number, { primary, contact, serial, timers, nameservers }: Authority): string {
  const lines = [
    `$SOA ${ttl} ${primary} ${contact} ${serial} ${timers.join(' ')}`,
    `$NS ${ttl} ${nameservers.join(' ')}`,
    `$TTL ${ttl}`,
  ]
  return `${lines.join('\n')}\n`
}
