// The whois server beside DNS: where it listens, and what it answers with.

import type { Logger } from 'pino'
import type { Settings } from '../config/setting-values.ts'
import { WHOIS_PORT } from '../config/settings/http.ts'
import { bindError } from '../server/bind-error.ts'
import { loadLibc, unsupportedReason } from '../system/libc.ts'
import { type ListenAddress, parseListenAddress } from '../system/listen-address.ts'
import type { Table } from '../table/table.ts'
import type { WhoisService } from '../whois/whois-service.ts'
import type { Answering } from './setup.ts'
import { bindStream, doorsFrom, type StreamSocket } from './stream-sockets.ts'

/** The address of the settings; null where there is none. */
export function whoisAddress({ whois }: Pick<Settings, 'whois'>): ListenAddress | null {
  return whois === undefined ? null : parseListenAddress(whois, 'whois', WHOIS_PORT)
}

/**
 * Binds what the settings name.
 *
 * @throws {AsnzoneError} `ASNZONE_LISTEN` when it can't be bound.
 */
export async function bindWhois(settings: Pick<Settings, 'whois'>): Promise<StreamSocket[]> {
  const address = whoisAddress(settings)
  if (address === null) return []
  const libc = unsupportedReason() === null ? await loadLibc() : null
  try {
    return [bindStream(libc, address)]
  } catch (cause) {
    throw bindError('TCP', address, cause as Error, 'whois')
  }
}

/** A running whois server. */
export interface RunningWhois {
  readonly service: WhoisService
  /** Answers from another table, and as another setup says. Never rejects. */
  replace(table: Table, setup: Pick<Answering, 'treatment'>): Promise<void>
}

/**
 * Starts the whois server; null when there is nowhere to ask it.
 *
 * @throws {Error} when a socket can't be listened on.
 */
export async function startWhois(
  sockets: readonly StreamSocket[],
  { treatment }: Pick<Answering, 'treatment'>,
  { table, log }: { table: Table; log: Logger },
): Promise<RunningWhois | null> {
  if (sockets.length === 0) return null
  // Loaded when it is needed: most servers answer DNS only, and start sooner without it.
  const { WhoisService } = await import('../whois/whois-service.ts')
  const service = await WhoisService.start({
    doors: await doorsFrom(sockets),
    data: { table: table.buffer, allow: treatment.allow },
    onDeath: ({ message }) => log.error(`the whois server has stopped and is started again: ${message}`),
  })
  for (const { name } of sockets) log.info({ whois: name }, `whois is answered on ${name}`)
  return {
    service,
    replace: (next, setup) => service.replace({ table: next.buffer, allow: setup.treatment.allow }),
  }
}
