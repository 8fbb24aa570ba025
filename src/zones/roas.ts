// Writes the ROAs that decided on what RPKI says of a queried address: `AS13335 1.0.0.0/16-24, AS64496 1.0.0.0/20`.
//
// The table has no networks of them: each covers the prefix that the address was found in, and is told by how much shorter it
// is. src/table/roas.ts knows where they lie.

import { writeIpv4Network, writeIpv6Network, writeOctet } from '../table/address-text.ts'
import { EMBEDDED_DEPTH } from '../table/embedded.ts'
import { COLUMN, MAX_ROAS, RECORD_SHIFT, ROAS } from '../table/layout.ts'
import { firstRoa, ROA, ROAS_OCTET, roaLengths } from '../table/roas.ts'
import type { Table } from '../table/table.ts'
import type { Packet } from './packet.ts'
import type { QueriedName } from './queried-name.ts'

const LETTER_A = 0x41
const LETTER_S = 0x53
const BLANK = 0x20
const COMMA = 0x2c
const SLASH = 0x2f
const DASH = 0x2d

/** What follows the last one that is told where there are more. */
const MORE = new TextEncoder().encode(', more')

/** The most octets that are written: AS number, network, lengths and what separates, of each. */
export const MAX_ROAS_OCTETS = MAX_ROAS * ('AS4294967295 '.length + 39 + '/128-128, '.length) + MORE.length

/** Writes them at `reply.packet[at…]` and returns the position after them: `at` itself where there are none. */
export function writeRoas(reply: Packet, at: number, table: Table, queried: QueriedName): number {
  const { packet: out } = reply
  const { records, strings } = table
  const record = queried.record << RECORD_SHIFT
  const registry = records[record + COLUMN.registry]
  if (registry === 0) return at
  const octet = strings[registry + ROAS_OCTET]
  const isIpv4 = (octet & ROAS.ipv6) === 0
  // An IPv6 address that stands for an IPv4 one is answered by the ROAs of that.
  const prefixLength = queried.prefixLength - (isIpv4 && queried.family === 6 ? EMBEDDED_DEPTH : 0)
  let roa = firstRoa(strings, registry)
  let to = at
  for (let roas = octet & ROAS.count; roas > 0; roas--) {
    if (to > at) {
      out[to++] = COMMA
      out[to++] = BLANK
    }
    out[to++] = LETTER_A
    out[to++] = LETTER_S
    const asn = strings[roa] === 0 ? records[record + COLUMN.asn] : roa
    for (let digit = 1; digit <= strings[asn]; digit++) out[to++] = strings[asn + digit]
    out[to++] = BLANK
    const lengths = roaLengths(strings, roa)
    const length = prefixLength - strings[lengths + ROA.shorter]
    const more = strings[lengths + ROA.more]
    roa = lengths + ROA.next
    to = writeNetwork(reply, to, queried, isIpv4, length)
    out[to++] = SLASH
    to = writeOctet(out, to, length)
    if (more === 0) continue
    out[to++] = DASH
    to = writeOctet(out, to, length + more)
  }
  if ((octet & ROAS.more) === 0) return to
  for (let i = 0; i < MORE.length; i++) out[to++] = MORE[i]
  return to
}

/** The network of so many bits that the queried address is in. */
function writeNetwork(
  { view }: Packet,
  at: number,
  { family, word0, word1, word2, word3 }: QueriedName,
  isIpv4: boolean,
  length: number,
): number {
  if (isIpv4) return writeIpv4Network(view, at, family === 4 ? word0 : word3, length)
  return writeIpv6Network(view, at, word0, word1, word2, word3, length)
}
