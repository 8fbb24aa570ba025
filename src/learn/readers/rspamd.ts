// The format `rspamd`: the line that rspamd logs of each message, as its default `log_format` has it.
//
//     2026-11-28 00:22:13 #13880(normal) <20c228>; task; rspamd_task_write_log: id: <a@b.example>, ip: 8.8.8.8,
//     from: <a@b.example>, (default: F (no action): [3.20/15.00] [MID_RHS_NOT_FQDN(0.50){},…]), len: 203, …
//
// rspamd leaves no blank in the id, so that what follows is what it has written itself, up to the sender. Behind that the
// sender may have written anything: of several verdicts in a line one is rspamd's, so that it teaches what all of them say,
// and spam alone; symbols that can't be believed are not subtracted. In the log of a system others write, too, and what they
// have from a sender may look like a line of rspamd: only one that begins as rspamd's do is read.

import { TOO_LONG } from '../lines.ts'
import { authorOf, readLogLine, writtenBy } from './log-time.ts'
import { type Reader, verdictAddress } from './reader.ts'
import { isOwn, isSpam, ownScore, type ScoredSymbol } from './rspamd-verdict.ts'

/** What marks the line. */
const MARK = 'rspamd_task_write_log: '

/** What stands between the time and that: with syslog and journald the host and the program, then what rspamd begins with. */
const BEGINNING = new RegExp(
  String.raw`^(?:${writtenBy('rspamd')})?(?:[\d-]{10} [\d:.,]{8,18} )?(?:\[\w+\] )?(?:(?:#\d+)?\([\w-]+\) )?<[\w-]*>; [\w-]{1,32}; ${MARK}`,
)

/** What any line of rspamd begins with, in the log of a system or in its own, whatever its `log_format` leaves out. */
const OWN_LINE = new RegExp(
  String.raw`^(?:${writtenBy('rspamd')}|(?:[\d-]{10} [\d:.,]{8,18} )?(?:\[\w+\] )?(?:#\d+\([\w-]+\) |<[\w-]*>; ))`,
)

/** What begins the verdict. */
const VERDICT = / \(default: /g

/** Verdicts of a line that are looked at; who writes more into one makes it spam all the same. */
const MAX_VERDICTS = 16

/**
 * Characters of a line that is surely whole. rspamd cuts one at 8,192 octets, and others earlier: what is left may be the
 * verdict that a sender has written into an address, before rspamd's own.
 */
const MAX_SURE = 4000

/** What rspamd writes after the symbols. */
const END = /\]\), len: \d+, time: \d/

const HEAD = /^id: <[^ ]*>,(?: qid: <\S*>,)?(?: ip: ([\da-fA-F.:]+),)?( user: )?/
const TAIL = /^ \(default: ([TFS]) \(([a-z ]{1,32})\): \[(-?\d{1,6}\.\d+)\/[^\]]{1,16}\] \[/
const SYMBOL = /(?:^|,)([\w.:-]{1,128})\((-?\d{1,6}\.\d+)\)(?=[{[,]|$)/g

/** Reads a line of rspamd's log. */
export const rspamd: Reader = {
  reads: 'lines',
  author: (line, now) => authorOf(line, OWN_LINE, now),
  read: (line, options) => {
    // The log tells much else.
    if (!line.includes(MARK)) return line === TOO_LONG ? { ignored: 'format' } : null
    const logged = readLogLine(line, options.now)
    const beginning = logged === null ? null : BEGINNING.exec(logged.rest)
    if (logged === null || beginning === null) return { ignored: 'format' }
    const text = logged.rest.slice(beginning[0].length)
    const verdicts = [...text.matchAll(VERDICT)].slice(0, MAX_VERDICTS).map(({ index }) => index)
    const head = HEAD.exec(text.slice(0, verdicts[0] ?? 0))
    const scores = verdicts.flatMap((at) => readScore(text.slice(at)) ?? [])
    if (head === null || scores.length === 0) return { ignored: 'format' }
    if (head[2] !== undefined) return { ignored: 'authenticated' }
    const address = verdictAddress(head[1] ?? '')
    if (typeof address !== 'string') return address
    const said = scores.map(({ action, score, symbols }) => {
      const spam = isSpam(action, score - believable(symbols, score, options.ownSymbols), options)
      // What seems to be ours may be the sender's, who would like to be ham.
      return spam === false ? isSpam(action, score, options) : spam
    })
    const isSure = verdicts.length === 1 && text.length < MAX_SURE && END.test(text)
    if (!isSure && !said.every((spam) => spam === true)) return { ignored: 'format' }
    const [spam] = said
    if (spam === null) return { ignored: 'no-verdict' }
    return { time: logged.time, address, spam, weight: 1, undoes: false, reporter: options.reporter }
  },
}

/** What rspamd says of a message, or seems to. */
interface Score {
  readonly action: string
  readonly score: number
  readonly symbols: readonly ScoredSymbol[]
}

/** @param text from what begins a verdict on */
function readScore(text: string): Score | null {
  const tail = TAIL.exec(text)
  return tail === null
    ? null
    : { action: tail[2], score: Number(tail[3]), symbols: readSymbols(text.slice(tail[0].length)) }
}

function readSymbols(text: string): ScoredSymbol[] {
  return [...text.slice(0, text.lastIndexOf(']), len: ')).matchAll(SYMBOL)].map(([, name, score]) => ({
    name,
    score: Number(score),
  }))
}

/**
 * What our symbols have added; 0 where they can't be believed.
 *
 * What stands in braces after a symbol may come from the message, braces and symbols too: rspamd logs it as it is.
 * rspamd sorts symbols by what they weigh and has each of them once, and they make up the score.
 */
function believable(symbols: readonly ScoredSymbol[], score: number, own: readonly string[]): number {
  const ours = symbols.filter(({ name }) => isOwn(name, own))
  const isSorted = symbols.every(
    (symbol, at) => at === 0 || Math.abs(symbol.score) <= Math.abs(symbols[at - 1].score),
  )
  const sum = symbols.reduce((total, symbol) => total + symbol.score, 0)
  const isWhole = Math.abs(sum - score) <= 0.01 * (symbols.length + 1)
  const isOnce = new Set(ours.map(({ name }) => name)).size === ours.length
  return isSorted && isWhole && isOnce ? ownScore(ours, own) : 0
}
