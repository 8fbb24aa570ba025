// What `asnzone learn` prints: the chain of an address, and what became of verdicts.

import { counted } from '../counted.ts'
import type { Explanation } from '../learn/explain.ts'
import type { LearnCounts } from '../learn/learner.ts'
import { IGNORED_REASONS } from '../learn/verdict.ts'

/** Decibels with their sign. */
export const signed = (decibels: number): string => `${decibels > 0 ? '+' : ''}${decibels.toFixed(1)}`

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

/** What became of verdicts, in one line. */
export function countsLine({ spam, ham, ignored }: LearnCounts): string {
  const reasons = IGNORED_REASONS.filter((reason) => ignored[reason] > 0)
  const sum = reasons.reduce((total, reason) => total + ignored[reason], 0)
  const why = reasons.map((reason) => `${ignored[reason]} ${reason}`).join(', ')
  return `${counted(spam + ham, 'verdict')} learned, ${spam} of spam and ${ham} of ham; ${sum} ignored${sum === 0 ? '' : `: ${why}`}`
}
