// Asks a server, as a client that knows nothing of how it is built: dns2 writes the query and reads the reply.

import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { on, once } from 'node:events'
import { connect } from 'node:net'
import type { AccessList } from '../dns/access-list.ts'
import { LOCAL_HEADER } from '../dns/proxy-header.ts'
import { holdsAddress } from '../server/client-address.ts'
import { type ListenAddress, parseListenAddress } from '../system/listen-address.ts'
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
 * Asks one question over UDP, and again over TCP where there was no room for the answer.
 *
 * @param server such as `127.0.0.1:5300`
 * @param timeout milliseconds that all of it may take
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
  const { default: dns2 } = await import('dns2')
  const query = new dns2.Packet()
  query.header.id = randomInt(65536)
  query.header.rd = 1
  const { CLASS, Question, TYPE } = dns2.Packet
  query.questions.push(new Question(name.replace(/\.$/, ''), TYPE[type], CLASS.IN))
  const octets = query.toBuffer()
  const signal = AbortSignal.timeout(timeout)
  try {
    let reply = dns2.Packet.parse(await overUdp(address, octets, proxies, signal))
    if (reply.header.tc) reply = dns2.Packet.parse(await overTcp(address, octets, proxies, signal))
    return { rcode: reply.header.rcode, answers: reply.answers as AnswerRecord[] }
  } catch (cause) {
    throw signal.aborted ? new Error(`waited ${timeout / 1000} s`, { cause }) : whyNot(cause as Error)
  }
}

/** What comes before a query: a proxy says that it asks for itself. */
const headerFrom = (own: string, proxies: AccessList | null): Uint8Array =>
  proxies !== null && holdsAddress(proxies, own) ? LOCAL_HEADER : new Uint8Array(0)

/** Octets of a header, and the bit of a response in the third of them (RFC 1035 4.1.1). */
const HEADER_OCTETS = 12
const RESPONSE = 0x80

/** Whether a message is a reply to a query, by its number. */
const isReply = (message: Buffer, query: Buffer): boolean =>
  message.length >= HEADER_OCTETS &&
  message.readUInt16BE(0) === query.readUInt16BE(0) &&
  (message[2] & RESPONSE) !== 0

/** The reply to a query; what isn't one is passed over, whoever has sent it. */
async function overUdp(
  { host, port, family }: ListenAddress,
  query: Buffer,
  proxies: AccessList | null,
  signal: AbortSignal,
): Promise<Buffer> {
  const socket = createSocket(family === 4 ? 'udp4' : 'udp6')
  try {
    // To who is connected the system says when nobody listens there.
    socket.connect(port, host)
    await once(socket, 'connect', { signal })
    const messages = on(socket, 'message', { signal })
    socket.send([headerFrom(socket.address().address, proxies), query])
    for await (const [message] of messages as AsyncIterable<[Buffer]>) {
      if (isReply(message, query)) return message
    }
    throw new Error('the socket was closed')
  } finally {
    socket.close()
  }
}

/** The same, a length of two octets before each of both (RFC 1035 4.2.2). */
async function overTcp(
  { host, port }: ListenAddress,
  query: Buffer,
  proxies: AccessList | null,
  signal: AbortSignal,
): Promise<Buffer> {
  const socket = connect({ host, port, signal })
  try {
    await once(socket, 'connect', { signal })
    const length = Buffer.of(query.length >>> 8, query.length)
    socket.write(Buffer.concat([headerFrom(socket.localAddress ?? '', proxies), length, query]))
    let received = Buffer.alloc(0)
    for await (const octets of socket as AsyncIterable<Buffer>) {
      received = Buffer.concat([received, octets])
      if (received.length > 1 && received.length - 2 >= received.readUInt16BE(0)) {
        const reply = received.subarray(2, 2 + received.readUInt16BE(0))
        if (isReply(reply, query)) return reply
        throw new Error('what it says is no reply to the query')
      }
    }
    throw new Error('the connection was closed before')
  } finally {
    socket.destroy()
  }
}

function whyNot(error: NodeJS.ErrnoException): Error {
  return error.code === 'ECONNREFUSED' ? new Error('nobody listens there', { cause: error }) : error
}
