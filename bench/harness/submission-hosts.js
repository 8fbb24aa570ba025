// Mail servers that ask policy servers at a given rate, whatever those do: each request has its time, and takes the next
// connection that is free, as one of many smtpd processes does. One that is closed is opened again.

import { connect } from 'node:net'

/** Milliseconds that a mail server waits for an answer: the `timeout` of the recipe for Postfix. */
export const PATIENCE = 10_000

/** Milliseconds before a connection that was refused is tried again. */
const AGAIN = 100

/** @typedef {'DUNNO' | 'REJECT' | 'DEFER' | 'closed' | 'none' | string} Kind the first word of an answer */

/**
 * What became of a request. Times are milliseconds since the first was due.
 *
 * @typedef {{ due: number, answered: number, kind: Kind }} Outcome
 */

/**
 * Asks.
 *
 * @param {object} options
 * @param {readonly number[]} options.ports of the policy servers, in turns
 * @param {number} options.connections to each of them
 * @param {readonly string[]} options.requests
 * @param {number} options.rate requests per second
 * @returns {Promise<Outcome[]>} in the order of the requests
 */
export async function askAtRate({ ports, connections, requests, rate }) {
  const started = performance.now()
  /** @type {Outcome[]} */
  const outcomes = requests.map((_, i) => ({ due: (i * 1000) / rate, answered: 0, kind: 'none' }))
  const queues = ports.map(() => /** @type {number[]} */ ([]))
  const pools = ports.map((port, at) =>
    Array.from({ length: connections }, () => new Smtpd(port, requests, settle, () => hand(at))),
  )
  let open = requests.length
  let finish = () => {}
  const finished = new Promise((resolve) => {
    finish = () => resolve(undefined)
  })

  function settle(index, kind) {
    const outcome = outcomes[index]
    outcome.answered = performance.now() - started
    outcome.kind = kind
    if (--open === 0) finish()
  }

  /** Gives waiting requests to connections that are free. */
  function hand(at) {
    const queue = queues[at]
    const now = performance.now() - started
    while (queue.length > 0 && now - outcomes[queue[0]].due > PATIENCE) settle(queue.shift(), 'none')
    for (const smtpd of pools[at]) {
      if (queue.length === 0) return
      if (smtpd.isFree) smtpd.ask(/** @type {number} */ (queue.shift()))
    }
  }

  let next = 0
  const clock = setInterval(() => {
    const now = performance.now() - started
    for (; next < requests.length && outcomes[next].due <= now; next++) queues[next % ports.length].push(next)
    for (const at of ports.keys()) hand(at)
  }, 2)
  await finished
  clearInterval(clock)
  for (const pool of pools) for (const smtpd of pool) smtpd.end()
  return outcomes
}

/** A connection with one request on its way at a time. */
class Smtpd {
  #socket = null
  #index = -1
  #pending = ''
  #timer = null
  #isConnected = false
  #hasEnded = false

  constructor(port, requests, settle, onFree) {
    this.port = port
    this.requests = requests
    this.settle = settle
    this.onFree = onFree
    this.#open()
  }

  get isFree() {
    return this.#isConnected && this.#index < 0
  }

  ask(index) {
    this.#index = index
    this.#timer = setTimeout(() => {
      this.#done('none')
      this.#socket?.destroy()
    }, PATIENCE)
    this.#socket.write(this.requests[index])
  }

  end() {
    this.#hasEnded = true
    this.#socket?.destroy()
  }

  #open() {
    const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true })
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('connect', () => {
      this.#isConnected = true
      this.onFree()
    })
    socket.on('data', (text) => {
      this.#pending += text
      if (!this.#pending.endsWith('\n\n')) return
      this.#done(/^action=(\S+)/.exec(this.#pending)?.[1].toUpperCase() ?? this.#pending.slice(0, 40))
      this.onFree()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#isConnected = false
      if (this.#index >= 0) this.#done('closed')
      if (!this.#hasEnded) setTimeout(() => !this.#hasEnded && this.#open(), AGAIN)
    })
  }

  #done(kind) {
    clearTimeout(this.#timer)
    const index = this.#index
    this.#index = -1
    this.#pending = ''
    if (index >= 0) this.settle(index, kind)
  }
}
