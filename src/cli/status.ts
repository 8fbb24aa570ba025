// asnzone status: the running server and its data, by source.

import { join } from 'node:path'
import type { Command } from 'commander'
import { lookAsOwner } from '../app/as-owner.ts'
import { durationMs } from '../config/duration.ts'
import type { Settings } from '../config/setting-values.ts'
import { counted } from '../counted.ts'
import { shareOfAddresses } from '../data/coverage.ts'
import { isThere, PUBLISHED_FILE, type PulledSnapshot, readPulled } from '../data/snapshot/pulled.ts'
import { readSnapshot, SNAPSHOT_FILE } from '../data/snapshot/snapshot.ts'
import { ageInDays, staleSources } from '../data/sources/age.ts'
import { type LastUpdate, readLastUpdate } from '../data/update/last-update.ts'
import { AsnzoneError } from '../errors.ts'
import { STATE_FILE } from '../learn/state-file.ts'
import type { LearnSummary } from '../learn/summary.ts'
import { minuteOf } from '../minute.ts'
import { complain, type MarkedLine, print, printJson } from '../print.ts'
import { askControl, CONTROL_SOCKET } from '../server/control.ts'
import type { QueryLogCounts } from '../server/query-log.ts'
import type { ReloadOutcome } from '../server/reload.ts'
import type { ServerStatus } from '../server/status.ts'
import { fileStats } from '../system/safe-file.ts'
import type { SourceSummary, TableMetadata } from '../table/metadata.ts'
import { sinceText } from './ask-reload.ts'
import { addSettingOptions, settingsOf } from './options.ts'
import { columns, grouped, megabytes, timeSpan } from './units.ts'

/** Exit codes: the first that holds, from the worst on. */
const EXIT = { fine: 0, noServer: 1, refused: 2, stale: 3 } as const

/** All that is known. */
interface Known {
  readonly server: ServerStatus | null
  /** Of the running server, or else of the snapshot that the next one would start from. */
  readonly metadata: TableMetadata | null
  readonly update: LastUpdate | null
  readonly stale: readonly SourceSummary[]
  /** The published snapshot that was taken; null where none is. */
  readonly snapshot: PulledSnapshot | null
  /** What the state of the setting `learn` holds; null where that is nothing, or can't be read. */
  readonly learned: LearnSummary | null
}

