// What every command that answers needs first: the table, and the set of zones for it.

import { statSync } from 'node:fs'
import type { Settings } from '../config/setting-values.ts'
import { counted } from '../counted.ts'
import type { SourceReport } from '../data/compile/load.ts'
import { type ReadyTable, readyTable } from '../data/compile/ready-table.ts'
import { startingTable } from '../data/compile/starting-table.ts'
import { removeLeftOvers } from '../data/left-overs.ts'
import { Store } from '../data/sources/store.ts'
import { minuteOf } from '../minute.ts'
import { complain } from '../print.ts'
import type { Table } from '../table/table.ts'
import { workAsOwner } from './as-owner.ts'
import { limitsOf, scoringOf, sourcesOf, standInOf } from './data-sources.ts'
import { dataWarnings } from './data-warnings.ts'
import type { Sayings } from './log.ts'
import { publishedTable, takesSnapshots } from './published-data.ts'
import { refuseAsRoot } from './root.ts'
import { settingWarnings } from './setting-warnings.ts'
import { type Answering, type Served, type ServedOptions, servedBy } from './setup.ts'

/** All that is needed to answer. */
export interface Prepared extends Served {
  readonly table: Table
  /** Resolves when the memory that compiling took is free. */
  readonly finished: Promise<void>
}

/** What a command brings along. */
export interface PrepareOptions extends ServedOptions {
  readonly log?: Sayings | undefined
  /** The server owns the snapshot in its data directory; other commands leave it as it is. */
  readonly isServer?: boolean
}

/**
 * Reads the data for a setup, and compiles its zones: that they compile is part of being prepared.
 *
 * @throws {AsnzoneError} when a data file or a zone is wrong.
 */
export async function prepare(setup: Answering, options: PrepareOptions = {}): Promise<Prepared> {
  const ready = await prepareTable(setup.settings, options)
  const { table } = ready
  try {
    return { table, ...servedBy(setup, table, options), finished: ready.accept() }
  } catch (error) {
    // The process that compiles would wait for its fate for ever, and this one for it.
    await ready.refuse()
    throw error
  }
}

/**
 * Reads the data. The caller accepts or refuses the table.
 *
 * @throws {AsnzoneError} when a data file is wrong, or the data directory isn't for this user to write into.
 */
export async function prepareTable(settings: Settings, options: PrepareOptions = {}): Promise<ReadyTable> {
  const { log, isServer = false } = options
  if (!isServer) await workAsOwner(settings)
  else {
    refuseAsRoot(settings.dataDir)
    forgetUrls(settings, log)
    removeLeftOvers(settings.dataDir)
  }
  if (takesSnapshots(settings)) {
    const ready = await publishedTable(settings, isServer, log)
    logSources(log, ready.table)
    warn(log, settings, ready.table)
    return ready
  }
  const reading = {
    sources: sourcesOf(settings, log),
    scoring: await scoringOf(settings),
    dataDirectory: settings.dataDir,
    limits: limitsOf(settings),
    isGuest: !isServer,
    onSource: (report: SourceReport) => logSource(log, report),
    onCompile: (paths: readonly string[]) => sayCompiling(log, isServer, paths),
    onWarning: (message: string) => log?.warn(message),
  }
  const onAlarm = (message: string): void => log?.error(message)
  const ready = isServer
    ? await startingTable({ ...reading, standIn: standInOf(settings), onAlarm })
    : await readyTable(reading)
  if (ready.from === 'snapshot') logSources(log, ready.table)
  warn(log, settings, ready.table)
  return ready
}

/** A server that is silent for seconds, or a minute with large sources, looks as if it hung; so does a command. */
function sayCompiling(log: Sayings | undefined, isServer: boolean, paths: readonly string[]): void {
  const octets = paths.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0)
  const what = `compiling ${counted(paths.length, 'data file')}, ${Math.ceil(octets / 1e6)} MB; later starts read the snapshot`
  if (isServer) log?.info(what)
  else if (process.stderr.isTTY === true) complain(`asnzone: ${what}`, 'information')
}

function warn(log: Sayings | undefined, settings: Settings, table: Table): void {
  for (const warning of [...settingWarnings(settings), ...dataWarnings(settings, table)]) log?.warn(warning)
}

/** An older asnzone has left more in the data directory than should be there. */
function forgetUrls(settings: Settings, log?: Sayings): void {
  try {
    new Store(settings.dataDir).forgetUrls()
  } catch (error) {
    log?.warn(`what an older asnzone wrote into the data directory stays there: ${(error as Error).message}`)
  }
}

function logSources(log: Sayings | undefined, table: Table): void {
  for (const { what, family, name, rows, distinct, date } of table.metadata().sources) {
    log?.debug({ what, family, rows, distinct, date }, `${name}: ${counted(rows, 'row')}, from the snapshot`)
  }
}

function logSource(log: Sayings | undefined, report: SourceReport): void {
  const { what, name, family, rows, distinct, date, outOfOrder, overlapping, merged, milliseconds } = report
  if (report.doubt !== undefined) log?.warn(report.doubt)
  const mended = { outOfOrder, overlapping, merged }
  log?.debug(
    { what, family, rows, distinct, date, ...mended, ms: milliseconds },
    `read ${name}: ${counted(rows, 'row')}, ${counted(distinct, 'distinct value')}, data of ${date === null ? 'unknown date' : minuteOf(date)}`,
  )
}
