// Metrics of the whois server.

import type { Metrics, Sample } from './metrics-text.ts'
import type { ServerView } from './server-view.ts'

/** Adds what the whois server counts. */
export function addWhois(metrics: Metrics, running: ServerView): void {
  const samples = (counts: Readonly<Record<string, number>> = {}): Sample[] =>
    Object.entries(counts).map(([result, count]) => [{ result }, count])
  metrics.counter(
    'asnzone_whois_queries_total',
    'Queries over whois: with an answer, of an address or AS that is unknown, or an error.',
    () => samples(running.whois?.queries),
  )
  metrics.counter(
    'asnzone_whois_connections_total',
    'Whois connections: accepted, displaced by newer ones, closed because they were late, refused.',
    () => samples(running.whois?.connections),
  )
  metrics.gauge('asnzone_whois_connections', 'Whois connections that are open.', () => [
    [{}, running.whois?.open ?? 0],
  ])
}
