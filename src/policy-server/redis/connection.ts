// Connections to Redis or Valkey: to one server, to the primary that Sentinels name, or to a Cluster, all alike.
// Commands go to primaries only: a replica doesn't know yet what was just decided.

import { createClient, createCluster, createSentinel } from '@redis/client'
import { stopAtFaults } from './faulty-replies.ts'
import type { RedisSettings } from './settings.ts'
import type { Withdrawal } from './withdrawal.ts'

/** Runs a command; the first argument is its key, null for none. */
export type Send = (key: string | null, args: readonly string[], withdrawal: Withdrawal) => Promise<unknown>

/** A connection, which is made anew by itself when it is lost. */
export interface RedisConnection {
  /** Ends when there is a connection for the first time; fails only when the connection is closed. */
  readonly connected: Promise<unknown>
  readonly send: Send
  /** How each of the primaries is reached, for what concerns all keys. */
  primaries(): Promise<readonly Send[]>
  /** Waits for the answers that are under way. */
  close(): Promise<void>
  /** Waits for nothing. */
  destroy(): void
}

/** One that can be begun anew. */
export interface RenewableConnection extends RedisConnection {
  /** Gives up what was connected, and all that waits for an answer, and connects once more. */
  renew(): void
}

/** Milliseconds between two attempts to connect, at first and at most. */
const [FIRST_WAIT_MS, MAX_WAIT_MS] = [50, 2000]

/** A server that says nothing for this long, though it is asked every second, is gone. */
const [PING_MS, SILENCE_MS] = [1000, 5000]

/** Milliseconds between two looks at who the primary is; Sentinels tell of changes by themselves as well. */
const SENTINEL_SCAN_MS = 2000

/** Begins to connect. `onError` is told what goes wrong, with each attempt. */
export function connect(settings: RedisSettings, onError: (error: Error) => void): RenewableConnection {
  stopAtFaults()
  let isEnded = false
  let hasConnected = false
  const begin = (): RedisConnection => {
    hasConnected = false
    const begun = connectOnce(settings, onError)
    begun.connected.then(
      () => {
        hasConnected ||= begun === current
      },
      () => {},
    )
    return begun
  }
  let current = begin()
  return {
    connected: current.connected,
    send: (key, args, withdrawal) => current.send(key, args, withdrawal),
    primaries: () => current.primaries(),
    close: () => {
      isEnded = true
      return current.close()
    },
    destroy: () => {
      isEnded = true
      current.destroy()
    },
    renew: () => {
      // What has never been connected is still trying.
      if (isEnded || !hasConnected) return
      const before = current
      current = begin()
      before.destroy()
    },
  }
}

function connectOnce(settings: RedisSettings, onError: (error: Error) => void): RedisConnection {
  if (settings.cluster) return connectToCluster(settings, onError)
  return settings.sentinels.length > 0
    ? connectBySentinels(settings, onError)
    : connectToServer(settings, onError)
}

function connectToServer(settings: RedisSettings, onError: (error: Error) => void): RedisConnection {
  const client = createClient({ ...clientOptions(settings), disableOfflineQueue: true })
  client.on('error', onError)
  const send: Send = (_, args, withdrawal) => client.sendCommand([...args], optionsOf(withdrawal))
  return {
    connected: client.connect(),
    send,
    primaries: async () => [send],
    close: () => client.close(),
    destroy: () => client.destroy(),
  }
}

function connectBySentinels(settings: RedisSettings, onError: (error: Error) => void): RedisConnection {
  const { sentinels, master, sentinelUsername, sentinelPassword } = settings
  const options = clientOptions(settings)
  const { database: _, username: __, password: ___, ...ofSentinels } = options
  const sentinel = createSentinel({
    RESP: 2,
    name: master,
    sentinelRootNodes: [...sentinels],
    nodeClientOptions: { ...options, disableOfflineQueue: true },
    sentinelClientOptions: {
      ...ofSentinels,
      ...credentials(sentinelUsername, sentinelPassword),
    },
    passthroughClientErrorEvents: true,
    // Without it commands that come in the same moment wait for each other, for as long as there are always some.
    reserveClient: true,
    scanInterval: SENTINEL_SCAN_MS,
  })
  sentinel.on('error', onError)
  let isClosed = false
  const send: Send = (_, args, withdrawal) => sentinel.sendCommand(false, [...args], optionsOf(withdrawal))
  return {
    connected: untilConnected(
      () => sentinel.connect(),
      () => isClosed,
      onError,
    ),
    send,
    primaries: async () => [send],
    close: () => {
      isClosed = true
      return sentinel.close()
    },
    destroy: () => {
      isClosed = true
      void sentinel.destroy()
    },
  }
}

