// What `asnzone learn` prints: the chain of an address, the table of a replay, and what became of verdicts.

import { type CheckResult, FALSE_POSITIVES, HIT_DECIBELS } from '../learn/check.ts'
import type { Explanation } from '../learn/explain.ts'
import type { LearnCounts } from '../learn/learner.ts'
import { IGNORED_REASONS } from '../learn/verdict.ts'

/** Decibels with their sign. */
const signed = (decibels: number): string => `${decibels > 0 ? '+' : ''}${decibels.toFixed(1)}`

/** The chain of an address, a level each line. */
export function explanationLines({ address, levels, decibels, score, untold }: Explanation): string[] {
  const width = Math.max(...levels.map(({ name }) => name.length))
  const lines = levels.map(({ name, spam, ham, share, decibels: sofar }) =>
    [
      `  ${name.padEnd(width)}`,
      `${spam.toFixed(1).padStart(9)} spam`,
      `${ham.toFixed(1).padStart(9)} ham`,
      `${(share * 100).toFixed(1).padStart(6)} % spam to expect`,
      `${signed(sofar).padStart(6)} dB`,
    ].join('  '),
  )
  const why = untold === 'excluded' ? 'it is excluded' : 'that is too little'
  const answer = score === null ? `nothing is told: ${why}` : `the answer is ${score}`
  return [address, ...lines, `  ${signed(decibels)} dB: ${answer}`]
}

/** The table of a replay, and what it would have hit. */
export function checkLines({ learned, unknown, spam, ham, rows, hitCount, hits }: CheckResult): string[] {
  const percent = (share: number): string => (share * 100).toFixed(1).padStart(6)
  const head = FALSE_POSITIVES.map((allowed) => `${allowed} %`.padStart(6)).join('  ')
  return [
    `${learned} verdicts replayed, each judged before it was learned: ${spam} spam and ${ham} ham, after those that were only learned.`,
    ...(unknown === 0 ? [] : [`${unknown} more are of addresses of which nothing is known.`]),
    '',
    'Spam that is found, in per cent, where so much of the ham is hit:',
    `             ${head}   area`,
    ...rows.map(
      ({ model, found, area }) =>
        `  ${model.padEnd(9)}  ${found.map(percent).join('  ')}  ${area.toFixed(3)}`,
    ),
    '',
    hitCount === 0
      ? `No ham reached ${HIT_DECIBELS} dB.`
      : `${hitCount} of ${ham} hams reached ${HIT_DECIBELS} dB${hits.length < hitCount ? `; the first ${hits.length}` : ''}:`,
    ...hits.map(
      ({ time, address, decibels }) =>
        `  ${new Date(time * 1000).toISOString().replace('.000Z', 'Z')}  ${address}  ${signed(decibels)} dB`,
    ),
  ]
}

/** What became of verdicts, in one line. */
export function countsLine({ spam, ham, ignored }: LearnCounts): string {
  const reasons = IGNORED_REASONS.filter((reason) => ignored[reason] > 0)
  const sum = reasons.reduce((total, reason) => total + ignored[reason], 0)
  const why = reasons.map((reason) => `${ignored[reason]} ${reason}`).join(', ')
  return `${spam + ham} verdicts learned, ${spam} of spam and ${ham} of ham; ${sum} ignored${sum === 0 ? '' : `: ${why}`}`
}
