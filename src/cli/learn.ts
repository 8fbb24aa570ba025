// asnzone learn: what verdicts on one's own mail teach.

import { type Command, Option } from 'commander'
import type { Learning } from '../app/learn.ts'
import { AsnzoneError } from '../errors.ts'
import { FORMATS, type Format } from '../learn/readers/formats.ts'
import { LOCAL, REPORTER } from '../learn/verdict.ts'
import { print } from '../print.ts'
import { fileFault, open, STDIN } from './learn-input.ts'
import { explanationLines } from './learn-text.ts'
import { addSettingOptions, settingsOf } from './options.ts'

interface LearnOptions extends Readonly<Record<string, unknown>> {
  readonly format: Format
  readonly reporter: string
  readonly verdict?: 'spam' | 'ham'
  readonly follow?: boolean
  readonly explain?: string
  readonly check?: string | true
  readonly from?: string
  readonly until?: string
  readonly csv?: boolean
  readonly rspamdMap?: boolean
}

/** What the command does in place of learning. */
const MODES = ['explain', 'check', 'csv', 'rspamdMap'] as const

/** Adds the command. */
export function addLearn(program: Command): void {
  const command = program
    .command('learn')
    .summary('learn from verdicts on your own mail which networks send spam')
    .description(
      "Learns from verdicts, a line each, which countries, ASes and networks send spam here, and writes what answers are made of. It may run beside a server, which takes it over with 'asnzone reload' where the config has the setting learn. Lines that can't be right are counted and left out, and so are files that can't be read; for these it ends with 1.",
    )
    .argument('[FILE...]', 'logs with verdicts; - or none for standard input')
    .addOption(new Option('--format <FORMAT>', 'what the lines look like').choices(FORMATS).default('plain'))
    .option('--reporter <NAME>', 'who says so, unless a line names somebody', LOCAL)
    .addOption(new Option('--verdict <VERDICT>', 'what somebody says of a message').choices(['spam', 'ham']))
    .option('--follow', 'go on with what is added to a log from now on, also after its rotation')
    .option('--explain <ADDR>', 'show what was learned of an address, level by level')
    .option(
      '--check [FILE]',
      'replay verdicts, of a file or those that were kept, and show how much spam they would have found',
    )
    .option('--from <TIME>', 'with --check: judge from this time on; after the first third when not given')
    .option('--until <TIME>', 'with --check: judge until this time')
    .option('--csv', 'print what was learned as a file for score.files')
    .option('--rspamd-map', "print what was learned of ASes as a map for rspamd's multimap")
    .addHelpText(
      'after',
      `
A line of the format plain is TIME ADDRESS spam|ham [REPORTER]; the time is seconds since the epoch or ISO 8601.
rspamd and amavis are the lines that these log, of journalctl best with -o short-iso; message is a whole mail, which
--verdict says what it is.

Examples:
  asnzone learn /var/log/verdicts
  asnzone learn --format rspamd --follow /var/log/rspamd/rspamd.log
  asnzone learn --format message --verdict spam < mail
  awk … /var/log/mail.log | asnzone learn && asnzone reload
  asnzone learn --explain 192.0.2.7
  asnzone learn --check verdicts.txt`,
    )
  addSettingOptions(command, ['data-dir', 'here']).action(async (files: string[], options: LearnOptions) => {
    const modes = MODES.filter((mode) => options[mode] !== undefined)
    if (modes.length > 1) throw wrong('--explain, --check, --csv and --rspamd-map go one at a time')
    if (modes.length === 1 && files.length > 0)
      throw wrong(`--${optionOf(modes[0])} takes no FILE to learn from`)
    if (options.check === undefined && (options.from ?? options.until) !== undefined) {
      throw wrong('--from and --until go with --check')
    }
    refuseMismatch(files, options, modes.length === 0)
    if (!REPORTER.test(options.reporter)) {
      throw wrong(`--reporter: '${options.reporter}' is not a name of small letters, digits, dots, - and _`)
    }
    const settings = settingsOf(options)
    // SQLite is loaded here, because no other command needs it, and so is what reads, replays and follows.
    const { openLearning } = await import('../app/learn.ts')
    const learning = await openLearning(settings)
    try {
      if (options.explain !== undefined) await explainAddress(learning, options.explain)
      else if (options.check !== undefined) await check(learning, options)
      else if (options.csv || options.rspamdMap) await exportRows(learning, options)
      else {
        const { learnFiles } = await import('./learn-files.ts')
        await learnFiles(learning, files.length === 0 ? [STDIN] : files, options, settings)
      }
    } finally {
      learning.close()
    }
  })
}

