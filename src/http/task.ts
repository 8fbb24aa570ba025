// What the main thread and the HTTP thread tell each other, as plain data.

import type { MessagePort } from 'node:worker_threads'
import type { OriginPoint } from '../data/compile/origin-point.ts'
import type { MaxAge } from '../data/sources/age.ts'
import type { Networks } from '../dns/access-list.ts'
import type { LearnerSetting } from '../learn/learner.ts'
import type { LearnedSource } from '../learn/read-state.ts'
import type { PolicyFigures } from '../policy-server/surface.ts'
import type { ServedAddress } from '../server/bind.ts'
import type { RefusedClient } from '../server/query-log/refused.ts'
import type { QueryLogCounts } from '../server/query-log.ts'
import type { ReloadInProgress, ReloadOutcome } from '../server/reload.ts'
import type { TcpConnectionCounts } from '../server/tcp.ts'
import type { WhoisFigures } from '../whois/counts.ts'
import type { ZoneDefinition } from '../zones/definition.ts'
import type { ZoneSetOptions } from '../zones/zone-set.ts'
import type { ShownZone } from './shown-zones.ts'

/** The settings that are addresses of HTTP. */
export type HttpSetting = 'http' | 'publish-csv' | 'policy.http'

/** An address to serve on, what on, and to whom at first. */
export interface Door {
  readonly setting: HttpSetting
  readonly host: string
  /** 0 for any free port. */
  readonly port: number
  readonly rule: AccessRule
}

/** Who may ask: see access.ts. */
export interface AccessRule {
  /** Null where none is needed. */
  readonly token: string | null
  /** Networks that need no token; null for none. */
  readonly networks: Networks | null
}

/** A setting that differs from its default; its value is null where it is a secret or has parts. */
export interface ShownSetting {
  readonly name: string
  readonly value: string | null
  /** Where it stands: `FILE:LINE`; null where no config file decides it. */
  readonly place: string | null
}

/** What is in service. */
export interface HttpData {
  readonly table: SharedArrayBuffer
  readonly zones: readonly ShownZone[]
  /** What the zones are compiled from, should somebody look an address up. */
  readonly definitions: readonly ZoneDefinition[]
  readonly zoneSetOptions: ZoneSetOptions
  /** Where distances are counted from; null for nowhere. */
  readonly originPoint: OriginPoint | null
  /** What lookups are explained by; null where nothing is learned. */
  readonly learned: LearnedSource | null
  readonly maxAge: MaxAge
  /** The settings in force. */
  readonly settings: readonly ShownSetting[]
  /** Who may ask at each door but that of `policy.http`. */
  readonly rules: Readonly<Partial<Record<HttpSetting, AccessRule>>>
  readonly policyd: PolicydConduct
  /** Null where nobody may teach over HTTP. */
  readonly learn: LearnConduct | null
}

/** Who may teach over HTTP, and how it is learned: the setting `learn`. */
export interface LearnConduct extends LearnerSetting {
  /** Tokens by the name of the reporter. */
  readonly reporters: Readonly<Record<string, string>>
  readonly spam: number
  readonly ham: number
  readonly ownSymbols: readonly string[]
}

/** How geoip-policyd's REST interface is served: the setting `policy.http`. */
export interface PolicydConduct {
  /** Null where none is asked for, and so is the login. */
  readonly token: string | null
  readonly login: { readonly user: string; readonly password: string } | null
  /** Whether GET /reload reloads. */
  readonly getReload: boolean
  readonly dovecot: DovecotConduct
  /** Milliseconds that a decision may take. */
  readonly timeout: number
  /** A certificate and its key in PEM; null for plain HTTP. */
  readonly tls: TlsFiles | null
}

/** How Dovecot is answered. */
export interface DovecotConduct {
  /** Whether it asks only when the password was right: a refusal may block the account then. */
  readonly isProven: boolean
  /** Seconds that a login waits which is deferred. */
  readonly tarpit: number
  /** What is answered when the store is not available. */
  readonly onError: 'dunno' | 'defer' | 'close'
}

