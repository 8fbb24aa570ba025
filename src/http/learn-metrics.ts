// Metrics of what reporters tell over HTTP.

import type { LearnQueue } from './learn-queue.ts'
import type { Metrics, Sample } from './metrics-text.ts'

/** Adds what was learned, and what was not. */
export function addLearning(metrics: Metrics, { learned, ignored }: LearnQueue): void {
  metrics.counter('asnzone_learn_verdicts_total', 'Verdicts learned that came over HTTP, by reporter.', () =>
    [...learned].flatMap(([reporter, { spam, ham }]): Sample[] => [
      [{ reporter, verdict: 'spam' }, spam],
      [{ reporter, verdict: 'ham' }, ham],
    ]),
  )
  metrics.counter(
    'asnzone_learn_ignored_total',
    'Verdicts that came over HTTP and taught nothing, by reason.',
    () => [...ignored].map(([reason, count]): Sample => [{ reason }, count]),
  )
}
