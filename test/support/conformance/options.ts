// EDNS options: how the tests write them, and what a reply's OPT record holds, as dns-packet reads it.

import * as dnsPacket from 'dns-packet'
import type { Message } from '../message.ts'

/** Codes of EDNS options (IANA «DNS EDNS0 Option Codes»). */
export const OPTION = {
  nsid: 3,
  clientSubnet: 8,
  cookie: 10,
  keepalive: 11,
  padding: 12,
  extendedError: 15,
} as const

/** The octets of one option. */
export const option = (code: number, data: Iterable<number> = []): number[] => {
  const octets = [...data]
  return [code >> 8, code & 255, octets.length >> 8, octets.length & 255, ...octets]
}

/** The data of a reply's options by code; null when it has no OPT record. */
export function optionsOf(reply: Message): ReadonlyMap<number, Buffer> | null {
  const { additionals = [] } = dnsPacket.decode(reply.octets)
  const opt = additionals.find((record) => record.type === 'OPT')
  if (opt === undefined) return null
  const options = (opt as unknown as { options: { code: number; data: Buffer }[] }).options
  return new Map(options.map(({ code, data }) => [code, data]))
}

/** A reply's extended error (RFC 8914), null where there is none. */
export function extendedError(reply: Message): number | null {
  return optionsOf(reply)?.get(OPTION.extendedError)?.readUInt16BE(0) ?? null
}
