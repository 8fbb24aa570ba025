// asnzone update: fetches new data, checks it, and puts it in service when it is no worse.

import { join } from 'node:path'
import type { Command } from 'commander'
import { fetchNewData, type NewData } from '../app/new-data.ts'
import { prepareTable } from '../app/prepare.ts'
import { takesSnapshots } from '../app/published-data.ts'
import { refuseAsRoot } from '../app/root.ts'
import { planOf } from '../config/data-plan.ts'
import type { Settings } from '../config/setting-values.ts'
import { forgetAttempts } from '../data/compile/attempt.ts'
import { fetchedParts, fileNameOf } from '../data/sources/plan.ts'
import type { FileReport } from '../data/update/update.ts'
import { AsnzoneError } from '../errors.ts'
import { complain, print } from '../print.ts'
import { CONTROL_SOCKET } from '../server/control.ts'
import type { Table } from '../table/table.ts'
import { askReload } from './ask-reload.ts'
import { addSettingOptions, settingsOf } from './options.ts'
import { ProgressBar } from './progress-bar.ts'
import { takeSnapshot } from './take-snapshot.ts'
import { keptOld, tellServer } from './tell-server.ts'
import { grouped, megabytes, minuteOf } from './units.ts'

/** Adds the command. */
export function addUpdate(program: Command): void {
  const command = program
    .command('update')
    .summary('fetch new data')
    .description(
      'Fetches the data that the config names, checks and compiles it, and puts it in service when it is no worse ' +
        'than the old data. A running server with the same data directory then answers from it.',
    )
    .option(
      '--force',
      'accept new data even when it is older or smaller than the data in service, or a snapshot of a lower serial',
    )
    .addHelpText(
      'after',
      `
Exits with 0 when everything is new or unchanged. Otherwise the old data stays, and it exits with 1 and the reason.

Examples:
  asnzone update
  asnzone update --config /etc/asnzone/asnzone.yaml`,
    )
  addSettingOptions(command, [
    'data-dir',
    'feed',
    'feed-url',
    'max-size',
    'max-rows',
    'max-names',
    'max-time',
    'least-share',
    'sentinels',
  ]).action(async (options: Record<string, unknown>) => {
    await runUpdate(settingsOf(options), options.force === true)
  })
}

async function runUpdate(settings: Settings, force: boolean): Promise<void> {
  refuseAsRoot(settings.dataDir)
  if (takesSnapshots(settings)) return takeSnapshot(settings, force)
  if (force) forgetAttempts(settings.dataDir)
  if (fetchedParts(planOf(settings)).length === 0) {
    const nothing = 'there is nothing to fetch: no source is a URL, and feed is not one'
    if (!force) throw new AsnzoneError('ASNZONE_CONFIG', nothing)
    print(nothing)
    await tryAgain(settings, print)
    return
  }
  const bar = new ProgressBar()
  const say = (line: string): void => {
    bar.clear()
    print(line)
  }
  const warn = (line: string): void => {
    bar.clear()
    complain(`asnzone: ${line}`)
  }
  const told = new Set<string>()
  const data = await fetchNewData(settings, {
    onFile: (report) => {
      if (report.kind !== 'failed') say(fileLine(report))
      else {
        warn(report.reason ?? '')
        told.add(report.reason ?? '')
      }
    },
    onProgress: (name, progress) => bar.show(fileNameOf(name), progress),
    onRetry: warn,
    onWarning: warn,
  }).catch((error: unknown) => {
    // That none could be fetched has been told of each.
    if (!(error instanceof AsnzoneError && told.has(error.message))) throw error
    return null
  })
  if (data === null) {
    process.exitCode = 1
    return
  }
  const table = await installed(data, () => (force ? Promise.resolve(null) : tableOfToday(settings)))
  const { files } = data
  if (files.some(({ kind }) => kind === 'failed')) process.exitCode = 1
  if (table === null) {
    say('nothing is new')
    // What has ended a process twice is tried again all the same.
    if (force) await tryAgain(settings, say)
    return
  }
  say(tableLine(table))
  await tellServer(settings, force, say)
}

/** Lets new data count; null when nothing is new. */
async function installed(data: NewData, inService: () => Promise<Table | null>): Promise<Table | null> {
  try {
    const candidate = await data.install(inService)
    await candidate?.accept()
    return candidate?.table ?? null
  } finally {
    data.close()
  }
}

/** What the new data must be no worse than; nothing when what is there can't be read. */
async function tableOfToday(settings: Settings): Promise<Table | null> {
  try {
    const ready = await prepareTable(settings)
    await ready.refuse()
    return ready.table
  } catch (error) {
    if (!(error instanceof AsnzoneError)) throw error
    return null
  }
}

function fileLine({ name, kind, size, date, checked }: FileReport): string {
  const parts = [
    size === null ? kind : `${kind} ${megabytes(size)}`,
    ...(checked ? ['its checksum is right'] : []),
    ...(date === null ? [] : [`data of ${minuteOf(date)}`]),
  ]
  return `${fileNameOf(name)}: ${parts.join(', ')}`
}

function tableLine(table: Table): string {
  const { sources, date } = table.metadata()
  const rows = sources.reduce((sum, source) => sum + source.rows, 0)
  return `accepted: ${grouped(rows)} rows, ${grouped(table.asCount)} ASes, data of ${minuteOf(date)}`
}

/** Nothing is new, but what has ended a process twice may be compiled again: lets the running server do so. */
async function tryAgain(settings: Settings, say: (line: string) => void): Promise<void> {
  const reply = await askReload(join(settings.dataDir, CONTROL_SOCKET), true, say)
  if (reply === null) say('no server runs with this data directory; the next one compiles what is here')
  else if (!reply.ok) throw keptOld(reply.reason)
  else
    say(`the running server ${reply.kind === 'unchanged' ? 'has it already' : 'answers from what is here'}`)
}
