// Zone files (RFC 1035 5) with wildcards (RFC 4592), for whatever serves or transfers zones.
//
// DNS has names at octets only, or at nibbles: a /22 is four `*.c.b.a`, a /12 sixteen `*.b.a`, and what is longer than
// a /24 a name for each address. A wildcard doesn't hold for a name that exists, nor for what is below it: where IPv6
// names of one zone stand in the way of IPv4 ones, those are written one level deeper.

import { AsnzoneError } from '../errors.ts'
import { widthOf } from '../table/address-arithmetic.ts'
import { networkText } from '../table/address-text.ts'
import { OctetLines } from './octet-lines.ts'
import type { ZoneRequest } from './request.ts'
import { Networks, networksOf, selectionOf } from './spans.ts'
import type { ZoneAnswer } from './zone-answer.ts'
import { authorityOf } from './zone-authority.ts'
import { asEntriesOf, cutsOf, stringsOf, zoneEntriesOf } from './zone-entries.ts'

/** Bits of a label of an address. */
const LABEL_BITS = { 4: 8, 6: 4 } as const

/** Labels that an IPv6 wildcard has at least beside IPv4 names, which have four. */
const LEAST_NIBBLES = 4

/** The file, one octet a character. @throws {AsnzoneError} `ASNZONE_EXPORT` when it has too many names. */
export function* writeZoneFile(request: ZoneRequest): Generator<string | Uint8Array, void, undefined> {
  const { zone, head, maxNames } = request
  if (mostNames(request) > maxNames) {
    const names = countNames(request)
    if (names > maxNames) throw tooMany(zone.name, names, maxNames)
  }
  const { primary, contact, serial, timers, nameservers } = authorityOf(zone)
  yield `; ${head}\n$ORIGIN ${zone.name}.\n$TTL ${zone.body.ttl}\n`
  yield `@ SOA ${primary} ${contact} ${serial} ${timers.join(' ')}\n`
  for (const name of nameservers) yield `@ NS ${name}\n`
  yield `@ TXT ${quoted(latin1Of(zone.body.aboutRdata))}\n`
  yield* zone.body.owner === 'asn' ? linesOfAses(request) : linesOfAddresses(request)
}

/** At most so many names: counted without asking what the zone answers, as if no two neighbours said the same. */
function mostNames(request: ZoneRequest): number {
  const { table, zone, families } = request
  if (zone.body.owner === 'asn') return table.asCount
  const selects = selectionOf(request)
  // The entry for tests may be one more in each, and cut a network into as many as it has bits.
  let names = families.length * 256
  for (const family of families) {
    const networks = new Networks(widthOf(family))
    for (const { first, last } of cutsOf(table, zone, family, selects)) {
      networks.begin(first, last)
      while (networks.next()) names += namesOf(networks.length, families, family)
    }
  }
  return names
}

/** How many names there are, but for the few that are written one level deeper. */
function countNames(request: ZoneRequest): number {
  const { table, zone, families } = request
  const selects = selectionOf(request)
  if (zone.body.owner === 'asn') return [...asEntriesOf(table, zone, selects)].length
  let names = 0
  for (const family of families) {
    const networks = new Networks(widthOf(family))
    for (const { start, end } of zoneEntriesOf(table, zone, family, selects)) {
      networks.begin(start, end)
      while (networks.next()) names += namesOf(networks.length, families, family)
    }
  }
  return names
}

/** How many labels the names of a network have. */
function labelsOf(length: number, families: readonly (4 | 6)[], family: 4 | 6): number {
  const least = family === 6 && families.length > 1 ? LEAST_NIBBLES : 1
  return Math.max(least, Math.ceil(length / LABEL_BITS[family]))
}

/** How many names a network takes. */
function namesOf(length: number, families: readonly (4 | 6)[], family: 4 | 6): number {
  return 2 ** (labelsOf(length, families, family) * LABEL_BITS[family] - length)
}

/** The lines of every AS. */
function* linesOfAses(request: ZoneRequest): Generator<Uint8Array, void, undefined> {
  const { table, zone } = request
  const lines = new OctetLines()
  for (const [asn, answer] of asEntriesOf(table, zone, selectionOf(request))) {
    setAnswer(lines, answer)
    lines.add(`as${asn}`)
    if (lines.isFull) yield lines.take()
  }
  yield lines.take()
}