/**
 * Holds --verdict and --follow to what they go with.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when they go with something else.
 */
function refuseMismatch(
  files: readonly string[],
  { format, verdict, follow: follows }: LearnOptions,
  isLearning: boolean,
): void {
  if (verdict !== undefined && (format !== 'message' || !isLearning)) {
    throw wrong('--verdict goes with --format message')
  }
  if (verdict === undefined && format === 'message' && isLearning) {
    throw wrong('--format message needs --verdict spam or --verdict ham')
  }
  if (format === 'message' && !isLearning) throw wrong('--format message is for learning')
  if (follows !== true) return
  if (!isLearning || format === 'message') throw wrong('--follow goes with logs to learn from')
  if (files.length !== 1 || files[0] === STDIN) throw wrong('--follow takes one FILE')
}

const wrong = (message: string): AsnzoneError => new AsnzoneError('ASNZONE_CONFIG', `learn: ${message}`)

const optionOf = (mode: (typeof MODES)[number]): string => (mode === 'rspamdMap' ? 'rspamd-map' : mode)

async function explainAddress({ learner, table, excluded, now }: Learning, address: string): Promise<void> {
  const { explain } = await import('../learn/explain.ts')
  const explanation = explain(address, learner.state.model, table, now(), excluded)
  if (explanation === null) {
    throw new AsnzoneError(
      'ASNZONE_CONFIG',
      `--explain: '${address}' is no address, or nothing is known of it`,
    )
  }
  print(explanationLines(explanation))
}

async function exportRows(
  { learner, table, excluded, setting, now }: Learning,
  options: LearnOptions,
): Promise<void> {
  const { productRows } = await import('../learn/bake.ts')
  const { rspamdMapLines, weightLines } = await import('../learn/exports.ts')
  const rows = productRows(learner.state.model, table, now(), excluded)
  print(options.csv ? weightLines(rows, setting) : rspamdMapLines(rows))
}

async function check(
  { learner, table, excluded, setting, now }: Learning,
  options: LearnOptions,
): Promise<void> {
  const { replay } = await import('../learn/check.ts')
  const { readTime } = await import('../learn/readers/plain.ts')
  const { READERS } = await import('../learn/readers/readers.ts')
  const { keptSamples, readSamples } = await import('../learn/samples.ts')
  const { MAX_KEYS } = await import('../learn/state.ts')
  const { checkLines } = await import('./learn-check-text.ts')
  const timeOf = (option: 'from' | 'until'): number | undefined => {
    const text = options[option]
    const time =
      text === undefined ? undefined : readTime(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text)
    if (time === null)
      throw wrong(`--${option}: '${text}' is no time such as 2026-11-27 or 2026-11-27T08:15:00Z`)
    return time
  }
  const [from, to] = [timeOf('from'), timeOf('until')]
  let leftOut = 0
  const isLeftOut = (words: ArrayLike<number>): boolean => {
    const isOne = learner.isTrusted(words) || excluded.has(table, words)
    if (isOne) leftOut++
    return isOne
  }
  const samples =
    options.check === undefined || options.check === true
      ? keptSamples(learner.state, isLeftOut)
      : await readSamples(
          open(options.check),
          READERS[options.format],
          { ...setting, reporter: LOCAL, verdict: null, now: now() },
          isLeftOut,
        ).catch((cause: unknown) => {
          throw fileFault(String(options.check), cause)
        })
  if (samples.length === 0) {
    if (leftOut > 0)
      throw wrong('--check: all verdicts are of what learn.trusted and learn.exclude leave out')
    throw wrong(
      options.check === true
        ? "--check: no verdicts were kept; set 'keep-verdicts: true' below 'learn', or name a file"
        : `--check: ${String(options.check)} has no verdicts of the format ${options.format}`,
    )
  }
  const result = replay(samples, table, (address) => learner.state.hashOf(address), {
    halfLife: setting.halfLife,
    maxKeys: MAX_KEYS,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  })
  print(checkLines(result))
}
