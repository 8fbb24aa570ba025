// asnzone update: fetches new data, checks it, and puts it in service when it is no worse.

import { join } from 'node:path'
import type { Command } from 'commander'
import { type UpdateOutcome, updateData } from '../app/update.ts'
import type { Settings } from '../config/setting-values.ts'
import { counted } from '../counted.ts'
import { dateTold } from '../data/sources/age.ts'
import { fileNameOf } from '../data/sources/plan.ts'
import type { FileReport } from '../data/update/update.ts'
import { AsnzoneError } from '../errors.ts'
import { minuteOf } from '../minute.ts'
import { complain, print } from '../print.ts'
import { CONTROL_SOCKET } from '../server/control.ts'
import type { Table } from '../table/table.ts'
import { askReload } from './ask-reload.ts'
import { addSettingOptions, settingsOf } from './options.ts'
import { ProgressBar } from './progress-bar.ts'
import { keptOld, tellServer } from './tell-server.ts'
import { grouped, megabytes } from './units.ts'

const NOTHING_TO_FETCH = 'there is nothing to fetch: no source is a URL, and feed is not one'

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

async function runUpdate(settings: Settings, isForced: boolean): Promise<void> {
  const bar = new ProgressBar()
  const say = (line: string): void => {
    bar.clear()
    print(line)
  }
  const warn = (line: string): void => {
    bar.clear()
    complain(`asnzone: ${line}`)
  }
  const counts = { all: 0, new: 0 }
  const outcome = await updateData(settings, {
    isForced,
    onFile: (report) => {
      counts.all++
      if (report.kind === 'fetched') counts.new++
      if (report.kind !== 'failed') say(fileLine(report))
      else {
        process.exitCode = 1
        warn(report.reason ?? '')
      }
    },
    onProgress: (name, progress) => bar.show(fileNameOf(name), progress),
    onRetry: warn,
    onWarning: warn,
  }).finally(() => bar.clear())
  switch (outcome.kind) {
    case 'failed':
      return
    case 'same-snapshot':
      say('nothing is new')
      return
    case 'none':
    case 'unchanged':
      if (outcome.kind === 'unchanged') say('nothing is new')
      else if (isForced) say(NOTHING_TO_FETCH)
      else throw new AsnzoneError('ASNZONE_CONFIG', NOTHING_TO_FETCH)
      // What has ended a process twice is tried again all the same.
      if (isForced) await tryAgain(settings, say)
      return
    case 'snapshot':
      say(snapshotLine(outcome))
      break
    default:
      say(`${counts.new} of ${counted(counts.all, 'file')} ${counts.new === 1 ? 'is' : 'are'} new`)
      say(tableLine(outcome.table))
  }
  await tellServer(settings, outcome.table, isForced, say)
}

function fileLine({ name, kind, size, date, checked }: FileReport): string {
  const parts = [
    size === null ? kind : `${kind} ${megabytes(size)}`,
    ...(checked ? ['its checksum is right'] : []),
    ...(date === null ? [] : [`data of ${minuteOf(date)}`]),
  ]
  return `${fileNameOf(name)}: ${parts.join(', ')}`
}

function snapshotLine({ serial, octets, date }: UpdateOutcome & { kind: 'snapshot' }): string {
  return `accepted: snapshot ${serial}, ${megabytes(octets)}, data of ${minuteOf(date)}`
}

function tableLine(table: Table): string {
  const metadata = table.metadata()
  const rows = metadata.sources.reduce((sum, source) => sum + source.rows, 0)
  return `accepted: ${counted(rows, 'row', 'rows', grouped)}, ${counted(table.asCount, 'AS', 'ASes', grouped)}, data of ${dateTold(metadata)}`
}

/** Nothing is new, but what has ended a process twice may be compiled again: lets the running server do so. */
async function tryAgain(settings: Settings, say: (line: string) => void): Promise<void> {
  const reply = await askReload(join(settings.dataDir, CONTROL_SOCKET), true, say)
  if (reply === null) say('no server runs with this data directory; the next one compiles what is here')
  else if (!reply.ok) throw keptOld(reply.reason)
  else
    say(`the running server ${reply.kind === 'unchanged' ? 'has it already' : 'answers from what is here'}`)
}
