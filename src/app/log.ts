// The log: pino, as lines for people or as JSON, to standard error or to a file.

import { type Logger, pino } from 'pino'
import type { Settings } from '../config/setting-values.ts'
import { counted } from '../counted.ts'
import { AsnzoneError } from '../errors.ts'
import { complain } from '../print.ts'
import { printableJson } from '../printable.ts'
import { fileReason } from '../system/file-reason.ts'
import { isJournal } from '../system/journal.ts'
import { LineFile } from '../system/line-file.ts'
import { layoutFor, type Place } from './log-layout.ts'

const STANDARD_ERROR = 2

const IN_FULL = Symbol('in full')

/**
 * Fields of a line whose message says too little alone: people are told them at every level, where those of other
 * lines are details, for `debug`.
 */
export const inFull = (fields: object): object => ({ ...fields, [IN_FULL]: true })

/** What is said in the course of work. */
export type Sayings = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

/** For a command that prints what is odd, and keeps no log. */
export function warningsOnly(onWarning: (message: string) => void): Sayings {
  const say = (...args: readonly unknown[]): void =>
    onWarning(String(args.find((it) => typeof it === 'string')))
  const nothing = (): void => {}
  return { debug: nothing, info: nothing, warn: say, error: say }
}

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
export function createLogger(settings: Pick<Settings, 'log'>, file?: string): Log {
  const held: string[] = []
  let target: LineFile | null = null
  const write = (line: string): void => {
    if (target === null) held.push(line)
    else target.write(line)
  }
  const open = (): void => {
    target = openLog(file, (lost) => log.warn(`${counted(lost, 'line')} of the log could not be written`))
    for (const line of held.splice(0)) target.write(line)
  }
  if (file === undefined) open()
  const layout =
    settings.log.format === 'json'
      ? printableJson
      : layoutFor(
          placeOf(file, settings.log.format),
          () => IN_FULL in (stream.lastObj ?? {}) || log.isLevelEnabled('debug'),
        )
  // pino leaves the fields here, of which the line has no symbols.
  const stream = {
    [pino.symbols.needsMetadataGsym]: true,
    lastObj: undefined as object | undefined,
    write: (line: string) => write(layout(line)),
  }
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
    throw new AsnzoneError('ASNZONE_CONFIG', `log-file ${file}: ${fileReason(cause)}`, { cause })
  }
}

/** Where the lines go, as far as their look is concerned. */
function placeOf(file: string | undefined, format: Settings['log']['format']): Place {
  if (file !== undefined) return 'file'
  if (process.stderr.isTTY === true) return 'terminal'
  return format === 'auto' && isJournal(process.env) ? 'journal' : 'file'
}
