// Metrics of the policy service.

import type { PolicyFigures } from '../policy-server/surface.ts'
import { DURATION_BOUNDS } from '../policy-server/tally.ts'
import type { Metrics, Sample } from './metrics-text.ts'
import type { ServerView } from './server-view.ts'

/** Adds what the policy service counts; while it doesn't answer, there are no numbers. */
export function addPolicy(metrics: Metrics, running: ServerView): void {
  const of = (read: (figures: PolicyFigures) => readonly Sample[]) => (): readonly Sample[] => {
    const figures = running.policy?.figures ?? null
    return figures === null ? [] : read(figures)
  }
  const number = (value: number | null): readonly Sample[] => (value === null ? [] : [[{}, value]])
  metrics.counter(
    'asnzone_policy_requests_total',
    'Policy requests by who asked and what they were answered; none lets the client go on.',
    of(({ requests }) =>
      Object.entries(requests).flatMap(([source, actions]) =>
        Object.entries(actions).map(([action, count]): Sample => [{ source, action }, count]),
      ),
    ),
  )
  metrics.counter(
    'asnzone_policy_violations_total',
    'Policy requests that a rule decided, by the rule.',
    of(({ violations }) => Object.entries(violations).map(([rule, count]) => [{ rule }, count])),
  )
  metrics.counter(
    'asnzone_policy_unjudged_total',
    'What was no policy request to be judged, by what was wrong with it.',
    of(({ unjudged }) => Object.entries(unjudged).map(([reason, count]) => [{ reason }, count])),
  )
  metrics.histogram(
    'asnzone_policy_duration_seconds',
    'Time from reading a policy request to its answer.',
    DURATION_BOUNDS,
    () => running.policy?.figures?.duration ?? { counts: [], sum: 0 },
  )
  metrics.gauge(
    'asnzone_policy_users',
    'Accounts that the policy service remembers.',
    of(({ users }) => number(users)),
  )
  metrics.gauge(
    'asnzone_policy_blocked_users',
    'Accounts that are blocked.',
    of(({ blocked }) => number(blocked)),
  )
  metrics.counter(
    'asnzone_policy_store_errors_total',
    'Uses of the store of the policy service that failed.',
    of(({ storeErrors }) => number(storeErrors)),
  )
  metrics.counter(
    'asnzone_policy_notify_total',
    'Notices about refusals, by channel and result.',
    of(({ notify }) =>
      Object.entries(notify?.counts ?? {}).flatMap(([channel, results]) =>
        Object.entries(results).map(([result, count]): Sample => [{ channel, result }, count]),
      ),
    ),
  )
  metrics.gauge(
    'asnzone_policy_notify_waiting',
    'Notices that have not been sent yet.',
    of(({ notify }) => number(notify?.waiting ?? null)),
  )
  metrics.gauge(
    'asnzone_policy_connections',
    'Connections of mail servers that are open.',
    of(({ connections }) => number(connections)),
  )
}
