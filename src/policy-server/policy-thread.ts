// The entry point of the thread that answers mail servers. Whatever happens here, DNS goes on: the thread has a heap of
// its own, and is started again when it ends.

import type { Socket } from 'node:net'
import { hostname } from 'node:os'
import { workerData } from 'node:worker_threads'
import { parseClientAddress } from '../policy/client-address.ts'
import { isIn } from '../policy/networks.ts'
import { Calls } from '../system/calls.ts'
import { collectGarbage, shrinkHeap } from '../system/collect-garbage.ts'
import { kernelThread } from '../system/kernel-thread.ts'
import { OpenFile } from '../system/open-file.ts'
import { StreamListener } from '../system/stream-listener.ts'
import { giveWay } from '../system/thread-priority.ts'
import { Table } from '../table/table.ts'
import { Clients } from './clients.ts'
import { clockWith } from './clock.ts'
import { Connections } from './connections.ts'
import { Decider } from './decider.ts'
import { expireAll, longestWindow } from './expiry.ts'
import { KeptStore } from './kept-store.ts'
import type { Directory } from './ldap/directory.ts'
import { LogLines } from './log-lines.ts'
import { nameOf, openStore } from './open-store.ts'
import { Surface } from './service-surface.ts'
import { Sparingly } from './sparingly.ts'
import { storeTrouble } from './store-trouble.ts'
import { Tally } from './tally.ts'
import type { PolicyConduct, PolicyMainCalls, PolicyThreadCalls, PolicyThreadData } from './task.ts'
import { Teller } from './telling/teller.ts'
import { TellingClient } from './telling/telling-client.ts'

/** Milliseconds between two looks at connections that are silent. */
const SWEEP_MS = 5000

/** Milliseconds between two removals of what is too old, and two looks at what is to be told. */
const EXPIRY_MS = 60_000

/** Milliseconds between two looks at records that another server may have set. */
const RECORDS_MS = 5000

/** Milliseconds between two looks at whether the file of the store is still the one that is open. */
const FILE_MS = 1000

giveWay()
const { task, port } = workerData as PolicyThreadData
const clock = clockWith(task.clock)
const tally = new Tally()
const file = task.store.kind === 'sqlite' ? new OpenFile(task.store.file) : null

/** What there is once the thread has begun. */
interface Begun {
  readonly decider: Decider
  readonly store: KeptStore
  readonly directory: Directory | null
  readonly surface: Surface
  readonly teller: Teller
  readonly listeners: readonly StreamListener[]
  readonly connections: Connections
  conduct: PolicyConduct
}

let begun: Begun | null = null

const running = (): Begun => {
  if (begun === null) throw new Error('the policy service has not begun yet')
  return begun
}

const thread: PolicyThreadCalls = {
  begin,
  replace: (table) => {
    running().decider.clients = new Clients(new Table(table), task.points)
  },
  conductAs: async (conduct) => {
    const it = running()
    it.conduct = conduct
    it.decider.conduct = conduct
    await it.surface.restoreRecords()
  },
  collect: collectGarbage,
  ping: kernelThread,
  stop: async () => {
    for (const listener of running().listeners) listener.close()
    running().connections.close()
    running().directory?.close()
    await Promise.all([running().store.close(), telling.stop()])
  },
  check: (question) => running().surface.check(question),
  decide: (question, source) => running().surface.decide(question, source),
  allow: (question) => running().surface.allow(question),
  report: (outcome) => running().surface.report(outcome),
  list: (query) => running().surface.list(query),
  show: (user) => running().surface.show(user),
  events: (query) => running().surface.events(query),
  unblock: (user) => running().surface.unblock(user),
  forget: (user) => running().surface.forget(user),
  records: () => running().surface.records(),
  setRecords: (records) => running().surface.setRecords(records),
  resetRecords: () => running().surface.resetRecords(),
  figures: () => running().surface.figures(),
  expire,
}
const main = new Calls<PolicyMainCalls>(port, { ...thread })
const log = new LogLines((lines) => main.call('log', lines))
const telling = new TellingClient(({ message }) =>
  log.add('error', `policy: the thread that sends notices has stopped and is started again: ${message}`),
)
const faults = new Sparingly((kind, times, peer) =>
  log.add('warn', `policy: ${kind}; the connection is closed`, peer === '' ? { times } : { times, peer }),
)

