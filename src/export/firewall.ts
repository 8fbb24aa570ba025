// Sets of addresses for the kernel: nftables, of ranges, and ipset, of networks. A set for each country or AS that is
// asked for, and each family; each file is one transaction, so that no set is ever half full.

import { networkText } from '../table/address-text.ts'
import { COLUMN } from '../table/layout.ts'
import type { ExportRequest } from './request.ts'
import { networksOf, spansOf } from './spans.ts'

/** The table of nftables that the sets are in. */
const NFT_TABLE = 'inet asnzone'

/** The most members of a set: no country has as many networks. A set can't be given another limit later. */
const MOST_MEMBERS = 1_048_576

/** One set. */
interface AddressSet {
  /** `US4`; `AS15169_4`. */
  readonly name: string
  readonly family: 4 | 6
  readonly isWanted: (record: number) => boolean
}

/** For `nft -f`: ranges, half as many as networks. */
export function* writeNft(request: ExportRequest): Generator<string, void, undefined> {
  const { table, head } = request
  yield `# ${head}\nadd table ${NFT_TABLE}\n`
  for (const { name, family, isWanted } of setsOf(request)) {
    const type = family === 4 ? 'ipv4_addr' : 'ipv6_addr'
    yield `add set ${NFT_TABLE} ${name} { type ${type}; flags interval; auto-merge; }\n`
    yield `flush set ${NFT_TABLE} ${name}\n`
    let isFirst = true
    for (const { start, end } of spansOf(table, family, (record) => Number(isWanted(record)))) {
      yield isFirst ? `add element ${NFT_TABLE} ${name} {\n` : ',\n'
      isFirst = false
      const [first, last] = [networkText(start), networkText(end)]
      yield first === last ? first : `${first}-${last}`
    }
    if (!isFirst) yield '\n}\n'
  }
}

/** For `ipset -! restore`: each set is filled beside the old one, and swapped with it. */
export function* writeIpset(request: ExportRequest): Generator<string, void, undefined> {
  const { table, head } = request
  yield `# ${head}\n`
  for (const { name, family, isWanted } of setsOf(request)) {
    const kind = `hash:net family ${family === 4 ? 'inet' : 'inet6'} hashsize 32768 maxelem ${MOST_MEMBERS}`
    const next = `${name}.new`
    yield `create ${next} ${kind}\nflush ${next}\n`
    for (const { start, end } of spansOf(table, family, (record) => Number(isWanted(record)))) {
      for (const network of networksOf(start, end)) {
        yield `add ${next} ${networkText(network.start)}/${network.length}\n`
      }
    }
    yield `create ${name} ${kind}\nswap ${next} ${name}\ndestroy ${next}\n`
  }
}

function* setsOf({
  table,
  countries,
  asns,
  families,
}: ExportRequest): Generator<AddressSet, void, undefined> {
  const wanted = [
    ...countries.map((code) => ({ name: code, column: COLUMN.country, text: code })),
    ...asns.map((asn) => ({ name: `AS${asn}_`, column: COLUMN.asn, text: String(asn) })),
  ]
  // A text is decoded once a record, not once a set.
  const texts = new Map<number, readonly string[]>()
  for (const { name, column, text } of wanted) {
    let known = texts.get(column)
    if (known === undefined) {
      known = Array.from({ length: table.recordCount }, (_, record) => table.text(record, column))
      texts.set(column, known)
    }
    const of = known
    for (const family of families)
      yield { name: `${name}${family}`, family, isWanted: (record) => of[record] === text }
  }
}
