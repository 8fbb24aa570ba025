// A running server without sockets, for tests of what HTTP shows.

import { Responder } from '../../src/dns/responder.ts'
import { LearnQueue } from '../../src/http/learn-queue.ts'
import type { ServerView } from '../../src/http/server-view.ts'
import { shownZones } from '../../src/http/shown-zones.ts'
import type { AccessRule } from '../../src/http/task.ts'
import { noCounts } from '../../src/learn/learner.ts'
import { remoteCommands } from '../../src/policy-server/commands.ts'
import { CounterSlice, Counters } from '../../src/server/counters.ts'
import type { Table } from '../../src/table/table.ts'
import type { ZoneSet } from '../../src/zones/zone-set.ts'
import { smallTable, smallZoneSet } from './small-table.ts'

/** The rule of an address on loopback without a token. */
export const OWN_HOST: AccessRule = { token: null, networks: null }

/** The same for an application. */
export const ownHost = (): AccessRule => OWN_HOST

/** What a test can see and change of it. */
export interface FakeServer {
  readonly running: ServerView
  readonly counters: Counters
  /** Counts as one of the server's threads would. */
  readonly slice: CounterSlice
  readonly responder: Responder
  readonly errors: Error[]
  /** Puts another table into service. */
  replace(table: Table): void
}

/** What no server changes: made once. */
let shared: { readonly zoneSet: ZoneSet; readonly table: Table } | undefined

function sharedData(): NonNullable<typeof shared> {
  shared ??= { zoneSet: smallZoneSet(), table: smallTable() }
  return shared
}

/** A server on 127.0.0.1:5300 that answers from the small table; its data are of 2026-06-17. */
export function fakeServer(parts: Partial<ServerView> = {}): FakeServer {
  const { zoneSet, table } = sharedData()
  const zones = shownZones(zoneSet)
  const counters = new Counters(zones.length)
  const slice = new CounterSlice(counters.handle(1))
  const errors: Error[] = []
  const reloader = {
    table,
    counts: { replaced: 2, unchanged: 0, refused: 1, failed: 0 },
    last: {
      at: '2026-11-20T06:00:00.000Z',
      trigger: 'SIGHUP',
      kind: 'refused' as const,
      reason: 'less',
      milliseconds: 5,
      changed: [],
      restart: [],
    },
    current: null,
  }
  const running: ServerView = {
    server: {
      addresses: [{ host: '127.0.0.1', port: 5300, family: 4, receiveBuffer: 0 }],
      counters,
      queryLog: { counts: { written: 9, lost: 0, dropped: 2 } },
      receiveDrops: () => 7,
      tcpConnections: { open: 3, accepted: 20, displaced: 1 },
      udpKind: 'mmsg',
    },
    reloader,
    recorder: { failures: 4 },
    policy: null,
    policyCommands: remoteCommands(async () => null),
    whois: null,
    proxies: null,
    learning: {
      conduct: () => null,
      queue: new LearnQueue(
        async () => noCounts(),
        () => {},
      ),
    },
    snapshot: null,
    zones,
    zoneSet,
    originPoint: null,
    learned: null,
    openStatistics: null,
    maxAge: { text: '45d', milliseconds: 45 * 86_400_000 },
    settings: [{ name: 'here', value: null, place: '/etc/asnzone/asnzone.yaml:3' }],
    refused: null,
    update: {
      last: { at: '2026-11-20T05:30:00.000Z', kind: 'incomplete', reason: 'gone' },
      next: '2026-11-21T05:30:00.000Z',
      since: null,
      canFetch: true,
    },
    upkeep: { reload: async () => {}, update: async () => true },
    started: '2026-11-20T05:00:00.000Z',
    onError: (error) => errors.push(error),
    refresh: async () => true,
    ...parts,
  }
  return {
    running,
    counters,
    slice,
    responder: new Responder(reloader.table, zoneSet, slice),
    errors,
    replace: (table) => {
      reloader.table = table
    },
  }
}
