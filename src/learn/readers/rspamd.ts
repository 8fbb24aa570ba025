// The format `rspamd`: the line that rspamd logs of each message, as its default `log_format` has it.
//
//     2026-11-28 00:22:13 #13880(normal) <20c228>; task; rspamd_task_write_log: id: <a@b.example>, ip: 8.8.8.8,
//     from: <a@b.example>, (default: F (no action): [3.20/15.00] [MID_RHS_NOT_FQDN(0.50){},…]), len: 203, …
//
// rspamd leaves no blank in the id, so that what follows is what it has written itself, up to the sender. Behind that the
// sender may have written anything: a second verdict makes the line none, and symbols that can't be believed are not
// subtracted.

import { TOO_LONG } from '../lines.ts'
import { logTime } from './log-time.ts'
import { type Reader, verdictAddress } from './reader.ts'
import { isOwn, isSpam, ownScore, type ScoredSymbol } from './rspamd-verdict.ts'

/** What marks the line. */
const MARK = 'rspamd_task_write_log: '

/** What begins the verdict. */
const VERDICT = ' (default: '

const HEAD = /^id: <(?:\S*)>,(?: qid: <\S*>,)?(?: ip: ([\da-fA-F.:]+),)?( user: )?/
const TAIL = /^([TFS]) \(([a-z ]{1,32})\): \[(-?\d{1,6}\.\d+)\/[^\]]{1,16}\] \[/
const SYMBOL = /(?:^|,)([\w.:-]{1,128})\((-?\d{1,6}\.\d+)\)(?=[{[,]|$)/g

/** Reads a line of rspamd's log. */
export const rspamd: Reader = {
  reads: 'lines',
  read: (line, options) => {
    const at = line.indexOf(MARK)
    // The log tells much else.
    if (at < 0) return line === TOO_LONG ? { ignored: 'format' } : null
    const text = line.slice(at + MARK.length)
    const verdict = text.indexOf(VERDICT)
    const time = logTime(line, options.now)
    const head = HEAD.exec(text.slice(0, verdict))
    const rest = text.slice(verdict + VERDICT.length)
    const tail = TAIL.exec(rest)
    if (verdict < 0 || time === null || head === null || tail === null || rest.includes(VERDICT)) {
      return { ignored: 'format' }
    }
    if (head[2] !== undefined) return { ignored: 'authenticated' }
    const address = verdictAddress(head[1] ?? '')
    if (typeof address !== 'string') return address
    const score = Number(tail[3])
    const symbols = readSymbols(rest.slice(tail[0].length))
    const spam = isSpam(tail[2], score - believable(symbols, score, options.ownSymbols), options)
    if (spam === null) return { ignored: 'no-verdict' }
    return { time, address, spam, weight: 1, undoes: false, reporter: options.reporter }
  },
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
