// MaxMind DB files (MaxMind-DB-spec.md, version 2.0): a search tree, 16 zero octets, data, a mark, and metadata.
//
// Fields are named and typed as in GeoLite2, so that whatever reads those reads ours. Ours is the country that an address
// is registered in: where no city source tells another, both of GeoLite2's countries are that one.

import { isEmbedded4 } from '../../table/embedded.ts'
import { COLUMN, LOCATION } from '../../table/layout.ts'
import type { Table } from '../../table/table.ts'
import type { ExportRequest, ExportSubject } from '../request.ts'
import { selectionOf, spansOf, Values } from '../spans.ts'
import { DataSection, Double, type MmdbMap, type MmdbValue, Uint16, Uint64 } from './data.ts'
import { DATA, NOTHING, type SearchTree, TreeBuilder } from './tree.ts'

/** What is asked for of a file. */
export interface MmdbRequest extends ExportRequest {
  /** The `database_type`, by which some readers decide whether to open it; ours when not given. */
  readonly type?: string | undefined
}

const MARK = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')

/** Zero octets between tree and data; a record counts them. */
const GAP = 16

/** Networks of IPv6 addresses that stand for IPv4 ones, as the answers have it. */
const ALIASES = [Uint32Array.of(0, 0, 0xffff, 0), Uint32Array.of(0x64ff9b, 0, 0, 0)]

/** The type where none is asked for. */
const TYPES: Readonly<Record<ExportSubject, string>> = {
  asn: 'asnzone-ASN',
  country: 'asnzone-Country',
  city: 'asnzone-City',
}

/** The file, in a few pieces. */
export function* writeMmdb(request: MmdbRequest): Generator<Uint8Array, void, undefined> {
  const { table, what, head, type = what.length === 1 ? TYPES[what[0]] : 'asnzone' } = request
  const data = new DataSection()
  const tree = treeOf(request, data)
  const recordSize = [24, 28, 32].find((bits) => tree.nodeCount + GAP + data.length < 2 ** bits)
  if (recordSize === undefined) throw new RangeError('more than 32 bits of nodes and data')
  yield* nodes(tree, recordSize)
  yield new Uint8Array(GAP)
  yield data.octets
  yield MARK
  const metadata = new DataSection()
  metadata.add({
    binary_format_major_version: new Uint16(2),
    binary_format_minor_version: new Uint16(0),
    // Readers show it as the age of the data.
    build_epoch: new Uint64(BigInt(Math.floor(Date.parse(table.metadata().date) / 1000))),
    database_type: type,
    description: { en: head },
    ip_version: new Uint16(6),
    languages: ['en'],
    node_count: tree.nodeCount,
    record_size: new Uint16(recordSize),
  })
  yield metadata.octets
}

function treeOf(request: MmdbRequest, data: DataSection): SearchTree {
  const { table, families, what } = request
  const values = new Values(table, selectionOf(request), (record) => {
    const map = mapOf(table, record, what)
    return Object.keys(map).length === 0 ? null : [JSON.stringify(map), map]
  })
  const offsets: number[] = []
  const offsetOf = (value: number): number => (offsets[value] ??= data.add(values.value(value)))
  const builder = new TreeBuilder()
  const has4 = families.includes(4)
  if (has4) {
    const [first, last] = [new Uint32Array(4), new Uint32Array(4)]
    for (const { start, end, value } of spansOf(table, 4, values.of)) {
      first[3] = start[0]
      last[3] = end[0]
      builder.add(first, last, offsetOf(value))
    }
  }
  const aliases = has4 ? [...ALIASES] : []
  if (families.includes(6)) {
    for (const { start, end, value } of spansOf(table, 6, values.of)) {
      // What the files have for ::/96 is IPv4; and an address that the table knows is not an alias.
      if (has4 && start[0] === 0 && start[1] === 0 && start[2] === 0) continue
      if (has4 && isEmbedded4(start[0], start[1], start[2])) continue
      while (aliases.length > 0 && isBefore(aliases[0], start)) builder.addAlias(aliases.shift()!)
      builder.add(start, end, offsetOf(value))
    }
  }
  for (const alias of aliases) builder.addAlias(alias)
  return builder.finish()
}

function isBefore(alias: Uint32Array, start: Uint32Array): boolean {
  const word = alias.findIndex((it, i) => it !== start[i])
  return word >= 0 && alias[word] < start[word]
}

/** What a file says of a record; empty where nothing is known. */
function mapOf(table: Table, record: number, what: readonly ExportSubject[]): MmdbMap {
  const map: Record<string, MmdbValue> = {}
  if (what.includes('asn')) {
    const [asn, name] = [table.text(record, COLUMN.asn), table.text(record, COLUMN.name)]
    if (asn !== '') map.autonomous_system_number = Number(asn)
    if (name !== '') map.autonomous_system_organization = name
  }
  const registered = table.text(record, COLUMN.country)
  if (what.includes('city')) addPlace(map, table, record, registered)
  else if (what.includes('country') && registered !== '') map.country = { iso_code: registered }
  if ((what.includes('city') || what.includes('country')) && registered !== '') {
    map.registered_country = { iso_code: registered }
  }
  return map
}

function addPlace(map: Record<string, MmdbValue>, table: Table, record: number, registered: string): void {
  const place = (part: number): string => table.blockText(record, COLUMN.location, part)
  const [city, region, latitude, longitude] = [
    LOCATION.city,
    LOCATION.region,
    LOCATION.latitude,
    LOCATION.longitude,
  ].map(place)
  const country = place(LOCATION.country) || registered
  const continent = place(LOCATION.continent)
  if (city !== '') map.city = { names: { en: city } }
  if (continent !== '') map.continent = { code: continent }
  if (country !== '') map.country = { iso_code: country }
  if (latitude !== '') {
    map.location = { latitude: new Double(Number(latitude)), longitude: new Double(Number(longitude)) }
  }
  if (region !== '') map.subdivisions = [{ names: { en: region } }]
}

/** The tree as the file has it; a number below `nodeCount` is a node, that number is nothing, and data is after it. */
function* nodes(
  { records, nodeCount }: SearchTree,
  recordSize: number,
): Generator<Uint8Array, void, undefined> {
  const nodeOctets = recordSize / 4
  const perPiece = 65_536
  const final = (record: number): number =>
    record === NOTHING ? nodeCount : record >= DATA ? record - DATA + nodeCount + GAP : record
  for (let from = 0; from < nodeCount; from += perPiece) {
    const to = Math.min(nodeCount, from + perPiece)
    const piece = Buffer.alloc((to - from) * nodeOctets)
    let at = 0
    for (let node = from; node < to; node++) {
      const [left, right] = [final(records[node * 2]), final(records[node * 2 + 1])]
      if (recordSize === 28) {
        piece.writeUIntBE(left & 0xffffff, at, 3)
        piece[at + 3] = ((left >>> 24) << 4) | (right >>> 24)
        piece.writeUIntBE(right & 0xffffff, at + 4, 3)
      } else {
        piece.writeUIntBE(left, at, recordSize / 8)
        piece.writeUIntBE(right, at + recordSize / 8, recordSize / 8)
      }
      at += nodeOctets
    }
    yield piece
  }
}
