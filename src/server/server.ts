// The server: TCP in the main thread and a UDP front end, on the same addresses.
//
// It is bound first and started later: what a privileged user must do comes before the data is read, and a port
// that is taken is noticed at once. Queries that come in between wait in the sockets.

import type { Networks } from '../dns/access-list.ts'
import { forgetReplies } from '../dns/rate-limit.ts'
import type { Responder } from '../dns/responder.ts'
import type { InheritedSocket } from '../system/inherited-sockets.ts'
import { formatListenAddress, ownHost } from '../system/listen-address.ts'
import { DGRAM_THREAD, TCP_THREAD, workerThread } from '../system/threads.ts'
import type { ZoneSet } from '../zones/zone-set.ts'
import { adoptAll, type BindOptions, type Bound, bindAll, type ServedAddress } from './bind.ts'
import { CounterSlice, Counters } from './counters.ts'
import type { RingHandle } from './query-log/ring.ts'
import type { QueryLog } from './query-log.ts'
import { findUnanswered, type Target } from './self-check.ts'
import { replaceService, responderFor, type Service } from './service.ts'
import { type TcpConnectionCounts, TcpFrontEnd, type TcpOptions } from './tcp.ts'
import { DgramFrontEnd } from './udp-dgram.ts'
import type { UdpFrontEnd, WildcardNews } from './udp-front-end.ts'
import { MmsgFrontEnd } from './udp-mmsg.ts'

/** Settings of a server. */
export interface ServerOptions extends BindOptions {
  /** Sockets that were passed to this process; where there are any, `listen` is not used. */
  readonly inherited: readonly InheritedSocket[]
  readonly tcp: TcpOptions
  /** Who has to tell for whom it asks (the PROXY protocol); null for nobody. */
  readonly proxies?: Networks | null
  /** How UDP is received; `mmsg` falls back to `dgram` where it can't run. */
  readonly udp: 'mmsg' | 'dgram'
  /** UDP worker threads; the front end on node:dgram has none. */
  readonly workers: number
  /** How many zones may be counted, over all services that will be. */
  readonly zones: number
  /** Where queries are noted; null for no query log. */
  readonly queryLog: QueryLog | null
  /** Told why UDP is received with node:dgram although mmsg was asked for. */
  readonly onFallback: (reason: string) => void
  /** Told what is answered on in place of a wildcard, where node:dgram receives UDP. */
  readonly onWildcard: (news: WildcardNews) => void
  readonly onWorkerDeath: (worker: number, reason: Error) => void
}

/** A bound server. */
export class Server {
  /** The addresses that are answered on, ports resolved. */
  readonly addresses: readonly ServedAddress[]
  readonly counters: Counters
  /** Where queries are noted; null without a query log. */
  readonly queryLog: QueryLog | null
  readonly #udp: UdpFrontEnd
  readonly #tcp: TcpFrontEnd
  #service: Service | null = null
  readonly #workers: number
  readonly #proxies: Networks | null
  readonly #bound: readonly Bound[]
  #responder: Responder | null = null
  #isStopping = false

  private constructor(
    bound: readonly Bound[],
    counters: Counters,
    options: ServerOptions,
    udp: UdpFrontEnd,
    tcp: TcpFrontEnd,
  ) {
    this.addresses = bound.map(({ address }) => address)
    this.#bound = bound
    this.counters = counters
    this.#workers = options.workers
    this.#proxies = options.proxies ?? null
    this.queryLog = options.queryLog
    this.#udp = udp
    this.#tcp = tcp
  }

  /** How UDP is received. */
  get udpKind(): 'mmsg' | 'dgram' {
    return this.#udp.kind
  }

  /** UDP queries that were lost because they came faster than they were answered; null where nobody counts them. */
  receiveDrops(): number | null {
    return this.#udp.receiveDrops()
  }

  /** TCP connections since the start. */
  get tcpConnections(): TcpConnectionCounts {
    return this.#tcp.counts
  }

  /**
   * Binds every address.
   *
   * @throws {AsnzoneError} `ASNZONE_LISTEN` when an address can't be bound for another reason than that this
   *   host lacks it, or when it lacks them all; nothing stays bound then.
   */
  static async bind(options: ServerOptions): Promise<Server> {
    const { inherited } = options
    const counters = new Counters(options.zones)
    const tcp = new TcpFrontEnd(options.tcp, options.proxies)
    const udp = await udpFrontEnd(options, counters)
    try {
      const bound =
        inherited.length > 0 ? await adoptAll(inherited, udp, tcp) : await bindAll(options, udp, tcp)
      return new Server(bound, counters, options, udp, tcp)
    } catch (error) {
      await Promise.all([udp.close(), tcp.close()])
      throw error
    }
  }

