// The entry point of a UDP worker thread.

import { receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { Policy } from '../../dns/policy.ts'
import { type CounterPlace, CounterSlice } from '../counters.ts'
import type { RingPlace } from '../query-log/ring.ts'
import { replaceService, responderFor, type Service } from '../service.ts'
import { Arena } from './arena.ts'
import { compileInOnePiece } from './compiler.ts'
import { Control } from './control.ts'
import { loadLibc } from './libc.ts'
import { receiveLoop, type WorkerSocket } from './receive-loop.ts'

/** What the main thread hands to a worker. */
export interface WorkerData {
  readonly sockets: readonly WorkerSocket[]
  readonly service: Service
  readonly counters: CounterPlace
  readonly policy: Policy
  /** Where it notes its queries; null without a query log. */
  readonly ring: RingPlace | null
  readonly control: SharedArrayBuffer
  /** Brings services, takes reports. */
  readonly port: import('node:worker_threads').MessagePort
}

/** What a worker tells: it answers from the service of this number, 0 being the first. */
export interface WorkerReport {
  readonly serving: number
}

const { sockets, service, counters, policy, ring, control, port } = workerData as WorkerData
compileInOnePiece()
const libc = await loadLibc()
const responder = responderFor(service, counters, policy, ring)
let serving = 0

const report = (): void => port.postMessage({ serving } satisfies WorkerReport)

report()
receiveLoop({
  libc,
  sockets,
  arena: new Arena(libc.addressOf),
  responder,
  counters: new CounterSlice(counters),
  control: new Control(control),
  onAnnouncement: () => {
    for (
      let received = receiveMessageOnPort(port);
      received !== undefined;
      received = receiveMessageOnPort(port)
    ) {
      replaceService(responder, received.message as Service)
      serving++
      report()
    }
  },
})
port.close()
