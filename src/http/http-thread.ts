// The entry point of the thread that answers over HTTP. Whatever happens here, DNS goes on: the thread has a heap of
// its own, and is started again when it ends.

import { existsSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { getRequestListener } from '@hono/node-server'
import { bindError } from '../server/bind-error.ts'
import { Calls } from '../system/calls.ts'
import { collectGarbage, shrinkHeap } from '../system/collect-garbage.ts'
import { type App, createApp } from './app.ts'
import { Connections } from './connections.ts'
import { HttpListener } from './listener.ts'
import { CsvFiles } from './publish-csv.ts'
import { RemoteServer } from './remote.ts'
import type { OpenStatistics } from './statistics.ts'
import type { Door, HttpData, HttpThreadCalls, HttpThreadData, MainCalls } from './task.ts'

const { task, figures, port } = workerData as HttpThreadData
let remote: RemoteServer | null = null

const thread: HttpThreadCalls = {
  listen,
  replace: (data) => remote?.replace(data),
  collect: collectGarbage,
  ping: () => {},
}
const main = new Calls<MainCalls>(port, { ...thread })

/** Begins to serve. Nothing but what shows them may point to the data, or they would stay when they are replaced. */
async function listen(data: HttpData): Promise<number[]> {
  const running = new RemoteServer({
    task,
    data,
    figures,
    ask: () => main.call('figures'),
    callPolicy: (name, argument) => main.call('policy', name, argument),
    openStatistics: await statisticsOf(task.statistics),
    onError: logError,
  })
  remote = running
  const csv = new CsvFiles(() => running.reloader.table)
  const connections = new Connections(task.connections)
  const ports: number[] = []
  for (const door of task.doors) {
    const { address } = await open(door, createApp(running, door.rule, door.setting, csv), connections)
    ports.push(address.port)
  }
  await shrinkHeap()
  return ports
}

async function open(door: Door, { hono }: App, connections: Connections): Promise<HttpListener> {
  const answer = getRequestListener(hono.fetch, { overrideGlobalObjects: false })
  try {
    return await HttpListener.start(door, connections, answer)
  } catch (cause) {
    throw bindError('TCP', door, cause as Error, door.setting)
  }
}

/** Opens the statistics; the library is loaded where it is needed. */
async function statisticsOf(file: string | null): Promise<OpenStatistics | null> {
  if (file === null) return null
  const { StatsReader } = await import('../stats/database.ts')
  return () => (existsSync(file) ? new StatsReader(file) : null)
}

function logError({ message, stack = '' }: Error): void {
  // Where it can't be told, there is nobody to tell.
  main.call('logError', message, stack).catch(() => {})
}
