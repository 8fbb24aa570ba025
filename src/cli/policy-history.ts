// asnzone policy history: who was refused when, from where, and by which rule.

import { Buffer } from 'node:buffer'
import type { Command } from 'commander'
import { withPolicy } from '../app/policy-commands.ts'
import { DURATION, durationMs } from '../config/duration.ts'
import { AsnzoneError } from '../errors.ts'
import { HISTORY_HEADER, historyLines } from '../export/history-csv.ts'
import type { EventJson } from '../policy-server/account-json.ts'
import { lineWidth, print, printJson, printOctets } from '../print.ts'
import { addSettingOptions, policySettings } from './options.ts'
import { historyTable } from './policy-text.ts'

/** Events that are asked for at a time. */
const PAGE = 1000

/** Events that are shown unless told otherwise. */
const SHOWN = 100

interface Options extends Readonly<Record<string, unknown>> {
  readonly since?: number
  readonly limit?: number
  readonly json?: boolean
  readonly csv?: boolean
}

/** Adds the command. */
export function addHistory(policy: Command): void {
  const command = policy
    .command('history')
    .summary('list who was refused, when, from where and by which rule')
    .description(
      `Lists refusals of one account or of all, the newest first, those of all hosts that share the store. What a block refuses after its beginning is not listed. Without --json and --csv the newest ${SHOWN} are shown.`,
    )
    .argument('[USER]', 'the account; all unless given')
    .option('--since <DURATION>', 'only those of the last hours or days, such as 24h', readSince)
    .option('--limit <COUNT>', 'at most so many', readLimit)
    .option('--json', 'one JSON object per line')
    .option('--csv', 'CSV for spreadsheets')
    .addHelpText(
      'after',
      `
Examples:
  asnzone policy history anna@example.org
  asnzone policy history --since 7d --csv > refused.csv
  asnzone policy history --json | jq -r 'select(.country == "RU") | .user' | sort -u`,
    )
  addSettingOptions(command, ['data-dir']).action(async (user: string | undefined, options: Options) => {
    const { json, csv, since } = options
    if (json && csv) throw new AsnzoneError('ASNZONE_CONFIG', 'history: name one of --json and --csv')
    const limit = options.limit ?? (json || csv ? Number.POSITIVE_INFINITY : SHOWN)
    const query = { user: user ?? null, since: since === undefined ? 0 : Date.now() - since }
    if (csv) await printText(HISTORY_HEADER)
    let shown = 0
    await withPolicy(policySettings(options), { needsData: false }, async (it) => {
      for (let before = ''; shown < limit; ) {
        const wanted = Math.min(PAGE, limit - shown)
        const events = await it.events({ ...query, before, limit: wanted })
        await printEvents(events, options, shown === 0)
        shown += events.length
        if (events.length < wanted) return
        before = events[events.length - 1].id
      }
    })
    if (shown === 0 && !json && !csv) print('nothing was refused')
  })
}

async function printEvents(
  events: readonly EventJson[],
  { json, csv }: Options,
  isFirst: boolean,
): Promise<void> {
  if (csv) await printText(historyLines(events))
  else if (json) for (const event of events) printJson(event)
  else if (events.length > 0) print(historyTable(events, isFirst, lineWidth()))
}

const printText = (text: string): Promise<void> => printOctets([Buffer.from(text)])

function readSince(text: string): number {
  if (!DURATION.test(text))
    throw new AsnzoneError('ASNZONE_CONFIG', `--since ${text}: a duration such as 24h or 7d`)
  return durationMs(text)
}

function readLimit(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new AsnzoneError('ASNZONE_CONFIG', `--limit ${text}: a whole number from 1 on`)
  return Number(text)
}
