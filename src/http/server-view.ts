// What HTTP shows of a running server.

import type { OriginPoint } from '../data/compile/origin-point.ts'
import type { MaxAge } from '../data/sources/age.ts'
import type { Networks } from '../dns/access-list.ts'
import type { LearnedSource } from '../learn/read-state.ts'
import type { PolicyCommands } from '../policy-server/commands.ts'
import type { DataFigures, ServerFigures } from '../server/status.ts'
import type { WhoisFigures } from '../whois/counts.ts'
import type { ZoneSet } from '../zones/zone-set.ts'
import type { LearnDoor } from './learn-api.ts'
import type { ShownZone } from './shown-zones.ts'
import type { OpenStatistics } from './statistics.ts'
import type { PolicyState, RefusedFigures, ShownSetting, SnapshotFigures, UpdateFigures } from './task.ts'

/** What is asked of a server over HTTP; what comes of it is told by its status. */
export interface Upkeep {
  /** Begins to read config and data again. */
  reload(): Promise<void>
  /** Begins to fetch new data; resolves with false where the settings name nothing to fetch. */
  update(): Promise<boolean>
}

/** A running server, as HTTP shows it: the thread of HTTP makes one from shared memory and calls. */
export interface ServerView {
  /** Brings up to date what is not in shared memory; false when the server did not answer in time. */
  refresh(): Promise<boolean>
  readonly server: ServerFigures
  /** Who has to tell for whom it asks, this host included; null for nobody. */
  readonly proxies: Networks | null
  readonly reloader: DataFigures
  /** What writes the statistics; null where nothing does. */
  readonly recorder: { readonly failures: number } | null
  /** The policy service; null when there is none. */
  readonly policy: PolicyState | null
  /** What may be asked of the policy service, where there is one. */
  readonly policyCommands: PolicyCommands
  /** The whois server; null when there is none. */
  readonly whois: WhoisFigures | null
  /** The published snapshot; null where none is taken. */
  readonly snapshot: SnapshotFigures | null
  /** Who may teach, and what waits to be learned. */
  readonly learning: LearnDoor
  readonly zones: readonly ShownZone[]
  /** The zones, to ask them; compiled when somebody does. */
  readonly zoneSet: ZoneSet
  /** Where distances are counted from; null for nowhere. */
  readonly originPoint: OriginPoint | null
  /** What lookups are explained by; null where nothing is learned. */
  readonly learned: LearnedSource | null
  /** Opens what was counted by country and AS; null where nothing is. */
  readonly openStatistics: OpenStatistics | null
  /** From which age on data is too old. */
  readonly maxAge: MaxAge
  /** The settings in force that differ from their defaults. */
  readonly settings: readonly ShownSetting[]
  /** The clients that got no answer last; null without a query log. */
  readonly refused: RefusedFigures | null
  readonly update: UpdateFigures
  readonly upkeep: Upkeep
  /** Told of an error that should not be. */
  readonly onError: (error: Error) => void
  /** When it was started, in ISO 8601, UTC. */
  readonly started: string
}
