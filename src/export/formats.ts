// The formats that the data can be exported in: what each can tell, and who writes it.

import { AsnzoneError } from '../errors.ts'
import { writeCidrCsv, writeClickHouse, writeCsv } from './csv.ts'
import { writeIpset, writeNft } from './firewall.ts'
import { writeHaproxy, writeNginx, writePostfix } from './maps.ts'
import { writeMmdb } from './mmdb/mmdb.ts'
import { writeRbldnsd } from './rbldnsd.ts'
import type { ExportRequest, ExportSubject, ZoneRequest } from './request.ts'
import { writeZoneFile } from './zone-file.ts'

/** What every format has. */
interface AnyFormat {
  /** For people, in a list. */
  readonly summary: string
}

/** A format of attributes: what is known of addresses. */
export interface AttributeFormat extends AnyFormat {
  readonly kind: 'attributes'
  /** What it can tell. */
  readonly can: readonly ExportSubject[]
  /** What it tells when nobody says. */
  readonly tells: readonly ExportSubject[]
  /** Whether it can tell several of them in one file. */
  readonly several: boolean
  /** Above so many lines it is slow where it is read, which is said. */
  readonly manyLines?: { readonly above: number; readonly advice: string }
  /** Octets, or text in UTF-8. */
  readonly write: (request: ExportRequest) => Iterable<string | Uint8Array>
}

/** Sets of addresses, one for each country or AS. */
export interface SetFormat extends AnyFormat {
  readonly kind: 'sets'
  readonly write: (request: ExportRequest) => Iterable<string>
}

/** A DNS zone. */
export interface ZoneFormat extends AnyFormat {
  readonly kind: 'zone'
  /** Whether a file is of one family. */
  readonly oneFamily: boolean
  /** Octets, or text, one octet a character. */
  readonly write: (request: ZoneRequest) => Iterable<string | Uint8Array>
}

/** A format. */
export type ExportFormat = AttributeFormat | SetFormat | ZoneFormat

const POSTFIX_ADVICE =
  'every process of Postfix reads them all and keeps them; asnzone answers the same over DNS, or export fewer with --country'

const maps = { kind: 'attributes', can: ['asn', 'country'], tells: ['country'], several: false } as const
const rows = {
  kind: 'attributes',
  can: ['asn', 'country'],
  tells: ['asn', 'country'],
  several: true,
} as const

/** All of them, by name. */
export const FORMATS = {
  mmdb: {
    kind: 'attributes',
    can: ['asn', 'country', 'city'],
    tells: ['asn', 'country'],
    several: true,
    summary: 'MaxMind DB, with the fields of GeoLite2',
    write: writeMmdb,
  },
  rbldnsd: {
    kind: 'zone',
    oneFamily: true,
    summary: "a zone as rbldnsd's ip4trie, ip6trie or generic",
    write: writeRbldnsd,
  },
  zone: {
    kind: 'zone',
    oneFamily: false,
    summary: 'a zone as a zone file, for BIND, Knot, NSD or PowerDNS',
    write: writeZoneFile,
  },
  csv: {
    ...maps,
    tells: ['asn'],
    summary: 'ranges as ip-location-db has them, without a header',
    write: writeCsv,
  },
  cidr: { ...rows, summary: 'networks as CSV: cidr,asn,country,name', write: writeCidrCsv },
  clickhouse: {
    ...rows,
    summary: 'networks as CSV for a dictionary of the layout IP_TRIE',
    write: writeClickHouse,
  },
  nft: { kind: 'sets', summary: 'sets of nftables, for nft -f', write: writeNft },
  ipset: { kind: 'sets', summary: 'sets of ipset, for ipset -! restore', write: writeIpset },
  'postfix-cidr': {
    ...maps,
    manyLines: { above: 10_000, advice: POSTFIX_ADVICE },
    summary: 'a cidr table of Postfix',
    write: writePostfix,
  },
  haproxy: { ...maps, summary: 'a map file of HAProxy, for map_ip', write: writeHaproxy },
  nginx: { ...maps, summary: 'lines for a geo block of nginx', write: writeNginx },
} as const satisfies Readonly<Record<string, ExportFormat>>

/** The name of a format. */
export type FormatName = keyof typeof FORMATS

/**
 * What a format is to tell.
 *
 * @throws {AsnzoneError} `ASNZONE_EXPORT` when it can't.
 */
export function subjectsFor(name: FormatName, asked: readonly ExportSubject[]): readonly ExportSubject[] {
  const format: ExportFormat = FORMATS[name]
  if (format.kind !== 'attributes') {
    if (asked.length === 0) return []
    throw new AsnzoneError(
      'ASNZONE_EXPORT',
      `${name} has no --what: ${format.kind === 'zone' ? 'name a --zone' : 'it lists addresses'}`,
    )
  }
  const { can, tells, several } = format
  const wrong = asked.find((subject) => !can.includes(subject))
  if (wrong !== undefined) {
    throw new AsnzoneError('ASNZONE_EXPORT', `${name} can't tell ${wrong}, only ${can.join(' or ')}`)
  }
  if (asked.length > 1 && !several) {
    throw new AsnzoneError(
      'ASNZONE_EXPORT',
      `${name} has one kind of value per file: --what ${asked.join(' or --what ')}`,
    )
  }
  return asked.length === 0 ? tells : can.filter((subject) => asked.includes(subject))
}
