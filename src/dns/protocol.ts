// Numbers of the DNS protocol that the server uses (IANA «Domain Name System (DNS) Parameters»).

import { TYPE } from '../zones/record-type.ts'

/** RCODEs (RFC 1035 4.1.1, RFC 6891 9). */
export const RCODE = {
  noError: 0,
  formErr: 1,
  servFail: 2,
  nxDomain: 3,
  notImp: 4,
  refused: 5,
  notAuth: 9,
  /** Extended: the upper eight bits stand in the OPT record. */
  badVers: 16,
} as const

/** Zones are not given away whole: they are made when they are asked. */
export const isTransfer = (type: number): boolean => type === TYPE.axfr || type === TYPE.ixfr

/** Classes. */
export const CLASS = {
  in: 1,
  ch: 3,
  any: 255,
} as const

/** Opcodes. */
export const OPCODE = {
  query: 0,
} as const

/** Bits of the third and fourth octet of a header (RFC 1035 4.1.1). */
export const FLAG = {
  /** Octet 2: this is a response. */
  qr: 0x80,
  /** Octet 2: where the opcode lies. */
  opcode: 0x78,
  /** Octet 2: authoritative answer. */
  aa: 0x04,
  /** Octet 2: truncated. */
  tc: 0x02,
  /** Octet 2: recursion desired. */
  rd: 0x01,
} as const

/** Octets of a message header. */
export const HEADER_LENGTH = 12

/** The most octets of a UDP reply to a query without EDNS (RFC 1035 4.2.1). */
export const PLAIN_UDP_LIMIT = 512

/** The most octets of a UDP reply, whatever the query advertises, and what we advertise (DNS Flag Day 2020). */
export const EDNS_UDP_LIMIT = 1232

/**
 * How many times the octets of a query a UDP reply may have that tells about the server itself, unless a cookie
 * shows that the client's address is its own.
 */
export const MAX_AMPLIFICATION = 4

/** The most octets of a message over TCP (RFC 1035 4.2.2). */
export const TCP_LIMIT = 65535
