// Binds the server that the settings describe, with what it has to tell going to the log.

import type { Logger } from 'pino'
import type { Settings } from '../config/setting-values.ts'
import { missingMessage } from '../server/bind-error.ts'
import type { QueryLog } from '../server/query-log.ts'
import { Server } from '../server/server.ts'
import type { WildcardNews } from '../server/udp-front-end.ts'
import type { InheritedSocket } from '../system/inherited-sockets.ts'
import { formatListenAddress, isLoopback, type ListenAddress } from '../system/listen-address.ts'
import { listenAddresses } from './listen.ts'
import { proxiesOf } from './treatment.ts'

/** What it is bound with besides the settings. */
export interface BindServerOptions {
  readonly settings: Settings
  /** Sockets that were passed to this process. */
  readonly inherited: readonly InheritedSocket[]
  /** How many zones may be counted. */
  readonly zones: number
  /** TCP connections that may be open at a time. */
  readonly tcpConnections: number
  readonly log: Logger
  readonly queryLog: QueryLog | null
}

/** @throws {AsnzoneError} `ASNZONE_LISTEN` when an address can't be bound. */
export async function bindServer(options: BindServerOptions): Promise<Server> {
  const { settings, inherited, zones, tcpConnections, log, queryLog } = options
  const listen = listenAddresses(settings)
  const isDefault = (texts: readonly string[]): boolean => texts.every((text) => /^(127\.|::1$)/.test(text))
  if (!listen.every(isLoopback) && isDefault(settings.allow)) {
    log.warn('listens beyond loopback but answers only loopback; name the networks to answer in allow')
  }
  return Server.bind({
    listen,
    inherited,
    tcp: {
      connections: tcpConnections,
      perClient: settings.tcp.perClient,
      idle: settings.tcp.idle * 1000,
    },
    proxies: proxiesOf(settings),
    udp: listen.length + inherited.length === 0 ? 'dgram' : settings.udp,
    workers: settings.workers,
    zones,
    queryLog,
    onMissingAddress: (address) => warnOfMissing(log, address),
    onFallback: (reason) => log.warn(`UDP is received with node:dgram in one thread, because ${reason}`),
    onWildcard: (news) => logWildcard(log, news),
    onWorkerDeath: (worker, reason) =>
      log.error(`UDP worker ${worker} died and is started again: ${reason.message}`),
  })
}

function logWildcard(log: Logger, { address, bound, faults }: WildcardNews): void {
  for (const fault of faults) log.warn(fault)
  if (bound.length === 0) return
  const where = `${formatListenAddress(address)} over UDP`
  log.info(
    { addresses: bound },
    `${where} is ${bound.join(', ')}, and no other address: asnzone reload looks for new ones`,
  )
}

/** Tells of a listen address that this host doesn't have. */
export function warnOfMissing(log: Logger, address: ListenAddress): void {
  log.warn(missingMessage(address))
}
