// Redis for a drill: a primary, its replicas, and the Sentinels that watch them, all on loopback.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '@redis/client'
import { freePort, startProcess } from './processes.js'

/** What the Sentinels call the primary. */
export const MASTER = 'accounts'

const REPLICAS = 2
const SENTINELS = 3

/** Sentinels that have to agree that the primary is gone. */
const QUORUM = 2

/** Milliseconds that servers may take to find each other. */
const FIND = 30_000

/** @typedef {import('./processes.js').RunningServer} Server */

/**
 * Starts all of them, and waits until they know each other.
 *
 * @param {object} options
 * @param {string} options.directory
 * @param {number} options.downAfter milliseconds of silence after which a Sentinel takes the primary for gone
 * @returns {Promise<{ primary: Server, replicas: Server[], sentinels: Server[], stop: () => Promise<void> }>}
 */
export async function startRedisWithSentinels({ directory, downAfter }) {
  const primary = await startRedis(join(directory, 'primary'), [])
  const replicaOf = ['--replicaof', '127.0.0.1', String(primary.port), '--repl-diskless-sync-delay', '0']
  const replicas = []
  for (let i = 0; i < REPLICAS; i++)
    replicas.push(await startRedis(join(directory, `replica${i}`), replicaOf))
  for (const { port } of replicas) {
    await until(async () => String(await call(port, 'INFO', 'replication')).includes('link_status:up'))
  }
  const sentinels = []
  for (let i = 0; i < SENTINELS; i++) {
    sentinels.push(await startSentinel(join(directory, `sentinel${i}`), primary.port, downAfter))
  }
  for (const { port } of sentinels) {
    await until(async () => {
      const state = /** @type {string[]} */ (await call(port, 'SENTINEL', 'MASTER', MASTER))
      const of = (name) => state[state.indexOf(name) + 1]
      return of('num-other-sentinels') === String(SENTINELS - 1) && of('num-slaves') === String(REPLICAS)
    })
  }
  const all = [...sentinels, ...replicas, primary]
  return {
    primary,
    replicas,
    sentinels,
    stop: async () => {
      for (const server of all) await server.stop()
    },
  }
}

/**
 * The port of the primary that a Sentinel names.
 *
 * @param {number} sentinel the port of the Sentinel
 */
export async function primaryOf(sentinel) {
  const [, port] = /** @type {string[]} */ (
    await call(sentinel, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER)
  )
  return Number(port)
}

/**
 * Runs one command on a connection of its own.
 *
 * @param {number} port
 * @param {...string} args
 * @returns {Promise<unknown>}
 */
export async function call(port, ...args) {
  const client = createClient({
    RESP: 2,
    url: `redis://127.0.0.1:${port}`,
    socket: { reconnectStrategy: false },
  })
  client.on('error', () => {})
  await client.connect()
  try {
    return await client.sendCommand(args)
  } finally {
    client.destroy()
  }
}

/**
 * All hashes whose key begins with a prefix.
 *
 * @param {number} port
 * @param {string} prefix
 * @returns {Promise<Map<string, Map<string, string>>>} fields and values by what follows the prefix
 */
export async function readHashes(port, prefix) {
  const client = createClient({ RESP: 2, url: `redis://127.0.0.1:${port}` })
  client.on('error', () => {})
  await client.connect()
  const hashes = new Map()
  for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) {
    const found = await Promise.all(keys.map((key) => client.hGetAll(key)))
    for (const [i, key] of keys.entries()) {
      hashes.set(key.slice(prefix.length), new Map(Object.entries(found[i])))
    }
  }
  client.destroy()
  return hashes
}

async function startRedis(directory, options) {
  mkdirSync(directory)
  const port = await freePort()
  const base = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', directory]
  return start(directory, port, ['redis-server', ...base, ...options])
}

async function startSentinel(directory, primary, downAfter) {
  mkdirSync(directory)
  const port = await freePort()
  const config = join(directory, 'sentinel.conf')
  writeFileSync(
    config,
    `port ${port}
bind 127.0.0.1
protected-mode no
sentinel monitor ${MASTER} 127.0.0.1 ${primary} ${QUORUM}
sentinel down-after-milliseconds ${MASTER} ${downAfter}
sentinel failover-timeout ${MASTER} ${downAfter * 4}
`,
  )
  return start(directory, port, ['redis-server', config, '--sentinel'])
}

function start(directory, port, command) {
  const ready = () => until(async () => (await call(port, 'PING')) === 'PONG')
  return startProcess({ command, directory, port, core: null, ready, log: join(directory, 'log') })
}

async function until(holds) {
  for (const end = performance.now() + FIND; ; ) {
    try {
      if (await holds()) return
    } catch {
      // Not yet.
    }
    if (performance.now() > end) throw new Error(`it didn't come true in time: ${holds}`)
    await sleep(20)
  }
}
