// The statistics of the settings, with what goes wrong going to the log.

import type { Logger } from 'pino'
import type { Settings } from '../config/setting-values.ts'
import { StatsRecorder } from '../stats/recorder.ts'
import { threadsWith } from '../system/threads.ts'

/** Begins to keep statistics; null when there are to be none. */
export function statsRecorderOf(settings: Settings, log: Logger): StatsRecorder | null {
  if (!settings.stats.enabled) return null
  return new StatsRecorder({
    directory: settings.dataDir,
    interval: settings.stats.interval * 1000,
    // TCP and UDP by node:dgram in the main thread have a slice each, and so has each worker.
    slices: threadsWith(settings.workers),
    onTrouble: (message) => {
      if (message === null) log.info('statistics are written again')
      else log.error(`statistics are not written: ${message}`)
    },
  })
}
