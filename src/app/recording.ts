// What is recorded of queries, as the settings say: the query log and the statistics, with what goes wrong going to the
// log.

import type { Logger } from 'pino'
import type { Settings } from '../config/setting-values.ts'
import { counted } from '../counted.ts'
import { QueryLog } from '../server/query-log.ts'
import { StatsRecorder } from '../stats/recorder.ts'
import { threadsWith } from '../system/threads.ts'

/** The query log, null when there is to be none. It writes nothing before `start`. */
export function queryLogOf(settings: Settings, log: Logger): QueryLog | null {
  const file = settings.queryLog.file
  if (file === undefined) return null
  return new QueryLog({
    file,
    every: settings.queryLog.every,
    threads: threadsWith(settings.workers),
    onReport: (report) => {
      switch (report.kind) {
        case 'failed':
          log.error(`query log ${file}: ${report.reason}; queries are answered and not logged`)
          break
        case 'recovered':
          log.warn(
            `query log ${file}: it can be written again; ${counted(report.lost, 'query was', 'queries were')} not logged`,
          )
          break
        case 'dropped':
          log.warn(
            `query log ${file}: ${counted(report.queries, 'query', 'queries')} came too fast to be logged; see query-log-every`,
          )
      }
    },
  })
}

/** What is said of statistics that can't be kept. */
export const notWritten = (reason: string): string => `statistics are not written: ${reason}`

/** Begins to keep statistics; null when there are to be none. */
export function statsRecorderOf(settings: Settings, log: Logger): StatsRecorder | null {
  if (!settings.stats.enabled) return null
  return new StatsRecorder({
    directory: settings.dataDir,
    interval: settings.stats.interval * 1000,
    slices: threadsWith(settings.workers),
    onTrouble: (message) => {
      if (message === null) log.info('statistics are written again')
      else log.error(notWritten(message))
    },
  })
}

/** What came of having statistics written. */
export interface WrittenStatistics {
  /** Whether the server counts. */
  readonly counts: boolean
  /** Why what it counted isn't written; null when it is, or when there is nothing. */
  readonly reason: string | null
}

/** Writes what was counted until now. */
export async function writeStatistics(recorder: StatsRecorder | null): Promise<WrittenStatistics> {
  return { counts: recorder !== null, reason: (await recorder?.write()) ?? null }
}
