// Headers of the PROXY protocol, version 2, as a proxy writes them: apart from the code under test.

import { isIPv4 } from 'node:net'
import { addressOctets } from '../../src/system/listen-address.ts'

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')

/** What a header says. */
export interface HeaderOptions {
  readonly protocol?: 'udp' | 'tcp'
  /** Octets after the addresses. */
  readonly tlvs?: Uint8Array
}

/** The header for a client. */
export function proxied(
  client: string,
  { protocol = 'udp', tlvs = Buffer.alloc(0) }: HeaderOptions = {},
): Buffer {
  const family = isIPv4(client) ? 4 : 6
  const address = addressOctets({ host: client, port: 0, family })
  const body = Buffer.concat([address, new Uint8Array(address.length), Buffer.from('b88919a4', 'hex'), tlvs])
  const familyAndProtocol = (family === 4 ? 0x10 : 0x20) | (protocol === 'tcp' ? 1 : 2)
  return Buffer.concat([SIGNATURE, head(0x21, familyAndProtocol, body.length), body])
}

/** The header of a proxy's own queries, with octets that say nothing. */
export function local(rest: Uint8Array = Buffer.alloc(0), familyAndProtocol = 0): Buffer {
  return Buffer.concat([SIGNATURE, head(0x20, familyAndProtocol, rest.length), rest])
}

/** The four octets between signature and addresses. */
export const head = (command: number, familyAndProtocol: number, length: number): Buffer =>
  Buffer.from([command, familyAndProtocol, length >> 8, length & 255])

/** A header of any parts. */
export const rawHeader = (
  command: number,
  familyAndProtocol: number,
  length: number,
  rest: Uint8Array,
): Buffer => Buffer.concat([SIGNATURE, head(command, familyAndProtocol, length), rest])
