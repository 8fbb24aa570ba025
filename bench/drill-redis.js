// npm run drill:redis: two asnzones share a Redis whose primary is killed while both are asked.
//
// Mail servers ask at a steady rate for a minute. Each request is of an account from an address that it has not come from
// before, so that each that passes is one entry in Redis. In the middle the primary dies, and the Sentinels make one of the
// replicas the new one. At the end what was answered is compared with what the new primary knows: what it lacks was lost,
// what it has twice was counted twice.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BUILT_ASNZONE, readOptions, refuse } from './harness/options.js'
import { asnzoneCommand } from './harness/peers.js'
import { askPolicy, policyRequest } from './harness/policy-client.js'
import { freePort, startProcess } from './harness/processes.js'
import { MASTER, primaryOf, readHashes, startRedisWithSentinels } from './harness/redis.js'
import { describeMachine, printMachine, printTable, writeResults } from './harness/report.js'
import { percentile } from './harness/statistics.js'
import { askAtRate } from './harness/submission-hosts.js'
import { temporaryDirectory } from './harness/temporary.js'

const PREFIX = 'asnzone:policy:'

/** Accounts of which each request comes at about the same time, addresses of each, and how many of those may be. */
const TOGETHER = 400
const ADDRESSES = 40
const LIMIT = 30

/** Milliseconds before the death of the primary in which an answer may have been given that no replica had heard of. */
const REPLICATION = 1000

/**
 * What the longest answer may take, in times of `timeout`: one until a connection is free, one of the request that tries
 * whether the store is there again, and one for a machine that is busy.
 */
const LONGEST = 3

const HELP = `Usage: npm run drill:redis -- [options]
  --rate N         requests per second, of both together (2000)
  --seconds S      how long (60)
  --connections N  to each asnzone (100)
  --down-after MS  silence after which Sentinels take the primary for gone (2000)
  --timeout S      policy.timeout, in seconds (1)
  --hang           stop the primary instead of killing it: it keeps its connections
  --asnzone FILE   the main.js to try (dist/cli/main.js)
  --json FILE      where the results go (a new file in bench/results/)`

const options = readOptions(HELP, {
  rate: 2000,
  seconds: 60,
  connections: 100,
  'down-after': 2000,
  timeout: 1,
  hang: false,
  asnzone: BUILT_ASNZONE,
  json: '',
})
if (!Number.isInteger(options.timeout)) refuse(`--timeout ${options.timeout}: whole seconds`, HELP)
const machine = await describeMachine()
printMachine(machine)
const directory = temporaryDirectory()
const redis = await startRedisWithSentinels({ directory, downAfter: options['down-after'] })
const hosts = [await startHost(0), await startHost(1)]
const plan = makePlan(options.rate * options.seconds)
console.log(`${options.rate} requests per second over two hosts for ${options.seconds} s`)

const started = performance.now()
const asking = askAtRate({
  ports: hosts.map(({ port }) => port),
  connections: options.connections,
  requests: plan.map(({ user, address }, i) => policyRequest(user, address, `d.${i}`)),
  rate: options.rate,
})
await sleep(options.seconds * 500)
const diedAt = performance.now() - started
process.kill(redis.primary.pid, options.hang ? 'SIGSTOP' : 'SIGKILL')
const electing = Promise.all(redis.sentinels.map(namesAnother))
const outcomes = await asking
const electedAt = (await electing).sort((a, b) => a - b)
const accounts = await readHashes(await primaryOf(redis.sentinels[0].port), `${PREFIX}{`)
const found = compare()
await stop()
print()

/** When a Sentinel names another primary than the one that died. */
async function namesAnother({ port }) {
  while ((await primaryOf(port)) === redis.primary.port) await sleep(20)
  return performance.now() - started
}

/** An asnzone on that Redis. */
async function startHost(number) {
  const port = await freePort()
  const dnsPort = await freePort()
  const config = join(directory, `host${number}.yaml`)
  const sentinels = redis.sentinels.map((it) => `127.0.0.1:${it.port}`).join(', ')
  writeFileSync(
    config,
    `policy:
  listen: ["127.0.0.1:${port}"]
  store: redis://127.0.0.1
  redis: { sentinels: [${sentinels}], master: ${MASTER} }
  limits: { countries: off, ips: ${LIMIT} }
  on-error: defer
  timeout: ${options.timeout}s
`,
  )
  const dataDirectory = join(directory, `data${number}`)
  const command = [
    ...asnzoneCommand({ asnzone: options.asnzone, port: dnsPort, dataDirectory }),
    '--config',
    config,
  ]
  const log = join(directory, `host${number}.log`)
  return {
    ...(await startProcess({ command, directory, port, core: null, ready: () => firstAnswer(port), log })),
    log,
  }
}

/** Asks until there is an answer by the store. */
async function firstAnswer(port) {
  for (;;) {
    try {
      const { answers } = await askPolicy({
        port,
        connections: 1,
        requests: [policyRequest(100_000, 0, `${port}`)],
      })
      if (answers.has('DUNNO')) return
    } catch (error) {
      if (!/ECONNREFUSED|closed by/.test(String(error))) throw error
    }
    await sleep(50)
  }
}

