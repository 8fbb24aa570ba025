// The entry point of a UDP worker thread.

import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { Networks } from '../../dns/access-list.ts'
import { shrinkHeap } from '../../system/collect-garbage.ts'
import { loadLibc } from '../../system/libc.ts'
import { answerSoon } from '../../system/thread-priority.ts'
import { compileInOnePiece } from '../../system/v8-flags.ts'
import { compileInSteps } from '../../zones/zone-set.ts'
import { type CounterHandle, CounterSlice } from '../counters.ts'
import type { RingHandle } from '../query-log/ring.ts'
import { replaceService, responderFor } from '../service.ts'
import { Arena } from './arena.ts'
import { borrow, type LentService } from './lent-service.ts'
import { receiveLoop, type WorkerSocket } from './receive-loop.ts'
import { WAKE_MS } from './socket-watch.ts'
import { WorkerSignal } from './worker-signal.ts'

/** What the main thread hands to a worker. */
export interface WorkerData {
  readonly sockets: readonly WorkerSocket[]
  /** Who has to tell for whom it asks; null for nobody. */
  readonly proxies: Networks | null
  readonly counters: CounterHandle
  /** Where it notes its queries; null without a query log. */
  readonly ring: RingHandle | null
  readonly signal: SharedArrayBuffer
  /** The descriptor of its bell; negative where it has none. */
  readonly bell: number
  /** Brings orders, of which the first is a service; takes reports. */
  readonly port: MessagePort
}

/** What a worker is to do: answer from a service, or just report. */
export type WorkerOrder = LentService | 'report'

/** What a worker tells: how many orders it has carried out. */
export interface WorkerReport {
  readonly done: number
}

const { sockets, proxies, counters, ring, bell, port, ...data } = workerData as WorkerData
const signal = new WorkerSignal(data.signal)
const libc = await loadLibc()
answerSoon(libc)
const arena = new Arena(libc.addressOf)
await shrinkHeap()
// Nothing but the responder may read a table: when it answers from another, the memory is gone.
const responder = responderFor(borrow(firstService(), libc), counters, ring)
// Not before there is a table: the thread that compiles it would take half as long again.
compileInOnePiece()
let done = 1

const report = (): void => port.postMessage({ done } satisfies WorkerReport)

report()
receiveLoop({
  libc,
  sockets,
  proxies,
  arena,
  responder,
  counters: new CounterSlice(counters),
  signal,
  bell,
  carryOut,
})
port.close()

/** Carries out what the main thread has ordered, in steps between which queries are answered. */
function* carryOut(): Generator<void, void> {
  for (let order = nextOrder(); order !== null; order = nextOrder()) {
    if (order !== 'report') {
      const service = borrow(order, libc)
      yield
      const zoneSet = yield* compileInSteps(service.definitions, service.zoneSetOptions)
      replaceService(responder, service, counters, zoneSet)
    }
    done++
    report()
  }
}

/** The service to begin with: workers are started while the data is still being read. */
function firstService(): LentService {
  for (;;) {
    const { generation } = signal
    const order = nextOrder()
    if (order !== null) return order as LentService
    if (signal.stopping) process.exit()
    signal.wait(generation, WAKE_MS)
  }
}

/** The next order; null when there is none. */
function nextOrder(): WorkerOrder | null {
  return (receiveMessageOnPort(port)?.message as WorkerOrder | undefined) ?? null
}
