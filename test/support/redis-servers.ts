// Starts servers of Redis or Valkey for tests: alone, with Sentinels, or as a Cluster, all on loopback.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { RedisSettings } from '../../src/policy-server/redis/settings.ts'
import { temporaryFolder } from './folders.ts'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

/** The program; another one, such as valkey-server, by its path. */
const PROGRAM = process.env.REDIS_SERVER ?? 'redis-server'

/** Whether the tests of Redis can't run; .ci/run sets REQUIRE_PROGRAMS, so that they fail instead. */
export const isRedisMissing =
  !process.env.REQUIRE_PROGRAMS && spawnSync(PROGRAM, ['--version']).error !== undefined

/** A running server. */
export interface RedisServer {
  readonly port: number
  readonly process: ChildProcess
  /** Runs a command on it; fails with what the server says. */
  call(...args: readonly string[]): Promise<unknown>
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** What the tests of a store begin with. */
export function redisSettings(of: Partial<RedisSettings> = {}): RedisSettings {
  return {
    url: 'redis://127.0.0.1:6379',
    prefix: 'asnzone:policy:',
    username: '',
    password: '',
    database: 0,
    sentinels: [],
    master: '',
    sentinelUsername: '',
    sentinelPassword: '',
    cluster: false,
    tls: { ca: null, cert: null, key: null },
    importPrefix: '',
    timeout: 2000,
    ...of,
  }
}

/** Starts a server with nothing in it, and waits until it answers. */
export async function startRedis(options: readonly string[] = [], onPort?: number): Promise<RedisServer> {
  const port = onPort ?? (await freePort())
  const folder = temporaryFolder()
  const base = [
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
    '--daemonize',
    'no',
  ]
  return run([PROGRAM, '--port', String(port), ...base, ...options], port)
}

/** Starts a Sentinel that watches a primary, and waits until it answers. */
export async function startSentinel(primary: number, quorum = 2): Promise<RedisServer> {
  const port = await freePort()
  const config = `port ${port}
bind 127.0.0.1
protected-mode no
sentinel monitor accounts 127.0.0.1 ${primary} ${quorum}
sentinel down-after-milliseconds accounts 500
sentinel failover-timeout accounts 2000
`
  const file = join(temporaryFolder({ 'sentinel.conf': config }), 'sentinel.conf')
  return run([PROGRAM, file, '--sentinel'], port)
}

/** Starts three servers as one Cluster, and waits until it is whole. */
export async function startCluster(): Promise<readonly RedisServer[]> {
  const servers = await Promise.all(
    [0, 1, 2].map(() =>
      startRedis([
        '--cluster-enabled',
        'yes',
        '--cluster-config-file',
        'nodes.conf',
        '--cluster-node-timeout',
        '2000',
      ]),
    ),
  )
  const [first, ...others] = servers
  for (const { port } of others) await first.call('CLUSTER', 'MEET', '127.0.0.1', String(port))
  const slots = [0, 5461, 10923, 16384]
  for (const [i, server] of servers.entries()) {
    await server.call('CLUSTER', 'ADDSLOTSRANGE', String(slots[i]), String(slots[i + 1] - 1))
  }
  for (const server of servers) {
    await until(async () => {
      const info = String(await server.call('CLUSTER', 'INFO'))
      return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3')
    })
  }
  return servers
}

async function run([program, ...args]: readonly string[], port: number): Promise<RedisServer> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => output.push(String(data)))
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  void ended.then(() => process.removeListener('exit', kill))
  const server: RedisServer = {
    port,
    process: child,
    call: (...words) => call(port, words),
    stop: (signal = 'SIGKILL') => {
      child.kill('SIGCONT')
      child.kill(signal)
      return ended
    },
  }
  await until(async () => {
    if (child.exitCode !== null) throw new Error(output.join(''))
    // One that wants a password says so, and answers therefore.
    return /PONG|NOAUTH/.test(String(await server.call('PING').catch((error: Error) => error.message)))
  }).catch(() => {
    throw new Error(`${program} doesn't answer at ${port}: ${output.join('')}`)
  })
  return server
}

async function call(port: number, args: readonly string[]): Promise<unknown> {
  const { createClient } = await import('@redis/client')
  const client = createClient({
    RESP: 2,
    disableClientInfo: true,
    socket: { host: '127.0.0.1', port, reconnectStrategy: false },
  })
  client.on('error', () => {})
  await client.connect()
  try {
    return await client.sendCommand([...args])
  } finally {
    client.destroy()
  }
}
