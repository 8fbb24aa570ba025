// Asks a server over UDP, and reads what it says: is it up, and does it say what asnzone says?

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { decode } from 'dns-packet'
import { composeQuery } from './questions.js'

/** How long a server may take over one reply, in milliseconds. */
const PATIENCE = 2000

/**
 * The first TXT record of a reply, its strings joined; '' when it has none.
 *
 * @param {Uint8Array} reply
 */
export function textOf(reply) {
  const { answers } = decode(reply)
  return answers.length === 0 ? '' : answers[0].data.map(String).join('')
}

/**
 * What a reply says, without what servers may do differently: RCODE, and the answer section with its TTLs.
 *
 * @param {Uint8Array} reply
 */
export function meaningOf(reply) {
  const { rcode, answers } = decode(reply)
  return [
    rcode,
    ...answers.map(({ name, type, ttl, data }) => `${name.toLowerCase()} ${ttl} ${type} ${data}`),
  ].join('\n')
}

/**
 * The TTL of the first answer.
 *
 * @param {Uint8Array} reply
 */
export const ttlOf = (reply) => decode(reply).answers[0].ttl

/**
 * Asks questions one after the other.
 *
 * @param {number} port
 * @param {import('./questions.js').Question[]} questions
 * @returns {Promise<Buffer[]>} the replies
 */
export async function ask(port, questions) {
  const socket = createSocket('udp4')
  socket.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  try {
    const replies = []
    for (const [i, question] of questions.entries()) {
      const reply = once(socket, 'message', { signal: AbortSignal.timeout(PATIENCE) })
      socket.send(composeQuery(question, { id: i & 0xffff }))
      replies.push((await reply)[0])
    }
    return replies
  } finally {
    socket.close()
  }
}
