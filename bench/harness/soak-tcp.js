// TCP clients that come and go: most ask and read, some are slow, and some go away in the middle.

import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Clients at a time. */
const CLIENTS = 16

/** Milliseconds between two visits of a client: enough of them to be a nuisance, too few to be the load. */
const PAUSE = 10

/** Milliseconds after which an answer is missing. */
const PATIENCE = 5000

/** @typedef {{ connections: number, sent: number, right: number, wrong: number, lost: number }} TcpCounts */

/**
 * Lets clients come and go until told to stop.
 *
 * @param {object} options
 * @param {number} options.port of 127.0.0.1
 * @param {Uint8Array[]} options.queries
 * @param {Buffer[][]} options.replies to the queries, by each of the services
 * @param {AbortSignal} options.signal
 * @param {TcpCounts} options.counts
 */
export async function churn(options) {
  await Promise.all(Array.from({ length: CLIENTS }, (_, client) => comeAndGo(client, options)))
}

async function comeAndGo(client, { port, queries, replies, signal, counts }) {
  for (let visit = client; !signal.aborted; visit += CLIENTS) {
    const numbers = Array.from({ length: 1 + (visit % 8) }, (_, i) => (visit * 8 + i) % queries.length)
    const messages = numbers.map((i) => framed(queries[i]))
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    // An error shows in what is missing.
    socket.on('error', () => {})
    counts.connections++
    try {
      await once(socket, 'connect')
    } catch {
      counts.lost++
      continue
    }
    switch (visit % 10) {
      case 0:
        socket.write(messages[0].subarray(0, 20))
        break
      case 1:
        for (let n = 0; n < 50; n++) socket.write(messages[0])
        break
      case 2:
        socket.write(Buffer.from([0, 5, 1, 2, 3, 4, 5]))
        break
      default:
        counts.sent += numbers.length
        await ask(socket, messages, visit)
        countReplies(await readAll(socket, numbers.length), numbers, replies, counts)
    }
    socket.destroy()
    await sleep(PAUSE)
  }
}

/** Sends queries at once, octet by octet, or with an end behind them. */
async function ask(socket, messages, visit) {
  if (visit % 10 === 3) {
    for (const octet of messages[0]) {
      socket.write(Uint8Array.of(octet))
      await new Promise((resolve) => setImmediate(resolve))
    }
    socket.write(Buffer.concat(messages.slice(1)))
  } else socket.write(Buffer.concat(messages))
  if (visit % 10 === 4) socket.end()
}

/** The replies that come until there are so many or none comes any more. */
async function readAll(socket, count) {
  const replies = []
  let octets = Buffer.alloc(0)
  const timer = setTimeout(() => socket.destroy(), PATIENCE)
  try {
    for await (const more of socket) {
      octets = Buffer.concat([octets, more])
      while (octets.length >= 2 && octets.length >= 2 + octets.readUInt16BE(0)) {
        const end = 2 + octets.readUInt16BE(0)
        replies.push(octets.subarray(2, end))
        octets = octets.subarray(end)
      }
      if (replies.length === count) break
    }
  } catch {
    // What has not come is lost.
  }
  clearTimeout(timer)
  return replies
}

function countReplies(received, numbers, replies, counts) {
  counts.lost += numbers.length - received.length
  for (const [n, reply] of received.entries()) {
    const isRight = replies.some((service) => service[numbers[n]].equals(reply))
    counts[isRight ? 'right' : 'wrong']++
  }
}

function framed(message) {
  return Buffer.concat([Uint8Array.of(message.length >>> 8, message.length & 255), message])
}
