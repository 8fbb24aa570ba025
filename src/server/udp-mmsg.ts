// The UDP front end on recvmmsg and sendmmsg: worker threads, each with a socket of its own per listen address.
//
// The main thread opens the sockets and keeps them, so that a worker that dies loses no queries: its successor
// goes on with the same sockets and what waits in them.

import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import type { Networks } from '../dns/access-list.ts'
import { shrinkHeap } from '../system/collect-garbage.ts'
import type { InheritedSocket } from '../system/inherited-sockets.ts'
import { type Libc, loadLibc, unsupportedReason } from '../system/libc.ts'
import { isWildcard, type ListenAddress, ownHost } from '../system/listen-address.ts'
import { adoptUdpSocket, openUdpSocket, type UdpSocket } from '../system/udp-socket.ts'
import { bindError } from './bind-error.ts'
import type { CounterHandle } from './counters.ts'
import { Bell } from './mmsg/bell.ts'
import { lend, refuseWithoutLending } from './mmsg/lent-service.ts'
import { Loans } from './mmsg/loans.ts'
import type { WorkerSocket } from './mmsg/receive-loop.ts'
import { WAKE_MS } from './mmsg/socket-watch.ts'
import type { WorkerData, WorkerOrder, WorkerReport } from './mmsg/worker.ts'
import { WorkerSignal } from './mmsg/worker-signal.ts'
import type { RingHandle } from './query-log/ring.ts'
import type { Service } from './service.ts'
import { dropsOf } from './udp-drops.ts'
import { RECEIVE_BUFFER, type UdpFrontEnd } from './udp-front-end.ts'

/** A worker that dies within this time of its start isn't started again before it is over. */
const RESTART_MS = 1000

/** Settings of the front end. */
export interface MmsgOptions {
  readonly workers: number
  /** Who has to tell for whom it asks; null for nobody. */
  readonly proxies?: Networks | null
  /** Where worker `n` counts; asked when the front end starts. */
  readonly counters: (worker: number) => CounterHandle
  /** Where worker `n` notes its queries; null without a query log. */
  readonly ring: (worker: number) => RingHandle | null
  readonly onWorkerDeath: (worker: number, reason: Error) => void
}

/** The front end's parts while addresses are bound. */
export class MmsgFrontEnd implements UdpFrontEnd {
  readonly kind = 'mmsg'
  readonly #libc: Libc
  readonly #options: MmsgOptions
  readonly #signal = new WorkerSignal()
  /** By worker, then by address. */
  readonly #sockets: WorkerSocket[][]
  /** By worker. */
  readonly #bells: readonly Bell[]
  /** None before they are started. */
  readonly #workers: PoolWorker[] = []
  #service: Service | null = null
  #stopping = false

  private constructor(libc: Libc, options: MmsgOptions) {
    this.#libc = libc
    this.#options = options
    this.#sockets = Array.from({ length: options.workers }, () => [])
    this.#bells = Array.from({ length: options.workers }, () => new Bell(libc))
  }

  /** @throws {Error} with a short reason when this machine can't run it; use the front end on node:dgram. */
  static async create(options: MmsgOptions): Promise<MmsgFrontEnd> {
    const reason = unsupportedReason()
    if (reason !== null) throw new Error(reason)
    const libc = await loadLibc()
    refuseWithoutLending(libc)
    // A table is freed by whichever thread is the last to let go of it, at a time that nobody knows.
    libc.returnFreedMemory()
    return new MmsgFrontEnd(libc, options)
  }

