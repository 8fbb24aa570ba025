// The log: pino, pretty on a terminal and JSON lines otherwise, to standard error or to a file.

import { type DestinationStream, type Logger, pino } from 'pino'
import type { Settings } from '../config/setting-values.ts'
import { AsnzoneError } from '../errors.ts'
import { complain } from '../print.ts'
import { printable, printableJson } from '../printable.ts'
import { LineFile } from '../system/line-file.ts'

const STANDARD_ERROR = 2

/** The log, and the file that it goes to. */
export interface Log {
  readonly log: Logger
  /**
   * Opens the file, once this process is the user that it is to belong to. Lines that came before are in it.
   *
   * @throws {AsnzoneError} `ASNZONE_CONFIG` when the file can't be opened.
   */
  readonly open: () => void
  /** Reopens the file; nothing when the log goes to standard error. Tells why the old one is kept, if it is. */
  readonly reopen: () => string | null
}

/**
 * A log that writes at once: the log of the preparing half may wait for a disk, the answering half has none. A log
 * that can't be written stops nothing.
 *
 * @param file the path of a file, which has to be opened; standard error when not given
 */
export async function createLogger(settings: Pick<Settings, 'log'>, file?: string): Promise<Log> {
  const format = settings.log.format
  const toTerminal = file === undefined && process.stderr.isTTY === true
  const layout =
    format === 'pretty' || (format === 'auto' && toTerminal) ? await prettyLayout(toTerminal) : null
  const held: string[] = []
  let target: LineFile | null = null
  const write = (line: string): void => {
    if (target === null) held.push(line)
    else target.write(line)
  }
  const open = (): void => {
    target = openLog(file, (lost) => log.warn(`${lost} lines of the log could not be written`))
    for (const line of held.splice(0)) target.write(line)
  }
  if (file === undefined) open()
  const stream: DestinationStream = { write: (line) => write(layout?.(line) ?? printableJson(line)) }
  const options = { level: settings.log.level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  const log = pino(options, stream)
  return { log, open, reopen: () => target?.reopen() ?? null }
}

function openLog(file: string | undefined, onRecovery: (lost: number) => void): LineFile {
  // Where standard error itself can't be written, there is nobody to tell; the lines are counted.
  const onFailure = (reason: string): void => {
    if (file !== undefined) complain(`asnzone: log-file ${file}: ${reason}`)
  }
  try {
    return new LineFile(file ?? STANDARD_ERROR, { onFailure, onRecovery })
  } catch (cause) {
    throw new AsnzoneError('ASNZONE_CONFIG', `log-file ${file}: ${(cause as Error).message}`, { cause })
  }
}

/** Lines for people, of which every text was made printable, in fields too: what is quoted forges no line. */
async function prettyLayout(colorize: boolean): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty')
  const pretty = prettyFactory({
    colorize,
    singleLine: true,
    translateTime: colorize ? 'SYS:HH:MM:ss' : 'SYS:yyyy-mm-dd HH:MM:ss',
  })
  return (line) => pretty(JSON.parse(line, printableValue))
}

/** A value of a line of the log; a stack keeps its lines, which are indented. */
function printableValue(key: string, value: unknown): unknown {
  if (typeof value === 'string') {
    return key === 'stack' ? value.split('\n').map(printable).join('\n') : printable(value)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [printable(name), of]))
}
