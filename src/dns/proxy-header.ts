// Who asks through a proxy: the header of the PROXY protocol, version 2, before a message over UDP and once per
// connection over TCP.
//
//     signature 12 | version 2 and command | family and protocol | length 2 | addresses | TLVs, skipped
//
// https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt, section 2.2. A header is believed only of those whom the
// administrator calls proxies; whether one is, front ends decide. Nothing here throws or allocates.

import type { Client } from './client.ts'
import { read16, read32 } from './octets.ts'

const SIGNATURE = Uint8Array.of(...[0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a])
const COMMAND_AT = SIGNATURE.length
const FAMILY_AT = COMMAND_AT + 1
const LENGTH_AT = COMMAND_AT + 2

/** Octets before the addresses. */
const FIXED = COMMAND_AT + 4

/** Version 2 and the command: the proxy asks for itself, or for somebody else. */
const LOCAL = 0x20
const PROXY = 0x21

/** Families, in the upper half of their octet, and what each has: two addresses and two ports. */
const IPV4 = 1
const IPV6 = 2
const IPV4_OCTETS = 12
const IPV6_OCTETS = 36

/** The most octets after the fixed ones: IPv6 and 500 for TLVs. */
const MAX_LENGTH = 536

/** What `readProxyHeader` says instead of a length. */
export const HEADER = { incomplete: 0, wrong: -1 } as const

/** What a proxy sends before queries of its own, such as health checks. */
export const LOCAL_HEADER: Uint8Array = Uint8Array.of(...SIGNATURE, LOCAL, 0, 0, 0)

/**
 * Reads the header in `packet[start, end)` and puts its address into `client`, which is the proxy before and stays so
 * when it asks for itself.
 *
 * @returns octets of the header; HEADER.wrong, and `client` is the proxy, when it isn't one or can't be right;
 *   HEADER.incomplete when it may become one with more octets
 */
export function readProxyHeader(packet: Uint8Array, start: number, end: number, client: Client): number {
  const received = end - start
  const seen = Math.min(received, COMMAND_AT)
  for (let i = 0; i < seen; i++) if (packet[start + i] !== SIGNATURE[i]) return HEADER.wrong
  if (received < FIXED) return HEADER.incomplete
  const command = packet[start + COMMAND_AT]
  const length = read16(packet, start + LENGTH_AT)
  if ((command !== LOCAL && command !== PROXY) || length > MAX_LENGTH) return HEADER.wrong
  const octets = command === LOCAL ? 0 : octetsOf(packet[start + FAMILY_AT])
  if (octets < 0 || octets > length) return HEADER.wrong
  if (received < FIXED + length) return HEADER.incomplete
  if (octets > 0) takeSource(packet, start + FIXED, octets === IPV4_OCTETS ? 4 : 6, client)
  return FIXED + length
}

/**
 * Octets of the addresses of a family; −1 for one that isn't IP: such a client can't be in any list. Whether it asked
 * over TCP or UDP is all the same, because proxies answer TLS and HTTPS from servers that they ask over UDP.
 */
function octetsOf(familyAndProtocol: number): number {
  const protocol = familyAndProtocol & 15
  if (protocol !== 1 && protocol !== 2) return -1
  const family = familyAndProtocol >> 4
  if (family === IPV4) return IPV4_OCTETS
  return family === IPV6 ? IPV6_OCTETS : -1
}

/** An IPv4 address that is written as an IPv6 one, as sockets of both families have it, is the IPv4 client. */
function takeSource(packet: Uint8Array, at: number, family: 4 | 6, client: Client): void {
  const isMapped =
    family === 6 &&
    read32(packet, at) === 0 &&
    read32(packet, at + 4) === 0 &&
    read32(packet, at + 8) === 0xffff
  if (isMapped) client.set(4, packet, at + 12)
  else client.set(family, packet, at)
  client.isProxied = true
}
