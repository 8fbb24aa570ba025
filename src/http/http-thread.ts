// The entry point of the thread that answers over HTTP. Whatever happens here, DNS goes on: the thread has a heap of
// its own, and is started again when it ends.

import { existsSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { AsnzoneError } from '../errors.ts'
import { bindError } from '../server/bind-error.ts'
import { Calls, NoAnswer } from '../system/calls.ts'
import { collectGarbage, shrinkHeap } from '../system/collect-garbage.ts'
import { kernelThread } from '../system/kernel-thread.ts'
import { createApp } from './app.ts'
import { Connections } from './connections.ts'
import { HttpListener } from './listener.ts'
import { PublishedFiles } from './publish.ts'
import { RemoteServer } from './remote.ts'
import type { OpenStatistics } from './statistics.ts'
import type { Door, HttpData, HttpThreadCalls, HttpThreadData, MainCalls } from './task.ts'

/** Milliseconds after which the same fault is logged again. */
const SAID_AGAIN_MS = 60_000

const { task, figures, port } = workerData as HttpThreadData
let remote: RemoteServer | null = null
/** What was logged last. */
let lastSaid = { message: '', until: 0 }
let policydListener: HttpListener | null = null

const thread: HttpThreadCalls = {
  listen,
  replace,
  collect: collectGarbage,
  ping: kernelThread,
}
const main = new Calls<MainCalls>(port, { ...thread })

/** Begins to serve. Nothing but what shows them may point to the data, or they would stay when they are replaced. */
async function listen(data: HttpData): Promise<number[]> {
  const running = new RemoteServer({
    task,
    data,
    figures,
    ask: () => main.call('figures'),
    upkeep: { reload: () => main.call('reload'), update: () => main.call('update') },
    callPolicy,
    openStatistics: await statisticsOf(task.statistics),
    onError: logError,
  })
  remote = running
  const files = new PublishedFiles(() => running.reloader.table, task.snapshots)
  const connections = new Connections(task.connections)
  const ports: number[] = []
  for (const door of task.doors) {
    const app = await appOf(door, running, files)
    const { address } = await open(door, app, connections, data)
    ports.push(address.port)
  }
  await shrinkHeap()
  return ports
}

/** What is served at a door; geoip-policyd's interface is loaded where it is asked for. */
async function appOf(door: Door, running: RemoteServer, files: PublishedFiles): Promise<Hono> {
  if (door.setting !== 'policy.http') {
    return createApp(running, () => running.ruleOf(door), door.setting, files).hono
  }
  const { createGeoipPolicyd } = await import('./geoip-policyd.ts')
  const { policyCommands: policy, onError } = running
  return createGeoipPolicyd({ policy, conduct: () => running.policyd, onError })
}

async function open(
  door: Door,
  hono: Hono,
  connections: Connections,
  { policyd }: HttpData,
): Promise<HttpListener> {
  const answer = getRequestListener(hono.fetch, { overrideGlobalObjects: false })
  const isPolicyd = door.setting === 'policy.http'
  try {
    const listener = await HttpListener.start(door, connections, answer, isPolicyd ? policyd.tls : null)
    if (isPolicyd) policydListener = listener
    return listener
  } catch (cause) {
    throw bindError('TCP', door, cause as Error, door.setting)
  }
}

/** Shows other data, and serves by other settings. */
function replace(data: HttpData): void {
  const before = remote?.policyd.tls
  remote?.replace(data)
  const { tls } = data.policyd
  if (tls !== null && (tls.cert !== before?.cert || tls.key !== before.key)) policydListener?.secure(tls)
}

/** A reload takes as long as it takes to compile; what asks for it over HTTP waits no longer than this. */
const RELOAD_MS = 120_000

/** Milliseconds that a decision may take besides its time for the store: more than the main thread waits for it. */
const SLACK_MS = 2000

const callPolicy: MainCalls['policy'] = async (name, argument) => {
  const patience = name === 'reload' ? RELOAD_MS : (remote?.policyd.timeout ?? 0) + SLACK_MS
  try {
    return await main.callWithin(patience, 'policy', name, argument)
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    throw new AsnzoneError('ASNZONE_POLICY', `the policy service: ${error.message}`, { cause: error })
  }
}

/** Opens the statistics; the library is loaded where it is needed. */
async function statisticsOf(file: string | null): Promise<OpenStatistics | null> {
  if (file === null) return null
  const { StatsReader } = await import('../stats/database.ts')
  return () => (existsSync(file) ? new StatsReader(file) : null)
}

function logError(error: Error): void {
  const now = performance.now()
  // Whoever asks again and again for what can't be read fills no log.
  if (error.message === lastSaid.message && now < lastSaid.until) return
  lastSaid = { message: error.message, until: now + SAID_AGAIN_MS }
  // What we say of a fault ourselves needs no place in the code. Where it can't be told, there is nobody to tell.
  const stack = error instanceof AsnzoneError ? '' : (error.stack ?? '')
  main.call('logError', error.message, stack).catch(() => {})
}