  /**
   * Binds a socket for each worker; the first may be given port 0 and decides the port of the others.
   * Nothing is answered before `start`.
   *
   * @throws {AsnzoneError} `ASNZONE_LISTEN` when the address can't be bound.
   */
  async bind(address: ListenAddress, octets: Uint8Array): Promise<{ port: number; receiveBuffer: number }> {
    const { family } = address
    const opened: UdpSocket[] = []
    try {
      for (let worker = 0; worker < this.#options.workers; worker++) {
        opened.push(
          openUdpSocket(this.#libc, {
            family,
            address: octets,
            port: opened[0]?.port ?? address.port,
            receiveTimeout: WAKE_MS,
            receiveBuffer: RECEIVE_BUFFER,
          }),
        )
      }
    } catch (cause) {
      for (const { fd } of opened) this.#libc.close(fd)
      throw bindError('UDP', address, cause as Error)
    }
    for (const [worker, { fd, packetInfo }] of opened.entries()) {
      this.#sockets[worker].push({ fd, family, packetInfo })
    }
    return { port: opened[0].port, receiveBuffer: opened[0].receiveBuffer }
  }

  /** The workers share a socket that was passed to us for none of them: they can't bind others beside it. */
  async adopt({ fd, address, worker }: InheritedSocket): Promise<{ receiveBuffer: number }> {
    const { family } = address
    try {
      const isAny = isWildcard(address.host)
      const { packetInfo, receiveBuffer } = adoptUdpSocket(this.#libc, fd, family, isAny, WAKE_MS)
      const takers = worker === undefined ? this.#sockets : [this.#sockets[worker]]
      for (const sockets of takers) sockets.push({ fd, family, packetInfo })
      return { receiveBuffer }
    } catch (cause) {
      throw bindError('UDP', address, cause as Error)
    }
  }

  hostsOf({ host }: ListenAddress): readonly string[] {
    return [ownHost(host)]
  }

  async followAddresses(): Promise<void> {
    // The kernel tells which address was asked: a wildcard has them all, today's and tomorrow's.
  }

  /** Starts the workers, which then wait for a service; none where no UDP socket was passed to us. */
  prepare(): void {
    if (this.#descriptors().size === 0) return
    for (let worker = 0; worker < this.#options.workers; worker++) this.#startWorker(worker)
  }

  /** Hands the service to the workers; resolves when all of them answer. */
  async start(service: Service): Promise<void> {
    this.#service = service
    if (this.#workers.length === 0) this.prepare()
    await Promise.all(this.#workers.map((worker) => worker.serve(service, this.#signal)))
  }

  /** Hands a new service to the workers; resolves when all of them answer from it. */
  async replace(service: Service): Promise<void> {
    this.#service = service
    await Promise.all(this.#workers.map((worker) => worker.serve(service, this.#signal)))
  }

  async isAlive(): Promise<boolean> {
    const workers = [...this.#workers]
    await Promise.all(workers.map((worker) => worker.report(this.#signal)))
    return workers.every((worker) => worker.isRunning === true)
  }

  /** The workers have nothing to give back. */
  async releaseMemory(): Promise<void> {
    await shrinkHeap()
    this.#libc.trimMemory()
  }

  receiveDrops(): number | null {
    return dropsOf(this.#descriptors())
  }

  /** Ends the workers after the batch that they are at, and closes the sockets. */
  async close(): Promise<void> {
    this.#stopping = true
    this.#signal.stop()
    for (const bell of this.#bells) bell.ring()
    await Promise.all(this.#workers.map((worker) => worker.ended))
    for (const bell of this.#bells) bell.close()
    for (const fd of this.#descriptors()) this.#libc.close(fd)
  }

  /** Each once: workers may share a socket. */
  #descriptors(): Set<number> {
    return new Set(this.#sockets.flat().map((socket) => socket.fd))
  }

  #startWorker(number: number): void {
    const bell = this.#bells[number]
    const worker = new PoolWorker(this.#libc, bell, {
      sockets: this.#sockets[number],
      proxies: this.#options.proxies ?? null,
      counters: this.#options.counters(number),
      ring: this.#options.ring(number),
      signal: this.#signal.buffer,
      bell: bell.fd,
    })
    this.#workers[number] = worker
    const started = performance.now()
    void worker.ended.then((reason) => {
      if (this.#stopping) return
      this.#options.onWorkerDeath(number, reason ?? new Error('it ended unexpectedly'))
      const wait = Math.max(0, RESTART_MS - (performance.now() - started))
      setTimeout(() => {
        if (!this.#stopping) this.#restartWorker(number)
      }, wait)
    })
  }

  #restartWorker(number: number): void {
    this.#startWorker(number)
    if (this.#service !== null) void this.#workers[number].serve(this.#service, this.#signal)
  }
}

/** One worker thread and what it has told. */
class PoolWorker {
  /** Resolves when the thread has ended, with the error that ended it if there was one. */
  readonly ended: Promise<Error | null>
  /** Whether the thread has not ended yet. */
  isRunning = true
  readonly #libc: Libc
  readonly #bell: Bell
  readonly #port: MessagePort
  /** The services whose tables the thread may be reading. */
  readonly #loans = new Loans<Service>()
  #ordered = 0
  #done = 0
  #waiting: { readonly number: number; readonly resolve: () => void }[] = []

  constructor(libc: Libc, bell: Bell, data: Omit<WorkerData, 'port'>) {
    this.#libc = libc
    this.#bell = bell
    const { port1, port2 } = new MessageChannel()
    const workerData: WorkerData = { ...data, port: port2 }
    const worker = new Worker(new URL('./mmsg/worker.js', import.meta.url), {
      workerData,
      transferList: [port2],
      // A worker allocates nothing per packet; this is room for the most zones, twice, see MAX_ZONES.
      resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 1024 },
    })
    this.#port = port1
    port1.on('message', ({ done }: WorkerReport) => {
      this.#done = done
      this.#settle()
    })
    this.ended = new Promise((resolve) => {
      let reason: Error | null = null
      worker.once('error', (error) => {
        reason = error
      })
      worker.once('exit', () => {
        // Nothing has to wait for a dead worker: its successor starts with the newest service.
        this.#done = Number.MAX_SAFE_INTEGER
        this.isRunning = false
        this.#settle()
        this.#loans.end()
        port1.close()
        resolve(reason)
      })
    })
  }

  /** Lets the worker answer from a service; resolves when it does, and reads none that it had before, or has ended. */
  serve(service: Service, signal: WorkerSignal): Promise<void> {
    this.#loans.add(this.#ordered + 1, service)
    return this.#order(lend(service, this.#libc), signal)
  }

  /** Resolves when the worker has looked up from its work, or has ended. */
  report(signal: WorkerSignal): Promise<void> {
    return this.#order('report', signal)
  }

  /** Gives an order; resolves when the worker has carried it out, or has ended. */
  #order(order: WorkerOrder, signal: WorkerSignal): Promise<void> {
    this.#port.postMessage(order)
    signal.announce()
    this.#bell.ring()
    const number = ++this.#ordered
    return new Promise((resolve) => {
      this.#waiting.push({ number, resolve })
      this.#settle()
    })
  }

  #settle(): void {
    const done = this.#done
    for (const { number, resolve } of this.#waiting) if (number <= done) resolve()
    this.#waiting = this.#waiting.filter(({ number }) => number > done)
    this.#loans.carriedOut(done)
  }
}
