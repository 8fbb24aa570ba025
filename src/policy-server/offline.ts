// The policy service without its thread: for commands, where no server runs.

import { AsnzoneError } from '../errors.ts'
import type { Table } from '../table/table.ts'
import { Clients } from './clients.ts'
import { clockWith } from './clock.ts'
import { type ClientLookup, Decider } from './decider.ts'
import { KeptStore } from './kept-store.ts'
import type { LdapSettings } from './ldap/settings.ts'
import { nameOf, openStore, type StorePlace } from './open-store.ts'
import { Surface } from './service-surface.ts'
import { Tally } from './tally.ts'
import type { CountryPoint, PolicyConduct, PolicyMainCalls } from './task.ts'

/** What it works with. */
export interface OfflineParts {
  readonly place: StorePlace
  readonly ldap: LdapSettings | null
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
 * @throws {AsnzoneError} `ASNZONE_DATA` or `ASNZONE_STORE` when this asnzone can't use it, `ASNZONE_POLICY` when it
 *   is unavailable.
 */
export async function openSurface(parts: OfflineParts): Promise<Offline> {
  const { place, conduct, points, table, readRecords, ldap } = parts
  const clock = clockWith(null)
  const store = new KeptStore({
    open: () => openStore(place, { onWarning: () => {}, ownClock: false }),
    timeout: () => conduct.timeout,
    onTrouble: () => {},
  })
  await store.begin()
  if (store.trouble !== null) {
    throw new AsnzoneError('ASNZONE_POLICY', `${nameOf(place)}: ${store.trouble}`)
  }
  const directory = ldap === null ? null : await openDirectory(ldap)
  const clients = table === null ? WITHOUT_DATA : new Clients(table, points)
  const decider = new Decider({ conduct, clients, store, clock, directory })
  const surface = new Surface({
    decider,
    store,
    clock,
    tally: new Tally(),
    log: () => {},
    passedLevel: () => null,
    connections: () => 0,
    readRecords: async (texts) => readRecords(texts),
    ofSettings: () => conduct.records,
    teller: null,
  })
  return {
    surface,
    close: () => {
      directory?.close()
      return store.close()
    },
  }
}

async function openDirectory(ldap: LdapSettings) {
  const { Directory } = await import('./ldap/directory.ts')
  return new Directory(ldap, { onTrouble: () => {}, onWarning: () => {} })
}
