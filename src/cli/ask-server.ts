// Asks a server over UDP, as a client that knows nothing of how it is built: dns2.

import { randomInt } from 'node:crypto'
import type { AccessList } from '../dns/access-list.ts'
import { parseListenAddress } from '../system/listen-address.ts'
import type { ASKED_TYPES } from '../zones/record-type.ts'
import { askAsProxy, isProxyTo } from './ask-as-proxy.ts'

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
 * @param proxies who must say to the server for whom it asks; null where nobody must, or nobody knows
 * @throws {Error} with a short reason when no reply comes in time.
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when `server` is not an address and port.
 */
export async function askServer(
  server: string,
  name: string,
  type: (typeof ASKED_TYPES)[number],
  timeout: number,
  proxies: AccessList | null = null,
): Promise<ServerReply> {
  const address = parseListenAddress(server, 'server')
  const { host, port, family } = address
  const { default: dns2 } = await import('dns2')
  if (proxies !== null && (await isProxyTo(address, proxies))) {
    const query = new dns2.Packet()
    query.header.id = randomInt(65536)
    const { CLASS, Question, TYPE } = dns2.Packet
    query.questions.push(new Question(name.replace(/\.$/, ''), TYPE[type], CLASS.IN))
    const reply = dns2.Packet.parse(await askAsProxy(address, query.toBuffer(), timeout))
    return { rcode: reply.header.rcode, answers: reply.answers as AnswerRecord[] }
  }
  const ask = dns2.UDPClient({ dns: host, port, socketType: family === 4 ? 'udp4' : 'udp6', timeout })
  const { header, answers } = await ask(name.replace(/\.$/, ''), type)
  return { rcode: header.rcode, answers: answers as AnswerRecord[] }
}
