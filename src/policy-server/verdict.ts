// Verdicts, from what was judged and what is said of it.

import { DUNNO, fillIn } from '../policy/answer.ts'
import type { Client } from '../policy/client.ts'
import type { Counts, Decision } from '../policy/decision.ts'
import type { Rules } from '../policy/settings.ts'
import { untilText } from './log-lines.ts'
import type { Verdict } from './surface.ts'
import type { PolicyConduct } from './task.ts'

/** Who asks, from where, and what for. */
export interface Case {
  readonly user: string
  /** The name as it came. */
  readonly raw: string
  readonly client: Client
  readonly rules: Rules
  /** The `sender` of the record that the rules come from; null for the defaults. */
  readonly record: string | null
  readonly source: string
}

/** What a verdict says beyond its case. */
type Said = Pick<
  Verdict,
  'answer' | 'action' | 'would' | 'rule' | 'detail' | 'unjudged' | 'counts' | 'limits' | 'block'
>

/** The verdict that a decision leads to. */
export function judgedVerdict(
  id: string,
  found: Case,
  { action, would, rule, violations, counts, block }: Decision,
  { answers }: Pick<PolicyConduct, 'answers'>,
  milliseconds: number,
): Verdict {
  const until = block === null ? '' : untilText(block.until)
  const answer = action === 'none' ? DUNNO : answerText(answers[action], found, rule ?? '', until)
  const detail = violations.find((it) => it.rule === rule)?.detail ?? ''
  const limits = limitsOf(found.rules)
  const said = { answer, action, would, rule, detail, unjudged: null, counts, limits, block }
  return verdictOf(id, found, said, milliseconds)
}

/** The verdict while the store is not available. */
export function failedVerdict(
  id: string,
  found: Case,
  { onError, answers }: Pick<PolicyConduct, 'onError' | 'answers'>,
  milliseconds: number,
): Verdict {
  const deferred = (): string => answerText(answers.defer, found, 'store', '')
  return verdictOf(
    id,
    found,
    {
      answer: onError === 'close' ? null : onError === 'defer' ? deferred() : DUNNO,
      action: onError === 'dunno' ? 'none' : 'defer',
      would: null,
      rule: null,
      detail: '',
      unjudged: 'store',
      counts: null,
      limits: null,
      block: null,
    },
    milliseconds,
  )
}

/** The verdict of a request that can't be judged, which passes. */
export function unjudgedVerdict(
  id: string,
  unjudged: NonNullable<Verdict['unjudged']>,
  user: string | null,
  address: string,
  milliseconds: number,
): Verdict {
  return {
    id,
    answer: DUNNO,
    action: 'none',
    would: null,
    rule: null,
    detail: '',
    unjudged,
    user,
    asked: user,
    address,
    country: null,
    asn: null,
    score: 0,
    isHome: false,
    counts: null,
    limits: null,
    block: null,
    record: null,
    milliseconds,
  }
}

/** All in one literal: an object that is put together from others costs V8 a dictionary for each request. */
function verdictOf(
  id: string,
  { user, raw, client, rules, record }: Case,
  { answer, action, would, rule, detail, unjudged, counts, limits, block }: Said,
  milliseconds: number,
): Verdict {
  const { address, country, asn, score } = client
  return {
    id,
    answer,
    action,
    would,
    rule,
    detail,
    unjudged,
    user,
    asked: raw,
    address: address.text,
    country,
    asn,
    score,
    isHome: country !== null && rules.home.codes.has(country),
    counts,
    limits,
    block,
    record,
    milliseconds,
  }
}

function answerText(text: string, { user, client }: Case, rule: string, until: string): string {
  const { address, country } = client
  return fillIn(text, { user, address: address.text, country: country ?? '', rule, until })
}

function limitsOf({ limits, home }: Rules): Readonly<Record<keyof Counts, number | null>> {
  return {
    ips: limits.ips,
    countries: limits.countries,
    homeIps: home.ips,
    homeCountries: home.countries,
    asns: limits.asns,
  }
}
