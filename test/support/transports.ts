// The ways a query reaches the responder, behind one interface, so that one suite of tests can use them all.

import { createSocket } from 'node:dgram'
import { REPLY_CAPACITY } from '../../src/dns/reply-capacity.ts'
import { type Responder, TRANSPORT } from '../../src/dns/responder.ts'
import { readClock } from '../../src/server/clock.ts'
import { CLASS, query, questionOf, TYPE } from './message.ts'
import { TcpClient } from './tcp-client.ts'

/** Where a server listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** Carries queries to a responder. */
export interface Transport {
  /** Which limits on the length of a reply hold. */
  readonly kind: 'udp' | 'tcp'
  /**
   * Sends the queries in order and gives all replies. A last query, whose reply is not among them, tells when
   * no more can come: silence is seen without waiting for it.
   */
  exchange(queries: readonly Uint8Array[]): Promise<Buffer[]>
}

/** A question that every server answers with REFUSED, and that no test asks. */
const LAST_QUERY = query('last.query.of.an.exchange', { id: 0xfffe, type: TYPE.PTR, class: CLASS.IN })

/** A responder in this process, without a socket. */
export function inProcess(responder: Responder, kind: 'udp' | 'tcp'): Transport {
  return {
    kind,
    exchange: async (queries) => queries.flatMap((octets) => respond(responder, octets, kind) ?? []),
  }
}

/** The reply of a responder to one query, null for silence. */
export function respond(responder: Responder, octets: Uint8Array, kind: 'udp' | 'tcp'): Buffer | null {
  const packet = Buffer.alloc(Math.max(REPLY_CAPACITY, octets.length))
  packet.set(octets)
  readClock(responder.now)
  const length = responder.respond(packet, 0, octets.length, TRANSPORT[kind])
  return length === 0 ? null : packet.subarray(0, length)
}

/** A running server over UDP; each exchange has a socket, and so a port, of its own. */
export function overUdp({ host, port }: Address): Transport {
  return {
    kind: 'udp',
    exchange: (queries) =>
      new Promise((resolve, reject) => {
        const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
        const replies: Buffer[] = []
        socket.once('error', reject)
        socket.on('message', (reply) => {
          if (!isLastReply(reply)) {
            replies.push(reply)
            return
          }
          socket.close()
          resolve(replies)
        })
        socket.connect(port, host, () => {
          for (const octets of [...queries, LAST_QUERY]) socket.send(octets)
        })
      }),
  }
}

/** A running server over TCP; each exchange has a connection of its own. */
export function overTcp(address: Address): Transport {
  return {
    kind: 'tcp',
    exchange: async (queries) => {
      const client = await TcpClient.connect(address)
      try {
        for (const octets of [...queries, LAST_QUERY]) client.send(octets)
        const replies: Buffer[] = []
        for (;;) {
          const reply = await client.receive()
          if (reply === null) throw new Error('the server closed the connection')
          if (isLastReply(reply)) return replies
          replies.push(reply)
        }
      } finally {
        client.destroy()
      }
    },
  }
}

function isLastReply(reply: Buffer): boolean {
  return (
    reply.length >= LAST_QUERY.length && questionOf(LAST_QUERY).equals(reply.subarray(12, LAST_QUERY.length))
  )
}
