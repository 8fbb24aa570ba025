// The log: pino, pretty on a terminal and JSON lines otherwise. Everything goes to standard error.

import { type Logger, pino } from 'pino'
import type { Settings } from './config/settings.ts'

/** A logger that writes synchronously: the log of the preparing half may block, the answering half has none. */
export async function createLogger(settings: Pick<Settings, 'log-level' | 'log-format'>): Promise<Logger> {
  const format = settings['log-format']
  const pretty = format === 'pretty' || (format === 'auto' && process.stderr.isTTY === true)
  const options = { level: settings['log-level'], base: undefined, timestamp: pino.stdTimeFunctions.isoTime }
  if (!pretty) return pino(options, pino.destination({ dest: 2, sync: true }))
  const { PinoPretty } = await import('pino-pretty')
  return pino(
    options,
    PinoPretty({ destination: 2, sync: true, singleLine: true, translateTime: 'SYS:HH:MM:ss' }),
  )
}
