// The running server as the HTTP thread sees it: the table and the counters are shared memory, the rest is asked of
// the main thread when somebody wants to know.

import { type PolicyCommands, remoteCommands } from '../policy-server/commands.ts'
import { Counters } from '../server/counters.ts'
import type { QueryLogCounts } from '../server/query-log.ts'
import type { DataFigures, ServerFigures } from '../server/status.ts'
import { Table } from '../table/table.ts'
import { compileZoneSet, type ZoneSet } from '../zones/zone-set.ts'
import type { LearnDoor } from './learn-api.ts'
import { LearnQueue } from './learn-queue.ts'
import { learningInto } from './learning.ts'
import type { ServerView, Upkeep } from './server-view.ts'
import type { ShownZone } from './shown-zones.ts'
import type { OpenStatistics } from './statistics.ts'
import type {
  AccessRule,
  Door,
  HttpData,
  HttpTask,
  MainCalls,
  MainFigures,
  PolicyState,
  SnapshotFigures,
} from './task.ts'

/** What the thread brings along. */
export interface RemoteParts {
  readonly task: HttpTask
  readonly data: HttpData
  /** The figures at the start. */
  readonly figures: MainFigures
  /** Asks the main thread for those of now; rejects when it doesn't answer. */
  readonly ask: () => Promise<MainFigures>
  readonly upkeep: Upkeep
  /** Calls a function of the policy service. */
  readonly callPolicy: MainCalls['policy']
  readonly openStatistics: OpenStatistics | null
  readonly onError: (error: Error) => void
}

/** A running server in another thread. */
export class RemoteServer implements ServerView {
  readonly server: ServerFigures
  readonly reloader: DataFigures
  readonly recorder: ServerView['recorder']
  readonly started: string
  readonly proxies: ServerView['proxies']
  readonly openStatistics: OpenStatistics | null
  readonly onError: (error: Error) => void
  readonly policyCommands: PolicyCommands
  readonly upkeep: Upkeep
  readonly #ask: () => Promise<MainFigures>
  readonly learning: LearnDoor
  #figures: MainFigures
  #data: HttpData
  #table: Table
  /** Compiled when somebody looks an address up: the main thread can't hand its objects over, and has better to do. */
  #zoneSet: ZoneSet | null = null
  /** The question that is on its way: who asks meanwhile gets the same answer. */
  #asking: Promise<boolean> | null = null

  constructor({ task, data, figures, ask, upkeep, callPolicy, openStatistics, onError }: RemoteParts) {
    this.#figures = figures
    this.#ask = ask
    this.#data = data
    this.#table = new Table(data.table)
    const conduct = () => this.#data.learn
    const learn = learningInto(task.learned, conduct, () => this.#table)
    this.learning = { conduct, queue: new LearnQueue(learn, onError) }
    this.started = task.started
    this.proxies = task.proxies
    this.openStatistics = openStatistics
    this.onError = onError
    this.upkeep = upkeep
    this.policyCommands = remoteCommands(callPolicy)
    this.server = this.#serverFigures(new Counters(task.counters.zones, task.counters.buffer))
    this.reloader = this.#dataFigures()
    this.recorder = this.#recorderFigures()
  }

  get zones(): readonly ShownZone[] {
    return this.#data.zones
  }

  get zoneSet(): ZoneSet {
    const { definitions, zoneSetOptions } = this.#data
    this.#zoneSet ??= compileZoneSet(definitions, zoneSetOptions)
    return this.#zoneSet
  }

  get policy(): PolicyState | null {
    return this.#figures.policy
  }

  get whois(): ServerView['whois'] {
    return this.#figures.whois
  }

  get snapshot(): SnapshotFigures | null {
    return this.#figures.snapshot
  }

  get refused(): ServerView['refused'] {
    return this.#figures.refused
  }

  get update(): ServerView['update'] {
    return this.#figures.update
  }

  get settings(): ServerView['settings'] {
    return this.#data.settings
  }

  get originPoint(): ServerView['originPoint'] {
    return this.#data.originPoint
  }

  get learned(): ServerView['learned'] {
    return this.#data.learned
  }

  get maxAge(): ServerView['maxAge'] {
    return this.#data.maxAge
  }

  /** How geoip-policyd's REST interface is served. */
  get policyd(): HttpData['policyd'] {
    return this.#data.policyd
  }

  /** Who may ask at the door of a setting. */
  ruleOf({ setting, rule }: Door): AccessRule {
    return this.#data.rules[setting] ?? rule
  }

  /** Shows other data. */
  replace(data: HttpData): void {
    this.#data = data
    this.#table = new Table(data.table)
    this.#zoneSet = null
  }

  refresh(): Promise<boolean> {
    this.#asking ??= this.#ask()
      .then((figures) => {
        this.#figures = figures
        return true
      })
      .catch(() => false)
      .finally(() => {
        this.#asking = null
      })
    return this.#asking
  }

  #serverFigures(counters: Counters): ServerFigures {
    const figures = () => this.#figures
    const queryLog = {
      get counts(): QueryLogCounts {
        return figures().queryLog ?? { written: 0, lost: 0, dropped: 0 }
      },
    }
    return {
      counters,
      queryLog: figures().queryLog === null ? null : queryLog,
      receiveDrops: () => figures().receiveDrops,
      get addresses() {
        return figures().addresses
      },
      get tcpConnections() {
        return figures().tcpConnections
      },
      get udpKind() {
        return figures().udpKind
      },
    }
  }

  #dataFigures(): DataFigures {
    const table = () => this.#table
    const figures = () => this.#figures
    return {
      get table() {
        return table()
      },
      get counts() {
        return figures().reloads
      },
      get last() {
        return figures().lastReload
      },
      get current() {
        return figures().currentReload
      },
    }
  }

  #recorderFigures(): ServerView['recorder'] {
    if (this.#figures.statisticsFailures === null) return null
    const figures = () => this.#figures
    return {
      get failures() {
        return figures().statisticsFailures ?? 0
      },
    }
  }
}
