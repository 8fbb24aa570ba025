// Verdicts as JSON: what rspamd's metadata_exporter sends of a message, and what anybody may send. Whoever the message
// is from or to, and what it is about, is not read.

import type { Reading } from '../verdict.ts'
import { readTime } from './plain.ts'
import { type ReaderOptions, verdictAddress } from './reader.ts'
import { isSpam, ownScore, type ScoredSymbol } from './rspamd-verdict.ts'

/** What rspamd writes where there is none. */
const UNKNOWN = 'unknown'

type Fields = Readonly<Record<string, unknown>>

/** A verdict of the object that rspamd's formatter `json` makes; it has come now. */
export function readRspamdJson(value: unknown, options: ReaderOptions): Reading {
  if (!isObject(value)) return { ignored: 'format' }
  const { ip, user, action, score, symbols } = value
  if (typeof ip !== 'string' || typeof action !== 'string' || !isNumber(score)) return { ignored: 'format' }
  if (user !== undefined && user !== UNKNOWN) return { ignored: 'authenticated' }
  const address = verdictAddress(ip)
  if (typeof address !== 'string') return address
  const scored = Array.isArray(symbols) ? symbols.filter(isScored) : []
  const spam = isSpam(action, score - ownScore(scored, options.ownSymbols), options)
  if (spam === null) return { ignored: 'no-verdict' }
  return { time: options.now, address, spam, weight: 1, undoes: false, reporter: options.reporter }
}

/** A verdict of `{"ip": "192.0.2.7", "verdict": "spam", "time": 1795767300}`; without a time it has come now. */
export function readVerdictJson(value: unknown, { now, reporter }: ReaderOptions): Reading {
  if (!isObject(value)) return { ignored: 'format' }
  const { ip, verdict, time = now } = value
  if (typeof ip !== 'string' || (verdict !== 'spam' && verdict !== 'ham')) return { ignored: 'format' }
  const when = isNumber(time) && time >= 0 ? time : typeof time === 'string' ? readTime(time) : null
  if (when === null) return { ignored: 'format' }
  const address = verdictAddress(ip)
  if (typeof address !== 'string') return address
  return { time: when, address, spam: verdict === 'spam', weight: 1, undoes: false, reporter }
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isNumber = (value: unknown): value is number => Number.isFinite(value)

const isScored = (value: unknown): value is ScoredSymbol =>
  isObject(value) && typeof value.name === 'string' && isNumber(value.score)
