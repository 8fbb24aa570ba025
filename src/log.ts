// The log: pino, pretty on a terminal and JSON lines otherwise. Everything goes to standard error.

import { type Logger, pino } from 'pino'
import { PinoPretty } from 'pino-pretty'
import type { Settings } from './config/settings.ts'

/** A logger that writes synchronously: the log of the preparing half may block, the answering half has none. */
export function createLogger(settings: Pick<Settings, 'log-level' | 'log-format'>): Logger {
  const format = settings['log-format']
  const pretty = format === 'pretty' || (format === 'auto' && process.stderr.isTTY === true)
  const options = { level: settings['log-level'], base: undefined, timestamp: pino.stdTimeFunctions.isoTime }
  return pretty
    ? pino(options, PinoPretty({ destination: 2, sync: true, translateTime: 'SYS:HH:MM:ss' }))
    : pino(options, pino.destination({ dest: 2, sync: true }))
}