/** Adds the command. */
export function addStatus(program: Command): void {
  const command = program
    .command('status')
    .summary('show the running server and its data')
    .description('Shows the running server with this data directory, its counters, and its data by source.')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Exits with 1 when no server runs, with 2 when the last reload or update was refused or failed or max-age in the
config is wrong, with 3 when data is older than max-age, and with 0 otherwise.

Examples:
  asnzone status
  asnzone status --json | jq .server.queries`,
    )
  addSettingOptions(command, ['data-dir', 'max-age']).action(async (options: Record<string, unknown>) => {
    const settings = settingsOf(options, { suffices: ['data-dir'], uses: ['max-age', 'snapshot'] })
    await lookAsOwner(settings)
    const known = await knownOf(settings)
    process.exitCode = exitCodeOf(known, settings)
    if (options.json === true) printJson(known, 'indented')
    else print(linesOf(known, settings))
  })
}

async function knownOf(settings: Settings): Promise<Known> {
  const directory = settings.dataDir
  const server = (await askControl(join(directory, CONTROL_SOCKET), {
    command: 'status',
  })) as ServerStatus | null
  const metadata = server?.metadata ?? snapshotMetadata(settings)
  const maxAge = durationMs(settings.maxAge)
  return {
    server,
    metadata,
    update: readLastUpdate(directory),
    snapshot: settings.snapshot === undefined ? null : readPulled(directory),
    learned: await learnedOf(directory),
    stale: metadata === null ? [] : staleSources(metadata, maxAge, Date.now()),
  }
}

/** SQLite is loaded where something was learned. */
async function learnedOf(directory: string): Promise<LearnSummary | null> {
  const file = join(directory, STATE_FILE)
  if (fileStats(file) === null) return null
  const { learnSummary } = await import('../learn/summary.ts')
  try {
    return learnSummary(file)
  } catch (error) {
    complain(`asnzone: ${(error as Error).message}`)
    return null
  }
}

function snapshotMetadata({ dataDir, snapshot }: Settings): TableMetadata | null {
  try {
    const file = snapshot === undefined ? SNAPSHOT_FILE : PUBLISHED_FILE
    return readSnapshot(join(dataDir, file))?.metadata() ?? null
  } catch (error) {
    if (!(error instanceof AsnzoneError)) throw error
    return null
  }
}

function exitCodeOf({ server, update, stale }: Known, { unread = [] }: Settings): number {
  if (server === null) return EXIT.noServer
  if (isBad(server.reload?.kind) || isBad(update?.kind)) return EXIT.refused
  // By which age data are old, nobody knows then: the next reload is refused.
  if (unread.includes('max-age')) return EXIT.refused
  return stale.length > 0 ? EXIT.stale : EXIT.fine
}

function isBad(kind: string | undefined): boolean {
  return kind === 'refused' || kind === 'failed' || kind === 'incomplete'
}

function linesOf(known: Known, settings: Settings): (string | MarkedLine)[] {
  const { server, metadata, update, stale } = known
  const none: MarkedLine = { text: `server   none runs with ${settings.dataDir}`, mark: 'bad' }
  const lines = server === null ? [none] : serverLines(server)
  if (update !== null) {
    const text = `update   ${minuteOf(update.at)}: ${update.kind}${because(update.reason)}`
    lines.push(isBad(update.kind) ? { text, mark: 'bad' } : text)
  }
  if (known.learned !== null) lines.push(`learned  ${learnedText(known.learned)}`)
  if (known.snapshot !== null) {
    const text = `snapshot ${snapshotText(known.snapshot)}`
    if (isThere(settings.dataDir, known.snapshot)) lines.push(text)
    else
      lines.push(text, {
        text: '  its file is damaged or gone: it is taken again, and until then an older one counts, if there is one',
        mark: 'odd',
      })
  }
  if (metadata === null) return [...lines, 'data     none are compiled yet']
  const now = Date.now()
  const heading = ['tells', 'family', 'rows', 'coverage', 'data of (UTC)', 'age', 'licence']
  const rows = metadata.sources.map((source) => {
    const { what, family, date, licence } = source
    const age = ageInDays(source, now)
    return [
      what,
      family === null ? '' : `IPv${family}`,
      grouped(source.rows),
      coverageOf(source),
      date === null ? 'unknown' : minuteOf(date).replace(' UTC', ''),
      age === null ? '' : `${age} d${stale.includes(source) ? ' !' : ''}`,
      licence,
    ]
  })
  const [head, ...table] = columns([heading, ...rows]).split('\n')
  // The name of a source is as long as it is: on a line of its own it widens no column.
  const sources = table.flatMap((text, i): (string | MarkedLine)[] => {
    const source = metadata.sources[i]
    return [stale.includes(source) ? { text, mark: 'odd' } : text, `  ${source.name}`]
  })
  const text = `! older than max-age ${settings.maxAge}: asnzone update fetches new data`
  const warning: (string | MarkedLine)[] = stale.length === 0 ? [] : ['', { text, mark: 'odd' }]
  return [...lines, '', head, ...sources, ...warning]
}

/** `4,987 keys, 5,187 verdicts that still count, newest 3 min ago`. */
function learnedText({ keys, verdicts, newest }: LearnSummary): string {
  const since = newest === 0 ? '' : `, newest ${timeSpan(Math.max(0, Date.now() / 1000 - newest))} ago`
  return `${counted(keys, 'key', 'keys', grouped)}, ${counted(Math.round(verdicts), 'verdict that still counts', 'verdicts that still count', grouped)}${since}`
}

/** `2026061719 by asnzone 0.1.0, taken 2026-06-18 00:00 UTC, until 2026-08-01 19:00 UTC`. */
function snapshotText({ serial, by, at, expires }: PulledSnapshot): string {
  return `${serial} by ${by}, taken ${minuteOf(at)}, until ${minuteOf(expires)}`
}

function serverLines(server: ServerStatus): (string | MarkedLine)[] {
  const { version, pid, uptime, listen, udp, queries, udpFailures, queryLog, memory, table, reload } = server
  const total = Object.values(queries).reduce((sum, count) => sum + count, 0)
  const outcomes = Object.entries(queries).flatMap(([name, count]) =>
    count > 0 ? [`${grouped(count)} ${name}`] : [],
  )
  return [
    `server   asnzone ${version}, process ${pid}, up ${timeSpan(uptime)}`,
    `listens  on ${listen.join(' and ')} (${udp})`,
    `queries  ${grouped(total)}${outcomes.length > 0 ? `: ${outcomes.join(', ')}` : ''}`,
    ...failureLines(udpFailures),
    ...refusedLines(server.refusedHeaders),
    ...(queryLog === null ? [] : [`logged   ${loggedText(queryLog)}`]),
    `memory   ${megabytes(memory)}, the table ${megabytes(table.bytes)}: ${counted(table.ases, 'AS', 'ASes', grouped)}`,
    ...(reload === null ? [] : [reloadLine(reload)]),
    ...reloadingLines(server.reloading),
  ]
}

/** A line where there is something to tell; a server of an older version tells nothing. */
function failureLines(failures: ServerStatus['udpFailures'] | undefined): string[] {
  const { unsent = 0, receives = 0 } = failures ?? {}
  if (unsent + receives === 0) return []
  return [
    `udp      ${counted(unsent, 'reply', 'replies', grouped)} could not be sent, ${counted(receives, 'receive', 'receives', grouped)} failed`,
  ]
}

/** A line where proxies are not set up as this server is; one of an older version tells nothing. */
function refusedLines(refused = 0): string[] {
  if (refused === 0) return []
  return [
    `proxies  ${counted(refused, 'packet or connection', 'packets or connections', grouped)} did not tell for whom they ask (proxy-protocol)`,
  ]
}

/** A line while a reload is going on; a server of an older version tells nothing. */
function reloadingLines(reloading: ServerStatus['reloading'] | undefined): string[] {
  if (reloading === null || reloading === undefined) return []
  const { waiting } = reloading
  const next = waiting.length === 0 ? '' : `; ${waiting.join(' and ')} after it`
  return [`reload   going on ${sinceText(reloading)}${next}`]
}

function loggedText({ written, lost, dropped }: QueryLogCounts): string {
  return `${counted(written, 'query', 'queries', grouped)}; ${grouped(dropped)} came too fast, ${grouped(lost)} could not be written`
}

function reloadLine(reload: ReloadOutcome): string | MarkedLine {
  const text = `reload   ${reloadText(reload)}`
  return isBad(reload.kind) ? { text, mark: 'bad' } : text
}

function reloadText({ at, trigger, kind, reason, milliseconds }: ReloadOutcome): string {
  return `${minuteOf(at)} by ${trigger}: ${kind} in ${milliseconds} ms${because(reason)}`
}

function because(reason: string | null): string {
  return reason === null ? '' : `: ${reason}`
}

function coverageOf({ family, addresses }: SourceSummary): string {
  if (family === null) return ''
  return `${(shareOfAddresses(family, addresses) * 100).toFixed(2)} %`
}
