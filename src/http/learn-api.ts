// POST /learn and /learn/rspamd: verdicts of mail filters and people. Write only; every reporter has a token of its own,
// which is asked for from this host, too: a page of another site can make a browser there send what it likes.

import { createHash, timingSafeEqual } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { auth } from 'hono/utils/basic-auth'
import { readRspamdJson, readVerdictJson } from '../learn/readers/json.ts'
import { message } from '../learn/readers/message.ts'
import { plain } from '../learn/readers/plain.ts'
import type { ReaderOptions } from '../learn/readers/reader.ts'
import type { Reading } from '../learn/verdict.ts'
import { octetsOf, refusal } from './json-body.ts'
import type { LearnQueue } from './learn-queue.ts'
import type { LearnConduct } from './task.ts'

/** The paths. */
export const LEARN_PATHS = ['/learn', '/learn/rspamd'] as const

/** The most octets of a body. */
const MAX_BODY = 64 << 10

/** The most verdicts of a reporter in a second. */
const MAX_PER_SECOND = 1000

/** Who has told how much in which second. */
type Rates = Map<string, { second: number; count: number }>

/** What the paths work with. */
export interface LearnDoor {
  /** By what is learned now; null where nobody may tell anything. */
  readonly conduct: () => LearnConduct | null
  readonly queue: LearnQueue
  /** Seconds since the epoch. */
  readonly now?: () => number
}

/** The application of these paths; errors are HTTPExceptions. */
export function createLearnApi({ conduct, queue, now = () => Date.now() / 1000 }: LearnDoor): Hono {
  const rates: Rates = new Map()
  const hono = new Hono()
  for (const path of LEARN_PATHS) {
    hono.post(path, async (context) => {
      const rule = conduct()
      if (rule === null) throw refusal(404, `there is no ${path}; learn.reporters opens it`)
      const reporter = reporterOf(context, rule.reporters)
      if (reporter === null) {
        return context.json({ error: 'the token of a reporter is needed' }, 401, {
          'www-authenticate': 'Basic realm="asnzone: name and token of a reporter"',
        })
      }
      const text = Buffer.from(await octetsOf(context, MAX_BODY)).toString()
      const options: ReaderOptions = { ...rule, reporter, now: now(), verdict: verdictOf(context) }
      const readings = path === '/learn' ? readingsOf(context, text, options) : [rspamdOf(text, options)]
      if (isTooMuch(rates, reporter, readings.length, options.now)) {
        const error = `a reporter may tell ${MAX_PER_SECOND} verdicts a second`
        return context.json({ error }, 429, { 'retry-after': '1' })
      }
      queue.add(reporter, readings)
      // rspamd takes no other status for success.
      return context.json({ taken: readings.length }, 200)
    })
    hono.all(path, (context) => context.json({ error: 'POST only' }, 405, { allow: 'POST' }))
  }
  return hono
}

/** Who has sent a token: Basic with the name, or Bearer alone. Every token is compared, in a time that tells nothing. */
function reporterOf({ req }: Context, reporters: Readonly<Record<string, string>>): string | null {
  const basic = auth(req.raw)
  const token = basic?.password ?? /^Bearer +(\S+)$/i.exec(req.header('authorization') ?? '')?.[1]
  if (token === undefined) return null
  const given = digest(token)
  let found: string | null = null
  for (const [reporter, expected] of Object.entries(reporters)) {
    const isEqual = timingSafeEqual(given, digest(expected))
    if (isEqual && (basic === undefined || basic.username === reporter)) found = reporter
  }
  return found
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

function isTooMuch(rates: Rates, reporter: string, count: number, now: number): boolean {
  const second = Math.floor(now)
  const rate = rates.get(reporter)
  const before = rate?.second === second ? rate.count : 0
  if (before + count > MAX_PER_SECOND) return true
  rates.set(reporter, { second, count: before + count })
  return false
}

function verdictOf({ req }: Context): 'spam' | 'ham' | null {
  const verdict = req.query('verdict')
  return verdict === 'spam' || verdict === 'ham' ? verdict : null
}

/** What a body of /learn says: JSON, a message, or lines. The reporter is the one of the token, whoever a line names. */
function readingsOf({ req }: Context, text: string, options: ReaderOptions): readonly Reading[] {
  const type = req.header('content-type') ?? ''
  if (/^application\/json\b/i.test(type)) {
    const value = jsonOf(text)
    const readings = (Array.isArray(value) ? value : [value]).map((one) => readVerdictJson(one, options))
    return refuseNonsense(readings)
  }
  if (/^message\/rfc822\b/i.test(type)) {
    if (options.verdict === null) throw refusal(400, 'a message needs ?verdict=spam or ?verdict=ham')
    return refuseNonsense([message.read(text, options)])
  }
  return refuseNonsense(text.split(/\r?\n/).map((line) => plain.read(line, options))).map((reading) =>
    'ignored' in reading ? reading : { ...reading, reporter: options.reporter },
  )
}

/**
 * What was read, unless nothing of it is of the format.
 *
 * @throws {HTTPException} 400.
 */
function refuseNonsense(readings: readonly (Reading | null)[]): readonly Reading[] {
  const some = readings.filter((reading) => reading !== null)
  if (some.some((reading) => !('ignored' in reading) || reading.ignored !== 'format')) return some
  throw refusal(400, 'there is no verdict in the body')
}

function rspamdOf(text: string, options: ReaderOptions): Reading {
  return refuseNonsense([readRspamdJson(jsonOf(text), options)])[0]
}

/** @throws {HTTPException} 400. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw refusal(400, 'the body is not JSON')
  }
}