/** A certificate and its key, in PEM. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
}

/** What the HTTP thread is to do. */
export interface HttpTask {
  readonly doors: readonly Door[]
  /** Connections that may be open at a time, on all addresses. */
  readonly connections: number
  /** The counters of all threads, and how many rows of zones they have. */
  readonly counters: { readonly buffer: SharedArrayBuffer; readonly zones: number }
  /** Who has to tell for whom it asks (the PROXY protocol); null for nobody. */
  readonly proxies: Networks | null
  /** The database of the statistics; null where none are kept. */
  readonly statistics: string | null
  /** The state of what was learned. */
  readonly learned: string
  /** The directory of `asnzone build` that is handed out; null for none. */
  readonly snapshots: string | null
  /** When the server was started, in ISO 8601, UTC. */
  readonly started: string
}

/** What the thread begins with. */
export interface HttpThreadData {
  readonly task: HttpTask
  readonly figures: MainFigures
  readonly port: MessagePort
}

/** What the policy service tells. */
export interface PolicyState {
  /** Null while it doesn't answer. */
  readonly figures: PolicyFigures | null
}

/** Of a server that takes published snapshots. */
export interface SnapshotFigures {
  readonly serial: number
  /** When it is too old to be taken, in ISO 8601, UTC. */
  readonly expires: string
  /** When somebody looked for a newer one last, and what came of it; null when nobody did. */
  readonly pull: { readonly at: string; readonly kind: string } | null
}

/** The clients that got no answer last, as the query log has them. */
export interface RefusedFigures {
  /** Every how many queries one is logged. */
  readonly every: number
  /** The last first. */
  readonly clients: readonly RefusedClient[]
}

/** What becomes of new data. */
export interface UpdateFigures {
  /** What came of the last update, by whomever; null when there was none. */
  readonly last: { readonly at: string; readonly kind: string; readonly reason: string | null } | null
  /** When the server looks for new data by itself, in ISO 8601, UTC; null for never. */
  readonly next: string | null
  /** Since when it does; null while it doesn't. */
  readonly since: string | null
  /** Whether the settings name anything to fetch. */
  readonly canFetch: boolean
}

/** What only the main thread knows. */
export interface MainFigures {
  readonly addresses: readonly ServedAddress[]
  readonly udpKind: 'mmsg' | 'dgram'
  readonly tcpConnections: TcpConnectionCounts
  readonly receiveDrops: number | null
  /** Null without a query log. */
  readonly queryLog: QueryLogCounts | null
  /** Null without a query log. */
  readonly refused: RefusedFigures | null
  readonly reloads: Readonly<Record<ReloadOutcome['kind'], number>>
  readonly lastReload: ReloadOutcome | null
  readonly currentReload: ReloadInProgress | null
  readonly update: UpdateFigures
  /** Writes of the statistics that failed; null where none are kept. */
  readonly statisticsFailures: number | null
  /** Null without a policy service. */
  readonly policy: PolicyState | null
  /** Null without whois. */
  readonly whois: WhoisFigures | null
  /** Null where no published snapshot is taken. */
  readonly snapshot: SnapshotFigures | null
}

/** What the main thread offers to the HTTP thread. */
export interface MainCalls {
  figures(): MainFigures | Promise<MainFigures>
  /** Puts an error that should not be into the log. */
  logError(message: string, stack: string): void
  /** Begins to read config and data again. */
  reload(): void
  /** Begins to fetch new data; false where the settings name nothing to fetch. */
  update(): boolean
  /**
   * Calls a function of the policy service: see policy-server/commands.ts.
   *
   * @throws {AsnzoneError} `ASNZONE_POLICY` when the service or its store is not available, `ASNZONE_CONFIG` when what is asked
   *   is wrong.
   */
  policy(name: string, argument: unknown): Promise<unknown>
}

/** What the HTTP thread offers to the main thread. */
export interface HttpThreadCalls {
  /** Begins to show the data at every door; gives the ports, in their order. */
  listen(data: HttpData): Promise<number[]>
  /** Shows other data. */
  replace(data: HttpData): void
  /** Gives memory back that replaced data has left. */
  collect(): void
  /** Tells that it is alive. */
  ping(): number | null
}
