// Asks a server over UDP, as a client that knows nothing of how it is built: dns2.

import { parseListenAddress } from '../system/listen-address.ts'
import type { ASKED_TYPES } from '../zones/record-type.ts'

/** What dns2 gives for a record, as far as it is used. */
export interface AnswerRecord {
  readonly address?: string
  readonly data?: string | readonly string[]
  readonly ns?: string
  readonly primary?: string
  readonly admin?: string
  readonly serial?: number
  readonly refresh?: number
  readonly retry?: number
  readonly expiration?: number
  readonly minimum?: number
}

/** A reply. */
export interface ServerReply {
  readonly rcode: number
  readonly answers: readonly AnswerRecord[]
}

/**
 * Asks one question.
 *
 * @param server such as `127.0.0.1:5300`
 * @throws {Error} with a short reason when no reply comes in time.
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when `server` is not an address and port.
 */
export async function askServer(
  server: string,
  name: string,
  type: (typeof ASKED_TYPES)[number],
  timeout: number,
): Promise<ServerReply> {
  const { host, port, family } = parseListenAddress(server, 'server')
  const { default: dns2 } = await import('dns2')
  const ask = dns2.UDPClient({ dns: host, port, socketType: family === 4 ? 'udp4' : 'udp6', timeout })
  const { header, answers } = await ask(name.replace(/\.$/, ''), type)
  return { rcode: header.rcode, answers: answers as AnswerRecord[] }
}
