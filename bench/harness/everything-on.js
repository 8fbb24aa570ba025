// What everything costs DNS: pages, metrics, statistics, a query log of one in a hundred, learning and the policy service, which is
// asked meanwhile, beside a server with nothing but DNS and a program that says DUNNO. It is the thread that answers DNS
// over UDP whose time counts: what the others do for their own sake takes none of it.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dnsperfCommand, runDnsperf, writeQuestions } from './dnsperf.js'
import { answersPolicy, startDunno } from './dunno-control.js'
import { Scraper, untilAlive } from './metrics.js'
import { asnzoneCommand } from './peers.js'
import { askPolicy, policyRequests } from './policy-client.js'
import { CORES, freePort, startServer } from './processes.js'
import { composeQuery, mixedQuestions } from './questions.js'
import { median } from './statistics.js'
import { busiestDuring, threadTime } from './threads.js'

/** Policy requests per second, and connections of the mail server. */
const REQUESTS = 2000
const CONNECTIONS = 8

/** Verdicts per second, in requests of ten. */
const VERDICTS = 100

/** Milliseconds between two visits of Prometheus; it is set to 15 seconds or more. */
const SCRAPE_EVERY = 5000

/** Seconds that a server is asked before anything is measured, so that its code is compiled. */
const WARM_UP = 3

const TOKEN = '6d0f5c2b9a8e47139b7c1e5d3f2a8064'

const EXAMPLE = composeQuery({ name: '8.8.8.8.geo.asnzone.internal', type: 'TXT' })

/**
 * @typedef {object} Sample
 * @property {number} pair
 * @property {'off' | 'on'} server
 * @property {number} cpu microseconds of the thread that answers, per query
 * @property {number} rate queries per second
 * @property {number} lost
 */

/**
 * Measures pairs of servers, each started anew: one process may be a tenth slower than the next for no other reason
 * than where its code and data lie.
 *
 * @param {object} options
 * @param {string} options.asnzone its main.js
 * @param {string} options.directory for files
 * @param {import('./addresses.js').Addresses} options.addresses
 * @param {number} options.pairs
 * @param {number} options.rounds of each pair
 * @param {number} options.seconds of each measurement
 * @returns {Promise<{ samples: Sample[], ratios: number[], ratio: number }>} on / off of each pair, and their median
 * @throws {Error} when a verdict or a policy request is not taken
 */
export async function measureEverything({ asnzone, directory, addresses, pairs, rounds, seconds }) {
  const questions = join(directory, 'mixed.txt')
  writeQuestions(questions, mixedQuestions(addresses))
  const samples = []
  for (let pair = 0; pair < pairs; pair++) {
    const own = join(directory, `pair${pair}`)
    mkdirSync(own)
    samples.push(...(await measurePair({ pair, own, asnzone, questions, rounds, seconds, addresses })))
  }
  const cpuOf = (pair, server) =>
    median(samples.filter((it) => it.pair === pair && it.server === server).map(({ cpu }) => cpu))
  const ratios = Array.from({ length: pairs }, (_, pair) => cpuOf(pair, 'on') / cpuOf(pair, 'off'))
  return { samples, ratios, ratio: median(ratios) }
}

/** Two servers, one with everything and one without, asked in turn. */
async function measurePair({ pair, own, asnzone, questions, rounds, seconds, addresses }) {
  const off = { name: 'off', ...(await start(own, 'off', asnzone, () => '')) }
  const http = await freePort()
  const policy = await freePort()
  const on = { name: 'on', ...(await start(own, 'on', asnzone, (place) => everything(place, http, policy))) }
  const url = `http://127.0.0.1:${http}`
  await Promise.all([untilAlive(url), answersPolicy(policy)])
  const dunno = await startDunno(own)
  const output = join(own, 'dnsperf.txt')
  const ask = (port, seconds) =>
    runDnsperf(dnsperfCommand({ port, file: questions, edns: true, seconds }), output)

  const scraper = new Scraper(url)
  const visits = setInterval(() => void scraper.scrape(), SCRAPE_EVERY)
  const page = new AbortController()
  const events = follow(`${url}/api/events`, page.signal)
  for (const server of [off, on]) {
    const { thread } = await busiestDuring(server.pid, () => ask(server.port, WARM_UP))
    server.thread = thread
  }
  const samples = []
  for (let round = 0; round < rounds; round++) {
    for (const server of round % 2 === 0 ? [off, on] : [on, off]) {
      const requests = policyRequests(REQUESTS * (seconds + 1), 5000 + round)
      const port = server === on ? policy : dunno.port
      const mail = askPolicy({ port, connections: CONNECTIONS, requests, rate: REQUESTS })
      const stop = server === on ? teach(`${url}/learn`, addresses.v4) : async () => {}
      const began = threadTime(server.pid, server.thread)
      const { completed, rate, lost } = await ask(server.port, seconds)
      const cpu = (threadTime(server.pid, server.thread) - began) / 1000 / completed
      samples.push({ pair, server: server.name, cpu, rate, lost })
      await stop()
      await mail
    }
  }
  clearInterval(visits)
  page.abort()
  await events
  await Promise.all([off.stop(), on.stop(), dunno.stop()])
  return samples
}

async function start(own, id, asnzone, config) {
  const directory = join(own, id)
  mkdirSync(directory)
  const port = await freePort()
  const file = join(directory, 'asnzone.yaml')
  writeFileSync(file, config(directory))
  const command = [
    ...asnzoneCommand({ asnzone, port, dataDirectory: join(directory, 'data') }),
    '--config',
    file,
  ]
  const log = join(directory, 'log')
  return startServer({ command, directory, port, core: CORES.server, query: EXAMPLE, log })
}

function everything(directory, http, policy) {
  return `http: 127.0.0.1:${http}
stats: true
here: 52.52,13.40
query-log: ${join(directory, 'queries.log')}
query-log-every: 100
learn:
  reporters: { bench: ${TOKEN} }
policy:
  listen: ["127.0.0.1:${policy}"]
  limits: { countries: 60, ips: 60 }
`
}

/** Tells verdicts until it is stopped. */
function teach(url, addresses) {
  const headers = { authorization: `Bearer ${TOKEN}` }
  let next = 0
  let going = true
  const tell = async () => {
    while (going) {
      const now = Math.floor(Date.now() / 1000)
      const lines = Array.from({ length: 10 }, () => {
        const verdict = next % 3 === 0 ? 'spam' : 'ham'
        return `${now} ${addresses[next++ % addresses.length]} ${verdict}\n`
      })
      const { status } = await fetch(url, { method: 'POST', headers, body: lines.join('') })
      if (status !== 200) throw new Error(`${url}: ${status}`)
      await new Promise((done) => setTimeout(done, 10_000 / VERDICTS))
    }
  }
  const told = tell()
  return async () => {
    going = false
    await told
  }
}

/** Reads events as an open page does. */
async function follow(url, signal) {
  try {
    const { body } = await fetch(url, { signal })
    for await (const _ of body);
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
