// Asks a policy server as Postfix does: over some connections, each with one request on its way at a time.

import { once } from 'node:events'
import { connect } from 'node:net'
import { percentile } from './statistics.js'

/** How many accounts ask, and from how many addresses each. */
const USERS = 1000
const ADDRESSES = 10

/** The end of each answer. */
const END = '\n\n'

/** Milliseconds after which a server that doesn't answer has failed. */
const GIVE_UP_AFTER = 30_000

/**
 * Requests of accounts that ask from ten addresses each, in an order that differs from one seed to the next.
 *
 * @param {number} count
 * @param {number} seed
 * @param {{ users?: number, addresses?: number }} [spread] how many accounts, and addresses of each
 * @returns {string[]}
 */
export function policyRequests(count, seed, { users = USERS, addresses = ADDRESSES } = {}) {
  let state = seed >>> 0
  // xorshift32: the same requests for every server.
  const random = (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
  return Array.from({ length: count }, (_, i) => {
    return policyRequest(random(users), random(addresses), `${seed}.${i}`)
  })
}

/**
 * A request as Postfix 3.7 writes it.
 *
 * @param {number} user
 * @param {number} address which one of the account's addresses
 * @param {string} instance
 */
export function policyRequest(user, address, instance) {
  // An account's addresses lie together, so that few countries count: 1.0.0.0 and up, 64 for each account.
  const value = 0x01_00_00_00 + user * 64 + address
  const client = [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.')
  const attributes = [
    'request=smtpd_access_policy',
    'protocol_state=RCPT',
    'protocol_name=ESMTP',
    `client_address=${client}`,
    'client_name=unknown',
    'client_port=47788',
    'reverse_client_name=unknown',
    'server_address=127.0.0.1',
    'server_port=587',
    'helo_name=client',
    `sender=user${user}@example.com`,
    'recipient=a@remote.example',
    'recipient_count=1',
    'queue_id=',
    `instance=${instance}`,
    'size=0',
    'etrn_domain=',
    'stress=',
    'sasl_method=PLAIN',
    `sasl_username=user${user}@example.com`,
    'sasl_sender=',
    'ccert_subject=',
    'ccert_issuer=',
    'ccert_fingerprint=',
    'ccert_pubkey_fingerprint=',
    'encryption_protocol=TLSv1.3',
    'encryption_cipher=TLS_AES_256_GCM_SHA384',
    'encryption_keysize=256',
    'policy_context=submission',
  ]
  return `${attributes.join('\n')}${END}`
}

/**
 * Sends requests and waits for each answer.
 *
 * @param {object} options
 * @param {number} options.port of 127.0.0.1
 * @param {number} options.connections
 * @param {readonly string[]} options.requests
 * @param {number} [options.rate] requests per second; without it as many as the server answers
 * @returns {Promise<{ rate: number, p50: number, p99: number, answers: Map<string, number> }>} decisions per second,
 *   latencies in microseconds, and how often each answer's first word came
 * @throws {Error} when the server closes a connection, or doesn't answer for half a minute
 */
export async function askPolicy({ port, connections, requests, rate }) {
  const latencies = new Float64Array(requests.length)
  /** @type {Map<string, number>} */
  const answers = new Map()
  let next = 0
  const started = performance.now()
  const due = (index) => (rate === undefined ? 0 : started + (index * 1000) / rate)

  async function run() {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    await new Promise((done, failed) => {
      let sent = 0
      let pending = ''
      let index = 0
      const send = () => {
        if (next === requests.length) {
          done(undefined)
          return
        }
        index = next++
        const wait = due(index) - performance.now()
        if (wait > 1) setTimeout(write, wait)
        else write()
      }
      const write = () => {
        sent = performance.now()
        socket.write(requests[index])
      }
      socket.setEncoding('latin1')
      socket.setTimeout(GIVE_UP_AFTER, () => failed(new Error('no answer')))
      socket.on('error', failed)
      socket.on('close', () => failed(new Error('closed by the server')))
      socket.on('data', (text) => {
        pending += text
        if (!pending.endsWith(END)) return
        latencies[index] = (performance.now() - sent) * 1000
        const word = /^action=(\S+)/.exec(pending)?.[1].toUpperCase() ?? pending.slice(0, 40)
        answers.set(word, (answers.get(word) ?? 0) + 1)
        pending = ''
        send()
      })
      send()
    })
    socket.removeAllListeners('close')
    socket.destroy()
  }

  await Promise.all(Array.from({ length: connections }, run))
  const seconds = (performance.now() - started) / 1000
  const sorted = Array.from(latencies)
  return {
    rate: requests.length / seconds,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    answers,
  }
}
