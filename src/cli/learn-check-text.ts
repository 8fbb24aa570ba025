// What `asnzone learn --check` prints.

import { counted } from '../counted.ts'
import { type CheckResult, FALSE_POSITIVES, HIT_DECIBELS } from '../learn/check.ts'
import { signed } from './learn-text.ts'

/** The table of a replay, and what it would have hit. */
export function checkLines({ learned, unknown, spam, ham, rows, hitCount, hits }: CheckResult): string[] {
  const percent = (share: number): string => (share * 100).toFixed(1).padStart(6)
  const head = FALSE_POSITIVES.map((allowed) => `${allowed} %`.padStart(6)).join('  ')
  return [
    `${counted(learned, 'verdict')} replayed, each judged before it was learned: ${spam} spam and ${ham} ham, after those that were only learned.`,
    ...(unknown === 0
      ? []
      : [
          unknown === 1
            ? '1 more is of an address of which nothing is known.'
            : `${unknown} more are of addresses of which nothing is known.`,
        ]),
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
      : `${hitCount} of ${counted(ham, 'ham')} reached ${HIT_DECIBELS} dB${hits.length < hitCount ? `; the first ${hits.length}` : ''}:`,
    ...hits.map(
      ({ time, address, decibels }) =>
        `  ${new Date(time * 1000).toISOString().replace('.000Z', 'Z')}  ${address}  ${signed(decibels)} dB`,
    ),
  ]
}
