// What a running server consists of, for all who look after it.

import type { Logger } from 'pino'
import type { Settings } from '../config/setting-values.ts'
import type { Server } from '../server/server.ts'
import type { ZoneRows } from '../server/zone-rows.ts'
import type { StatsRecorder } from '../stats/recorder.ts'
import type { Notifier } from '../system/sd-notify.ts'
import type { RunningPolicy } from './policy.ts'
import type { Serials } from './serials.ts'
import type { Setup } from './setup.ts'
import type { RunningWhois } from './whois.ts'

/** A running server. */
export interface Running {
  /** What it answers with beside the data; a reload puts another one here. */
  setup: Setup
  /** Reads the settings again as they were read at the start. */
  readonly readSettings: () => Settings
  readonly serials: Serials
  readonly rows: ZoneRows
  readonly server: Server
  /** Counts queries by country and AS; null when they aren't counted. */
  readonly recorder: StatsRecorder | null
  /** The policy service; null when there is none. */
  readonly policy: RunningPolicy | null
  /** The whois server; null when there is none. */
  readonly whois: RunningWhois | null
  readonly log: Logger
  /** The service manager, told of each reload; null when there is none. */
  readonly notifier: Notifier | null
  /** Reopens the logs for anybody who asks; resolves with why an old one is kept, null when none is. */
  readonly reopenLogs: (trigger: string) => Promise<string | null>
  /** What an administrator writes to have new data fetched. */
  readonly updateCommand: string
  /** HTTP connections that may be open at a time. */
  readonly httpConnections: number
  /** When it was started, in ISO 8601, UTC. */
  readonly started: string
}
