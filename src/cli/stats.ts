// asnzone stats: what was counted by country and AS.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { workAsOwner } from '../app/as-owner.ts'
import type { WrittenStatistics } from '../app/recording.ts'
import { AsnzoneError } from '../errors.ts'
import { complain, lineWidth, print } from '../print.ts'
import { printable } from '../printable.ts'
import { askControl, CONTROL_SOCKET, type ControlReply } from '../server/control.ts'
import type { StatsReader } from '../stats/database.ts'
import { INTERVAL_FORMS, intervalsOf, isInterval } from '../stats/intervals.ts'
import { STATS_FILE } from '../stats/stats-file.ts'
import { barTable } from './bar-table.ts'
import { addSettingOptions, settingsOf } from './options.ts'

/** Milliseconds that the server is waited for: the statistics are shown without its newest, too. */
const PATIENCE_MS = 10_000

/** What --interval takes besides an interval. */
const ALL = 'all'

/** What is known of the server that counts. */
interface Told extends WrittenStatistics {
  /** Whether it has said so itself. */
  readonly isSaid: boolean
}

interface StatsOptions {
  readonly by: 'country' | 'asn'
  /** The total, and the year, month and day of now, when not given. */
  readonly interval?: string
  readonly limit: string
  readonly csv?: boolean
}

/** Adds the command. */
export function addStats(program: Command): void {
  const command = program
    .command('stats')
    .summary('show queries by country and AS')
    .description(
      'Shows the queries that a server with `stats: true` has counted, while it runs or afterwards.',
    )
    .addOption(new Option('--by <KEY>', 'what to group by').choices(['country', 'asn']).default('country'))
    .option(
      '--interval <INTERVAL>',
      `${INTERVAL_FORMS}, or ${ALL}; the total and this year, month and day when not given`,
    )
    .option('--limit <N>', 'how many lines the table has for an interval at most', '25')
    .option('--csv', 'all rows as CSV: interval;country;counter, or interval;asn;counter;name')
    .addHelpText(
      'after',
      `
The statistics are an SQLite database, stats.sqlite in the data directory; sqlite3 can read it as well.

Examples:
  asnzone stats
  asnzone stats --by asn --interval 2026-11
  asnzone stats --interval all --csv > stats.csv`,
    )
  addSettingOptions(command, ['data-dir']).action(async (options: StatsOptions & Record<string, unknown>) => {
    const { by, interval, csv } = options
    if (interval !== undefined && interval !== ALL && !isInterval(interval)) {
      throw new AsnzoneError(
        'ASNZONE_CONFIG',
        `--interval: '${interval}' is not ${INTERVAL_FORMS}, or ${ALL}`,
      )
    }
    const limit = Number(options.limit)
    if (!Number.isInteger(limit) || limit < 1) {
      throw new AsnzoneError('ASNZONE_CONFIG', `--limit: '${options.limit}' is not a number of lines`)
    }
    const settings = settingsOf(options, { suffices: ['data-dir'] })
    // Who opens a database ends what a server that was killed has begun to write, or the WAL mode of an older version.
    await workAsOwner(settings)
    // SQLite is loaded here, because most commands need none.
    const { StatsReader } = await import('../stats/database.ts')
    const file = join(settings.dataDir, STATS_FILE)
    const written = await haveThemWritten(join(settings.dataDir, CONTROL_SOCKET))
    if (!existsSync(file)) throw new AsnzoneError('ASNZONE_DATA', `${file}: ${whyNone(written)}`)
    const odd = oddityOf(written)
    if (odd !== null) complain(`asnzone: ${odd}`)
    const reader = new StatsReader(file)
    try {
      const asked = intervalsAsked(interval)
      if (csv) print(linesOf(await csvOf(reader, by, asked)))
      else print(linesOf(tablesOf(reader, by, asked, limit)))
    } finally {
      reader.close()
    }
  })
}

/**
 * Has a running server write what it has counted until now; null where none runs.
 *
 * One that is stopped, or of an older version, writes when it does: what it has written so far is shown.
 */
async function haveThemWritten(socket: string): Promise<Told | null> {
  try {
    const reply = await askControl(socket, { command: 'write-statistics' }, PATIENCE_MS)
    if (reply === null) return null
    return { counts: reply.counts !== false, reason: reasonOf(reply), isSaid: reply.ok }
  } catch (error) {
    return { counts: true, reason: (error as Error).message, isSaid: false }
  }
}

const reasonOf = ({ reason }: ControlReply): string | null => (typeof reason === 'string' ? reason : null)

/** Why there are no statistics at all. */
function whyNone(written: Told | null): string {
  if (written === null) return `no statistics yet, and no server runs; serve counts with 'stats: true'`
  if (!written.counts)
    return `no statistics: the running server counts none; 'stats: true' and a restart make it`
  return `no statistics yet: ${written.reason ?? 'the running server has written them elsewhere'}`
}

/** What has to be known of statistics that are there; null for nothing. */
function oddityOf(written: Told | null): string | null {
  // Who may read the database but not ask the server is not told so each time.
  if (written === null || !written.isSaid) return null
  if (!written.counts) return "the running server counts nothing more: 'stats: true' and a restart make it"
  return written.reason === null ? null : `what was counted last is not in these: ${written.reason}`
}

/** What `--interval` stands for: undefined is every interval. */
function intervalsAsked(interval: string | undefined): readonly (string | undefined)[] {
  if (interval === undefined) return intervalsOf(new Date())
  return [interval === ALL ? undefined : interval]
}

/** The lines of a text that ends with a line; what came from outside has no line breaks any more. */
const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

async function csvOf(
  reader: StatsReader,
  by: 'country' | 'asn',
  asked: readonly (string | undefined)[],
): Promise<string> {
  const rows = asked.flatMap((one) =>
    by === 'country'
      ? reader.countries(one).map(({ interval, country, counter }) => [interval, country, counter])
      : reader.ases(one).map(({ interval, asn, counter, name }) => [interval, asn, counter, name]),
  )
  const { writeToString } = await import('fast-csv')
  // A database holds whatever somebody has written into it.
  const cells = rows.map((row) => row.map((cell) => printable(String(cell))))
  // It ends even no row with a line.
  if (cells.length === 0) return ''
  return writeToString(cells, { delimiter: ';', includeEndRowDelimiter: true })
}

function tablesOf(
  reader: StatsReader,
  by: 'country' | 'asn',
  asked: readonly (string | undefined)[],
  limit: number,
): string {
  const names = new Intl.DisplayNames(['en'], { type: 'region' })
  const lines = asked.flatMap((one) =>
    by === 'country'
      ? reader.countries(one).map(({ interval, country, counter }) => ({
          interval,
          key: country,
          name: /^[A-Z]{2}$/.test(country) ? (names.of(country) ?? '') : 'not known',
          counter,
        }))
      : reader.ases(one).map(({ interval, asn, name, counter }) => ({
          interval,
          key: asn === 0 ? '--' : `AS${asn}`,
          name: asn === 0 ? 'not known' : name,
          counter,
        })),
  )
  const intervals = [...new Set(lines.map((line) => line.interval))]
  if (intervals.length === 0) {
    const [only] = asked.length === 1 ? asked : []
    return `nothing was counted in ${only ?? 'any interval'}\n`
  }
  return intervals
    .map((one) =>
      barTable(
        `${by === 'country' ? 'Countries' : 'ASes'}, ${printable(one)}`,
        lines.filter((line) => line.interval === one),
        limit,
        lineWidth(),
      ),
    )
    .join('\n')
}
