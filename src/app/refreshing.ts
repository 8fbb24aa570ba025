// Fetches what has to be refreshed, when it has to be, and says once what could not be.

import type { Logger } from 'pino'
import type { Settings } from '../config/setting-values.ts'
import { fetchedParts } from '../data/sources/plan.ts'
import { keyOfUrl } from '../data/sources/source-url.ts'
import { Store } from '../data/sources/store.ts'
import { Failing } from '../data/update/failing.ts'
import { dueUrls, waitOf } from '../data/update/schedule.ts'
import type { FileReport } from '../data/update/update.ts'
import type { Reloader, ReloadOutcome } from '../server/reload.ts'
import { planOf, readManifest } from './data-sources.ts'
import { REFRESH, refreshData } from './new-data.ts'

const DAY_MS = 86_400_000

/** What is refreshed. */
export interface RefreshOptions {
  /** The settings in force. */
  readonly settings: () => Settings
  readonly reloader: Pick<Reloader, 'reload'>
  readonly log: Logger
  /** Told of an outcome that is worth a line. */
  readonly onOutcome: (outcome: ReloadOutcome) => void
}

/** What is refreshed when. */
export interface RefreshState {
  /** Whether the settings name anything to fetch. */
  readonly canFetch: boolean
  /** When it is fetched next by itself, in milliseconds since 1970; null for never. */
  readonly next: number | null
  /** Since when it is being fetched; null while it isn't. */
  readonly since: number | null
}

/** Refreshes, until it is stopped. */
export interface Refreshing {
  readonly state: RefreshState
  /** Fetches everything now, whether it is due or not; nothing while that is going on. */
  now(): void
  /** Looks at settings that have changed. */
  adapt(): void
  stop(): void
}

/** Begins to refresh. */
export function keepRefreshing({ settings, reloader, log, onOutcome }: RefreshOptions): Refreshing {
  let plan = planOf(settings())
  const store = new Store(settings().dataDir)
  const failing = new Failing()
  let timer: NodeJS.Timeout | undefined
  let next: number | null = null
  let since: number | null = null
  let isStopped = false
  const schedule = (): void => {
    clearTimeout(timer)
    next = null
    if (since !== null || isStopped) return
    const wait = waitOf(plan, readManifest(store), Date.now(), failing, Math.random())
    if (wait === null) return
    next = Date.now() + wait
    timer = setTimeout(
      () => void look(dueUrls(plan, readManifest(store), Date.now(), failing)),
      Math.min(wait, DAY_MS),
    )
  }
  const intervalOf = (key: string): number =>
    fetchedParts(plan).find(({ url }) => keyOfUrl(url) === key)?.source.refresh ?? DAY_MS
  const failed = (key: string): void => failing.failed(key, intervalOf(key), Date.now(), Math.random())
  const look = async (due: ReadonlySet<string>): Promise<void> => {
    since = Date.now()
    try {
      if (due.size > 0) await refresh(due)
    } finally {
      since = null
      schedule()
    }
  }
  const refresh = async (due: ReadonlySet<string>): Promise<void> => {
    const reports: FileReport[] = []
    const outcome = await refreshData(settings, reloader, {
      due,
      onFile: (report) => reports.push(report),
      // What another attempt mends is worth no line, and what none mends has one.
      onRetry: (reason) => log.debug(reason),
      onWarning: (message) => log.warn(message),
    })
    tellOfFiles(outcome, reports)
    settle(outcome, due, reports)
  }
  const tellOfFiles = ({ kind: came }: ReloadOutcome, reports: readonly FileReport[]): void => {
    for (const { key, name, kind, reason } of reports) {
      if (kind === 'failed') {
        failed(key)
        const tell = failing.toTell(key, Date.now())
        if (tell !== null) log.error(`not fetched: ${reason}${tell}`)
      } else if (isWell(came)) {
        const after = failing.well(key)
        if (after !== null) log.info(`fetched again, ${after}: ${name}`)
      } else failed(key)
    }
  }
  const settle = (outcome: ReloadOutcome, due: ReadonlySet<string>, reports: readonly FileReport[]): void => {
    if (isWell(outcome.kind)) {
      failing.well(REFRESH)
      onOutcome(outcome)
      return
    }
    const reported = new Set(reports.map(({ key }) => key))
    for (const url of due) if (!reported.has(keyOfUrl(url))) failed(keyOfUrl(url))
    // That no file could be fetched has been told of each.
    if (reports.length === due.size && reports.every(({ kind }) => kind === 'failed')) return
    failing.failed(REFRESH, DAY_MS, Date.now(), 0)
    const tell = failing.toTell(REFRESH, Date.now())
    if (tell !== null) onOutcome({ ...outcome, reason: `${outcome.reason}${tell}` })
  }
  schedule()
  const urls = (): string[] => fetchedParts(plan).map(({ url }) => url)
  return {
    get state() {
      return { canFetch: urls().length > 0, next, since }
    },
    now: () => {
      if (since !== null) return
      clearTimeout(timer)
      next = null
      void look(new Set(urls()))
    },
    adapt: () => {
      plan = planOf(settings())
      schedule()
    },
    stop: () => {
      isStopped = true
      clearTimeout(timer)
    },
  }
}

function isWell(kind: ReloadOutcome['kind']): boolean {
  return kind === 'replaced' || kind === 'unchanged'
}