/** Who asks from where, in order: accounts in groups, and the requests of a group in any order. */
function makePlan(count) {
  let state = 2026
  const random = (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
  const requests = []
  for (let group = 0; requests.length < count; group++) {
    const ours = Array.from({ length: TOGETHER * ADDRESSES }, (_, i) => ({
      user: group * TOGETHER + Math.floor(i / ADDRESSES),
      address: i % ADDRESSES,
    }))
    for (let i = ours.length - 1; i > 0; i--) {
      const j = random(i + 1)
      ;[ours[i], ours[j]] = [ours[j], ours[i]]
    }
    requests.push(...ours)
  }
  return requests.slice(0, count)
}

/** What was answered against what the new primary knows. */
function compare() {
  const sums = { counted: 0, lost: 0, lostEarly: 0, unknown: 0, blocks: 0, blocksLost: 0, twice: 0, over: 0 }
  const passed = new Map()
  const refused = new Set()
  for (const [i, { kind, answered }] of outcomes.entries()) {
    const { user, address } = plan[i]
    const name = `user${user}@example.com`
    const entry = accounts.get(`${name}}`)?.get(`i:${addressOf(user, address)}`)
    const isCounted = entry?.endsWith(',0') === true
    if (kind === 'DUNNO') {
      passed.set(name, (passed.get(name) ?? 0) + 1)
      sums.counted++
      if (!isCounted) {
        sums.lost++
        if (answered < diedAt - REPLICATION || answered > diedAt + REPLICATION) sums.lostEarly++
      }
    } else if (kind === 'REJECT') refused.add(name)
    else if (entry !== undefined) sums.unknown++
  }
  sums.blocks = refused.size
  for (const name of refused) if (!accounts.get(`${name}}`)?.has('b')) sums.blocksLost++
  for (const count of passed.values()) if (count > LIMIT) sums.over++
  for (const fields of accounts.values()) {
    const entries = [...fields.keys()].filter((field) => field.startsWith('i:')).length
    const requests = Number(fields.get('s')?.split(',')[2])
    if (requests > entries) sums.twice += requests - entries
  }
  return sums
}

function addressOf(user, address) {
  return /^client_address=(.*)$/m.exec(policyRequest(user, address, ''))?.[1] ?? ''
}

async function stop() {
  for (const host of hosts) await host.stop()
  if (options.hang) process.kill(redis.primary.pid, 'SIGCONT')
  await redis.stop()
}

function print() {
  const kinds = [...new Set(outcomes.map(({ kind }) => kind))].sort()
  const deferred = outcomes.filter(({ kind }) => kind !== 'DUNNO' && kind !== 'REJECT')
  const lastDeferred = Math.max(diedAt, ...deferred.map(({ answered }) => answered))
  const parts = {
    'answered before its death': ({ answered }) => answered < diedAt,
    'under way when it died': ({ due, answered }) => due < diedAt && answered >= diedAt,
    'came until the last that was deferred': ({ due }) => due >= diedAt && due <= lastDeferred,
    'came afterwards': ({ due }) => due > lastDeferred,
  }
  printTable(
    ['requests', 'how many', ...kinds, 'p50 ms', 'p99 ms', 'longest ms'],
    Object.entries(parts).map(([part, isOf]) => {
      const own = outcomes.filter(isOf)
      const times = own.map(({ due, answered }) => answered - due)
      const counts = kinds.map((kind) => String(own.filter((it) => it.kind === kind).length))
      const figures = [percentile(times, 0.5), percentile(times, 0.99), percentile(times, 1)]
      return [part, String(own.length), ...counts, ...figures.map((it) => it.toFixed(1))]
    }),
  )
  const seconds = (ms) => (ms / 1000).toFixed(2)
  const [first, last] = [seconds(electedAt[0]), seconds(electedAt.at(-1) ?? 0)]
  console.log(
    `\nThe primary ${options.hang ? 'was stopped' : 'died'} at ${seconds(diedAt)} s. The first Sentinel named another at ${first} s, the last at ${last} s.`,
  )
  console.log(
    `The last request that was not answered by the store was answered at ${seconds(lastDeferred)} s.\n`,
  )
  printTable(
    ['of the requests', 'how many'],
    [
      ['passed, each to be one entry', found.counted],
      ['of these lost: the new primary lacks them', found.lost],
      [`lost though answered more than ${REPLICATION} ms before or after the death`, found.lostEarly],
      ['counted though they were not answered by the store', found.unknown],
      ['counted twice', found.twice],
      ['accounts that were refused', found.blocks],
      ['of these not blocked on the new primary', found.blocksLost],
      [`accounts that passed more than ${LIMIT} times, because counts were lost`, found.over],
    ].map(([what, count]) => [String(what), String(count)]),
  )
  const longest = Math.max(...outcomes.map(({ due, answered }) => answered - due))
  const complaints = [
    outcomes.some(({ kind }) => kind === 'none' || kind === 'closed') && 'requests without an answer',
    outcomes.at(-1)?.kind === 'DEFER' && 'the last request was deferred still',
    longest > options.timeout * 1000 * LONGEST && `an answer took ${longest.toFixed(0)} ms`,
    found.lostEarly > 0 && 'answers were lost that replicas had',
    found.twice > 0 && 'requests were counted twice',
  ].filter((complaint) => complaint !== false)
  for (const complaint of complaints) console.log(`\nFAULT: ${complaint}`)
  writeResults(options.json, 'drill-redis', {
    machine,
    options,
    diedAt,
    electedAt,
    lastDeferred,
    found,
    complaints,
  })
  process.exitCode = complaints.length > 0 ? 1 : 0
}
