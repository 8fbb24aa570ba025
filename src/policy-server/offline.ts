// The policy service without its thread: for commands, where no server runs.

import { AsnzoneError } from '../errors.ts'
import type { Table } from '../table/table.ts'
import { Clients } from './clients.ts'
import { clockWith } from './clock.ts'
import { type ClientLookup, Judge } from './judge.ts'
import { KeptStore } from './kept-store.ts'
import { Surface } from './service-surface.ts'
import { SqliteStore } from './sqlite-store.ts'
import { Tally } from './tally.ts'
import type { CountryPoint, PolicyConduct, PolicyMainCalls } from './task.ts'

/** What it works with. */
export interface OfflineParts {
  /** The file of the store. */
  readonly file: string
  readonly conduct: PolicyConduct
  readonly points: ReadonlyMap<string, CountryPoint>
  /** Null where no address is asked about. */
  readonly table: Table | null
  readonly readRecords: PolicyMainCalls['readRecords']
}

/** The functions of the service, until they are closed. */
export interface Offline {
  readonly surface: Surface
  close(): Promise<void>
}

const WITHOUT_DATA: ClientLookup = {
  of: () => {
    throw new AsnzoneError('ASNZONE_POLICY', 'no data is loaded')
  },
}

/**
 * Opens the store.
 *
 * @throws {AsnzoneError} `ASNZONE_DATA` when a newer asnzone has written it, `ASNZONE_POLICY` when it can't be used.
 */
export function openSurface({ file, conduct, points, table, readRecords }: OfflineParts): Offline {
  const clock = clockWith(null)
  const store = new KeptStore({
    open: () => SqliteStore.open(file),
    timeout: () => conduct.timeout,
    onTrouble: () => {},
  })
  store.begin()
  if (store.trouble !== null) throw new AsnzoneError('ASNZONE_POLICY', `${file}: ${store.trouble}`)
  const clients = table === null ? WITHOUT_DATA : new Clients(table, points)
  const judge = new Judge({ conduct, clients, store, clock })
  const surface = new Surface({
    judge,
    store,
    clock,
    tally: new Tally(),
    log: () => {},
    passedLevel: () => null,
    connections: () => 0,
    readRecords: async (texts) => readRecords(texts),
    ofSettings: () => conduct.records,
  })
  return { surface, close: () => store.close() }
}