async function begin(table: SharedArrayBuffer, conduct: PolicyConduct): Promise<void> {
  const store = new KeptStore({
    open: async () => {
      const opened = await openStore(task.store, { onWarning: warnOfStore, ownClock: task.clock !== null })
      file?.opened()
      return opened
    },
    timeout: () => running().conduct.timeout,
    onTrouble: tellTrouble,
  })
  await store.begin()
  const clients = new Clients(new Table(table), task.points)
  const directory = await openDirectory()
  const decider = new Decider({ conduct, clients, store, clock, directory })
  const teller = new Teller({
    conduct: () => begun?.conduct.telling ?? null,
    store,
    clock,
    directory,
    normal: (name) => decider.normal(name),
    deliver: (delivery) => telling.deliver(delivery),
    log: (level, message, fields) => log.add(level, message, fields),
    host: hostname(),
  })
  const surface = new Surface({
    decider,
    store,
    clock,
    tally,
    log: (level, message, fields) => log.add(level, message, fields),
    passedLevel: () => running().conduct.passedLevel,
    connections: () => connections.open,
    readRecords: (texts) => main.call('readRecords', texts),
    ofSettings: () => running().conduct.records,
    teller,
  })
  const connections = new Connections(task.connections, {
    answer: (attributes) =>
      decider.answer(attributes, 'postfix').then((judged) => {
        const [queue, instance] = [attributes.get('queue_id') ?? '', attributes.get('instance') ?? '']
        surface.note(judged, { source: 'postfix', queue, instance })
        return judged.outcome.answer
      }),
    onFault: (fault) => {
      tally.addFault(fault)
      faults.add(`not a policy request: ${fault}`)
    },
    onPassedOver: () => tally.addFault('line passed over'),
  })
  const listeners: StreamListener[] = []
  begun = { decider, store, directory, surface, teller, listeners, connections, conduct }
  await surface.restoreRecords()
  const accept = (socket: Socket, isUnix: boolean): void => {
    if (isUnix || mayAsk(socket.remoteAddress)) connections.accept(socket)
    else socket.destroy()
  }
  for (const door of task.doors) listeners.push(await StreamListener.start(door, accept))
  setInterval(() => connections.sweep(), SWEEP_MS).unref()
  setInterval(() => void expire(), EXPIRY_MS).unref()
  // Another server may set records, too.
  setInterval(() => void surface.followRecords(), RECORDS_MS).unref()
  if (file !== null) setInterval(() => lookAtFile(file), FILE_MS).unref()
  await shrinkHeap()
}

function mayAsk(remote: string | undefined): boolean {
  const address = parseClientAddress(remote ?? '')
  if (address !== null && isIn(running().conduct.allow, address)) return true
  tally.addFault('peer not allowed')
  faults.add('a client that is not in allow', address?.text)
  return false
}

async function expire(): Promise<void> {
  const { store, conduct, surface, teller } = running()
  // That the store is not available is told by itself.
  await expireAll(store, clock, conduct, longestWindow(conduct.rules, surface.inForce())).catch(() => {})
  await teller.tick()
}

/** SQLite would go on with a file that was removed, and the server beside this one with the one that is there now. */
function lookAtFile(file: OpenFile): void {
  const { store, decider } = running()
  // What can't be opened is tried again anyway.
  if (store.trouble !== null || !file.isGone) return
  log.add(
    'warn',
    `policy: ${nameOf(task.store)} was removed, or another file was moved there: what is there now counts`,
  )
  file.closed()
  store.reopen()
  decider.forgetAnswers()
}

/** The directory; null where there is none. */
async function openDirectory(): Promise<Directory | null> {
  if (task.ldap === null) return null
  const { Directory } = await import('./ldap/directory.ts')
  return new Directory(task.ldap, {
    onTrouble: (reason, failures) => {
      if (reason === null) log.add('info', 'policy: the directory is back', { failures })
      else
        log.add(
          'error',
          `policy: the directory: ${reason}; until it is back, names that were asked for lately serve`,
        )
    },
    onWarning: (message) => log.add('warn', `policy: ${message}`),
  })
}

function warnOfStore(message: string): void {
  log.add('warn', `policy: ${message}`)
}

function tellTrouble(reason: string | null, failures: number): void {
  if (reason === null) {
    log.add('info', `policy: ${nameOf(task.store)} is back`, { failures })
    return
  }
  const { onError } = begun?.conduct ?? { onError: 'dunno' }
  log.add('error', storeTrouble(nameOf(task.store), reason, onError))
}