function connectToCluster(settings: RedisSettings, onError: (error: Error) => void): RedisConnection {
  const { database: _, socket, ...options } = clientOptions(settings)
  const { host, port, ...rest } = socket as { host: string; port: number }
  const cluster = createCluster({
    RESP: 2,
    rootNodes: [{ socket: { ...rest, host, port } }],
    defaults: { ...options, socket: rest, disableOfflineQueue: true },
    topologyRefreshOnReconnectionAttemptStrategy: MAX_WAIT_MS,
  })
  cluster.on('error', onError)
  cluster.on('node-error', onError)
  let isClosed = false
  return {
    connected: untilConnected(
      () => cluster.connect(),
      () => isClosed,
      onError,
    ),
    send: (key, args, withdrawal) =>
      cluster.sendCommand(key ?? undefined, false, [...args], optionsOf(withdrawal)),
    primaries: async () => {
      const clients = await Promise.all(cluster.masters.map((node) => cluster.nodeClient(node)))
      return clients.map(
        (client): Send =>
          (__, args, withdrawal) =>
            client.sendCommand([...args], optionsOf(withdrawal)),
      )
    },
    close: () => {
      isClosed = true
      return cluster.close()
    },
    destroy: () => {
      isClosed = true
      cluster.destroy()
    },
  }
}

/**
 * What the client is told of a command: it calls no more of a signal than there is of it, and need not watch the time,
 * which costs a signal and a timer for each command: `Commands` does.
 */
const optionsOf = (withdrawal: Withdrawal): { abortSignal: AbortSignal; timeout: number } => ({
  abortSignal: withdrawal as unknown as AbortSignal,
  timeout: 0,
})

/** These give up after a while; we don't. */
async function untilConnected(
  attempt: () => Promise<unknown>,
  isClosed: () => boolean,
  onError: (error: Error) => void,
): Promise<void> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, MAX_WAIT_MS)) {
    try {
      await attempt()
      return
    } catch (error) {
      if (isClosed()) throw error
      onError(error as Error)
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}

/** A name and a password, where they are not empty. */
function credentials(username: string, password: string): { username?: string; password?: string } {
  return { ...(username !== '' && { username }), ...(password !== '' && { password }) }
}

/** What each connection to a server is told. */
function clientOptions({ url, username, password, database, tls, timeout }: RedisSettings) {
  const of = new URL(url)
  const { ca, cert, key } = tls
  const secured = { tls: true as const, ca: ca ?? undefined, cert: cert ?? undefined, key: key ?? undefined }
  const place =
    of.protocol === 'unix:'
      ? { path: decodeURIComponent(of.pathname) }
      : { host: of.hostname.replace(/[[\]]/g, ''), port: Number(of.port || 6379) }
  return {
    // The other form of the protocol needs a command that servers before version 6 lack: they couldn't say that they are.
    RESP: 2 as const,
    ...credentials(username || decodeURIComponent(of.username), password || decodeURIComponent(of.password)),
    database: database || Number(of.protocol === 'unix:' ? 0 : of.pathname.slice(1) || 0),
    disableClientInfo: true,
    maintNotifications: 'disabled' as const,
    pingInterval: PING_MS,
    socket: {
      ...place,
      ...(of.protocol === 'rediss:' ? secured : {}),
      connectTimeout: timeout,
      socketTimeout: SILENCE_MS,
      reconnectStrategy: (retries: number) => Math.min(FIRST_WAIT_MS * 2 ** retries, MAX_WAIT_MS),
    },
  }
}