  /** Gets ready for `start` while the service is made: without it, `start` takes longer. */
  prepare(): void {
    this.#udp.prepare()
  }

  /**
   * Begins to answer; resolves when every address is answered on.
   *
   * @param zoneSet the zones of the service, where they are compiled already
   */
  async start(service: Service, zoneSet?: ZoneSet): Promise<void> {
    const ring = this.queryLog?.handle(TCP_THREAD) ?? null
    this.#service = service
    this.#responder = responderFor(service, this.counters.handle(TCP_THREAD), ring, zoneSet)
    this.#tcp.start(this.#responder, new CounterSlice(this.counters.handle(TCP_THREAD)))
    await this.#udp.start(service)
  }

  /**
   * Asks every address, over TCP and each worker over UDP, as a client would.
   *
   * @param zone the apex of a zone that is served
   * @returns what doesn't answer within some seconds, one line each
   */
  async findUnanswered(zone: string): Promise<string[]> {
    const { allow = null, deny, rateLimit = null } = this.#service?.treatment ?? {}
    const found = await findUnanswered(this.#targets(), {
      zone,
      proxies: this.#proxies,
      queriesOf: (slice) => this.counters.queriesOf(slice),
      isSilent: allow !== null && deny === 'drop',
      isOver: () => this.#isStopping,
    })
    // Clients on this host are not to have less because of us.
    if (rateLimit !== null) forgetReplies(rateLimit.memory)
    return found
  }

  /** Whether any address is answered over UDP: sockets that were passed to us may be of TCP only. */
  get hasUdp(): boolean {
    return this.#bound.some(({ udp }) => udp !== null)
  }

  #targets(): Target[] {
    const udpThreads =
      this.udpKind === 'mmsg'
        ? Array.from({ length: this.#workers }, (_, worker) => workerThread(worker))
        : [DGRAM_THREAD]
    return this.#bound.flatMap(({ address, tcp, udp }): Target[] => {
      const { host, port } = address
      const name = formatListenAddress(address)
      const own: Target = {
        name,
        protocol: 'TCP',
        host: ownHost(host),
        port,
        slices: [TCP_THREAD],
        each: false,
      }
      const hosts = udp === null ? [] : this.#udp.hostsOf(address)
      return [
        ...(tcp ? [own] : []),
        ...hosts.map((reached): Target => {
          const each = udp === 'own'
          return { ...own, protocol: 'UDP', host: reached, slices: udpThreads, each }
        }),
      ]
    })
  }

  /** Answers on the addresses that this host has now, where it listens on all of them. Never rejects. */
  followAddresses(): Promise<void> {
    return this.#udp.followAddresses()
  }

  /**
   * Answers from another service; resolves when nothing answers from the old one any more. No query is lost: each
   * thread swaps between two queries.
   *
   * @param catalogue the zones of the service, where they are compiled already
   */
  async replace(service: Service, zoneSet?: ZoneSet): Promise<void> {
    this.#service = service
    if (this.#responder !== null) {
      replaceService(this.#responder, service, this.counters.handle(TCP_THREAD), zoneSet)
    }
    await this.#udp.replace(service)
  }

  /** Whether every thread that answers runs; resolves when each has looked up from its work, so perhaps never. */
  isAlive(): Promise<boolean> {
    return this.#udp.isAlive()
  }

  /** Gives memory that a compilation or a replaced service has left back to the system. */
  async releaseMemory(): Promise<void> {
    await this.#udp.releaseMemory()
  }

  /** Stops answering and closes every socket. */
  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.all([this.#udp.close(), this.#tcp.close()])
  }
}

async function udpFrontEnd(options: ServerOptions, counters: Counters): Promise<UdpFrontEnd> {
  const { udp, workers, proxies = null, queryLog, onFallback, onWildcard, onWorkerDeath } = options
  const ring = (thread: number): RingHandle | null => queryLog?.handle(thread) ?? null
  const dgram = (): UdpFrontEnd =>
    new DgramFrontEnd(
      (service) => responderFor(service, counters.handle(DGRAM_THREAD), ring(DGRAM_THREAD)),
      counters.handle(DGRAM_THREAD),
      onWildcard,
      proxies,
    )
  if (udp === 'dgram') return dgram()
  try {
    return await MmsgFrontEnd.create({
      workers,
      proxies,
      counters: (worker) => counters.handle(workerThread(worker)),
      ring: (worker) => ring(workerThread(worker)),
      onWorkerDeath,
    })
  } catch (error) {
    onFallback((error as Error).message)
    return dgram()
  }
}
