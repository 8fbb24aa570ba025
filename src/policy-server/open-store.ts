// Where the policy service keeps what it remembers, and how that is opened. What a store needs is loaded with it: Redis
// needs no SQLite, and SQLite no Redis.

import { AsnzoneError } from '../errors.ts'
import { ofFile } from '../system/file-reason.ts'
import type { RedisSettings } from './redis/settings.ts'
import type { Store } from './store.ts'

/** A file of this host, or Redis or Valkey, which other hosts use as well. */
export type StorePlace = (
  | { readonly kind: 'sqlite'; readonly file: string }
  | ({ readonly kind: 'redis' } & RedisSettings)
) & {
  /** What names of accounts are hashed with; none where they are kept as they are. */
  readonly hashKey?: string | null
}

/** How a store is used. */
export interface OpenOptions {
  /** Told of what is passed over and of what can't be written. */
  readonly onWarning: (message: string) => void
  /** Whether the time of requests counts although the store has a clock of its own: to try out hours in a second. */
  readonly ownClock: boolean
}

/**
 * Opens a store.
 *
 * @throws {AsnzoneError} `ASNZONE_DATA` or `ASNZONE_STORE` when it is nothing that this asnzone can use, ever.
 * @throws {Error} when it can't be used now.
 */
export async function openStore(place: StorePlace, options: OpenOptions): Promise<Store> {
  const { hashKey = null } = place
  const store = await openPlain(place, options)
  if (hashKey === null) return store
  const { HashedStore } = await import('./hashed-store.ts')
  return new HashedStore(store, hashKey)
}

async function openPlain(place: StorePlace, { onWarning, ownClock }: OpenOptions): Promise<Store> {
  if (place.kind === 'redis') {
    const { RedisStore } = await import('./redis/redis-store.ts')
    return RedisStore.open(place, { onWarning, clock: ownClock ? 'request' : 'server' })
  }
  const { SqliteStore } = await import('./sqlite-store.ts')
  return SqliteStore.open(place.file)
}

/**
 * Opens the file of a store that is there already.
 *
 * @throws {AsnzoneError} `ASNZONE_DATA` that names the file, when it is none or can't be read.
 */
export async function openFile(file: string): Promise<Store> {
  const { SqliteStore } = await import('./sqlite-store.ts')
  try {
    return SqliteStore.open(file, undefined, false)
  } catch (error) {
    throw naming(file, error as Error)
  }
}

/** An error that names the file that it is about. */
export function naming(file: string, error: Error): AsnzoneError {
  if (error instanceof AsnzoneError) return error
  const message = ofFile(file, error.message)
  return new AsnzoneError('ASNZONE_DATA', message, { cause: error })
}

/** What a store is called in messages; what Redis says names the server already. */
export function nameOf(place: StorePlace): string {
  return place.kind === 'redis' ? 'the store in Redis' : place.file
}