/** The lines of every name that stands for addresses. */
function* linesOfAddresses(request: ZoneRequest): Generator<Uint8Array, void, undefined> {
  const { table, zone, families } = request
  const selects = selectionOf(request)
  const inTheWay = families.length > 1 ? ipv6Tops(request) : new Set<string>()
  const lines = new OctetLines()
  for (const family of families) {
    const networks = new Networks(widthOf(family))
    for (const { start, end, answer } of zoneEntriesOf(table, zone, family, selects)) {
      setAnswer(lines, answer)
      networks.begin(start, end)
      while (networks.next()) {
        const { start: first, length } = networks
        const labels = labelsOf(length, families, family)
        const names = namesOf(length, families, family)
        for (let i = 0; i < names; i++) {
          if (family === 6) lines.add(ipv6Owner(first, labels, i))
          else addIpv4(lines, first[0] + i * 2 ** (32 - labels * 8), labels, inTheWay)
        }
        if (lines.isFull) yield lines.take()
      }
    }
  }
  yield lines.take()
}

/** The lines of all addresses that begin as one does: of one name, or of those below it where names are in the way. */
function addIpv4(lines: OctetLines, address: number, labels: number, inTheWay: ReadonlySet<string>): void {
  // What is in the way has labels of one digit.
  const mayBe = labels < 4 && inTheWay.size > 0 && address >>> 24 < 10
  if (!mayBe || !inTheWay.has(highest(networkText([address]), labels))) {
    lines.addIpv4(address, labels)
    return
  }
  const step = 2 ** (24 - labels * 8)
  for (let octet = 0; octet < 256; octet++) addIpv4(lines, address + octet * step, labels + 1, inTheWay)
}

const highest = (address: string, labels: number): string => address.split('.').slice(0, labels).join('.')

/** The owner of all addresses that begin with the first nibbles of one, or with those some further. */
function ipv6Owner(words: Uint32Array, labels: number, further: number): string {
  const nibbles = Array.from({ length: labels }, (_, i) => (words[i >>> 3] >>> (28 - (i & 7) * 4)) & 15)
  for (let i = labels - 1, carry = further; carry > 0; i--) {
    const sum = nibbles[i] + carry
    nibbles[i] = sum & 15
    carry = sum >>> 4
  }
  const owner = nibbles
    .map((nibble) => nibble.toString(16))
    .reverse()
    .join('.')
  return labels === 32 ? owner : `*.${owner}`
}

/** The first labels of IPv6 names, the highest first, as far as they could be those of IPv4 names. */
function ipv6Tops({ table, zone, ...request }: ZoneRequest): Set<string> {
  const tops = new Set<string>()
  for (const { start, end } of zoneEntriesOf(table, zone, 6, selectionOf({ table, ...request }))) {
    for (const network of networksOf(start, end)) {
      // Four nibbles are written in any case: each of them, of a shorter prefix.
      const count = network.length < 16 ? 2 ** (16 - network.length) : 1
      for (let i = 0; i < count; i++) {
        const hex = ((network.start[0] >>> 16) + i).toString(16).padStart(4, '0')
        for (let length = 1; length <= 4 && /^\d+$/.test(hex.slice(0, length)); length++) {
          tops.add([...hex.slice(0, length)].join('.'))
        }
      }
    }
  }
  // At four labels the names are those of IPv4 addresses themselves, and of nothing below.
  return tops
}

/** Says what the lines of an answer have after their owners. */
const setAnswer = (lines: OctetLines, { text, records }: ZoneAnswer): void =>
  lines.setRecords(records, text === null ? null : `TXT ${quoted(text)}`)

/** The character-strings of RDATA, each quoted, with what isn't ASCII as three digits. */
function quoted(text: string): string {
  return stringsOf(text)
    .map((string) => {
      if (PLAIN.test(string)) return `"${string}"`
      return `"${string.replace(/["\\]/g, '\\$&').replace(/[^ -~]/g, octetAsDigits)}"`
    })
    .join(' ')
}

/** What stands in quotes as it is. */
const PLAIN = /^[ !#-[\]-~]*$/

const octetAsDigits = (octet: string): string => `\\${String(octet.charCodeAt(0)).padStart(3, '0')}`

const latin1Of = (octets: Uint8Array): string => String.fromCharCode(...octets)

function tooMany(zone: string, names: number, most: number): AsnzoneError {
  return new AsnzoneError(
    'ASNZONE_EXPORT',
    `${zone} has ${names.toLocaleString('en')} names, more than ${most.toLocaleString('en')}: some ${Math.ceil(names / 1_500_000)} GB of memory in a name server; export less, or raise --max-names`,
  )
}
