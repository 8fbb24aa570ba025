// Metrics for Prometheus: what the threads counted and what the data is, read when somebody asks.

import { shareOfAddresses } from '../data/coverage.ts'
import { staleSources } from '../data/sources/age.ts'
import { outcomeNames } from '../dns/outcome.ts'
import { trafficKinds } from '../dns/traffic.ts'
import { BATCH_BOUNDS, TIME_BOUNDS } from '../server/counters.ts'
import type { TableMetadata } from '../table/metadata.ts'
import { VERSION } from '../version.ts'
import { addLearning } from './learn-metrics.ts'
import { Metrics, type Sample } from './metrics-text.ts'
import { addPolicy } from './policy-metrics.ts'
import { addProcess } from './process-metrics.ts'
import type { ServerView } from './server-view.ts'
import type { SnapshotFigures } from './task.ts'
import { addWhois } from './whois-metrics.ts'

/** The zone label of queries in no zone. */
const NO_ZONE = 'none'

/** Everything that a server counts, for one scrape after the other. */
export function metricsOf(running: ServerView): Metrics {
  const metrics = new Metrics()
  addQueries(metrics, running)
  addSockets(metrics, running)
  addQueryLog(metrics, running)
  addStatistics(metrics, running)
  addData(metrics, running)
  addReloads(metrics, running)
  if (running.snapshot !== null) addSnapshot(metrics, running)
  if (running.policy !== null) addPolicy(metrics, running)
  addLearning(metrics, running.learning.queue)
  if (running.whois !== null) addWhois(metrics, running)
  metrics.gauge('asnzone_info', 'What runs.', () => [[{ version: VERSION, udp: running.server.udpKind }, 1]])
  addProcess(metrics)
  return metrics
}

function addQueries(metrics: Metrics, running: ServerView): void {
  const { counters } = running.server
  metrics.counter(
    'asnzone_queries_total',
    'Queries by how they came and how they were answered; rcode none is silence.',
    () =>
      counters.traffic().flatMap((count, number): Sample[] => {
        return count === 0 ? [] : [[{ ...trafficKinds[number] }, count]]
      }),
  )
  metrics.counter(
    'asnzone_zone_queries_total',
    'Queries by zone and outcome; the zone is the key in its zone file, none for queries in no zone.',
    () =>
      [{ id: NO_ZONE, row: -1 }, ...running.zones].flatMap(({ id: zone, row }) => {
        const counts = counters.of(row)
        return outcomeNames.map((outcome): Sample => [{ zone, outcome }, counts[outcome]])
      }),
  )
  metrics.histogram(
    'asnzone_query_duration_seconds',
    'Time from receiving a query to sending its reply, of one batch in sixteen.',
    TIME_BOUNDS,
    () => counters.times(),
  )
}

function addSockets(metrics: Metrics, { server }: ServerView): void {
  metrics.histogram(
    'asnzone_udp_batch_queries',
    'Queries that one recvmmsg call brought.',
    BATCH_BOUNDS,
    () => server.counters.batches(),
  )
  metrics.counter('asnzone_udp_unsent_total', 'Replies over UDP that the kernel did not take.', () => [
    [{}, server.counters.unsent()],
  ])
  metrics.counter(
    'asnzone_udp_receive_failures_total',
    'Receives over UDP that failed although the socket had something.',
    () => [[{}, server.counters.failedReceives()]],
  )
  metrics.counter(
    'asnzone_proxy_headers_refused_total',
    'Packets and connections of proxies that did not tell for whom they ask.',
    () => [[{}, server.counters.refusedHeaders()]],
  )
  if (server.receiveDrops() !== null) {
    metrics.counter(
      'asnzone_udp_dropped_total',
      'Queries over UDP that the kernel dropped because the receive buffer was full.',
      () => [[{}, server.receiveDrops() ?? 0]],
    )
  }
  metrics.gauge('asnzone_tcp_connections', 'TCP connections that are open.', () => [
    [{}, server.tcpConnections.open],
  ])
  metrics.counter(
    'asnzone_tcp_connections_total',
    'TCP connections: accepted, displaced by newer ones.',
    () => {
      const { open: _, ...results } = server.tcpConnections
      return Object.entries(results).map(([result, count]) => [{ result }, count])
    },
  )
}

function addQueryLog(metrics: Metrics, { server }: ServerView): void {
  const { queryLog } = server
  if (queryLog === null) return
  metrics.counter(
    'asnzone_query_log_total',
    'Queries for the query log: written, lost because they could not be, dropped because they came too fast.',
    () => Object.entries(queryLog.counts).map(([result, count]) => [{ result }, count]),
  )
}

function addStatistics(metrics: Metrics, { recorder }: ServerView): void {
  if (recorder === null) return
  metrics.counter(
    'asnzone_statistics_failures_total',
    'Writes of the statistics that failed; what was counted is kept for the next write.',
    () => [[{}, recorder.failures]],
  )
}

function addData(metrics: Metrics, { reloader, maxAge }: ServerView): void {
  const bySource =
    (value: (source: TableMetadata['sources'][number]) => number | null): (() => Sample[]) =>
    () =>
      reloader.table.metadata().sources.flatMap((source): Sample[] => {
        const { what, family, name } = source
        const number = value(source)
        return number === null ? [] : [[{ what, family: family ?? '', source: name }, number]]
      })
  metrics.gauge(
    'asnzone_source_timestamp_seconds',
    'The time of the data of a source, in seconds since 1970.',
    bySource(({ date }) => (date === null ? null : Date.parse(date) / 1000)),
  )
  metrics.gauge(
    'asnzone_source_rows',
    'Rows of a source.',
    bySource(({ rows }) => rows),
  )
  metrics.gauge(
    'asnzone_source_coverage_ratio',
    'The share of all IPv4 addresses, or of 2000::/3, that a source covers.',
    bySource(({ family, addresses }) => (family === null ? null : shareOfAddresses(family, addresses))),
  )
  metrics.gauge(
    'asnzone_coverage_ratio',
    'The share of all IPv4 addresses, or of 2000::/3, of which a fact is known.',
    () => {
      const { v4, v6 } = reloader.table.metadata().coverage
      return ([4, 6] as const).flatMap((family) =>
        Object.entries(family === 4 ? v4 : v6).map(([fact, addresses]): Sample => {
          return [{ fact, family }, shareOfAddresses(family, addresses)]
        }),
      )
    },
  )
  metrics.gauge(
    'asnzone_rpki_ratio',
    'The share of the entries with an announced prefix of which RPKI says that they are valid, not-found or invalid.',
    () => {
      const { rpki } = reloader.table.metadata()
      return rpki === undefined ? [] : [...sharesOf(4, rpki.v4), ...sharesOf(6, rpki.v6)]
    },
  )
  metrics.gauge(
    'asnzone_learned_rows',
    'Networks, ASes and countries that answers have something of which was learned from mail.',
    () => {
      const { networks = 0, ases = 0, countries = 0 } = reloader.table.metadata().learned ?? {}
      return Object.entries({ networks, ases, countries }).map(([kind, rows]) => [{ kind }, rows])
    },
  )
  metrics.gauge(
    'asnzone_learned_timestamp_seconds',
    'When what was learned last was made ready for answers, in seconds since 1970.',
    () => {
      const { learned } = reloader.table.metadata()
      return learned === undefined ? [] : [[{}, Date.parse(learned.date) / 1000]]
    },
  )
  metrics.gauge('asnzone_stale_sources', 'Sources that are older than max-age.', () => [
    [{}, staleSources(reloader.table.metadata(), maxAge.milliseconds, Date.now()).length],
  ])
  metrics.gauge('asnzone_table_bytes', 'The size of the table in service.', () => [
    [{}, reloader.table.buffer.byteLength],
  ])
  metrics.gauge('asnzone_table_ases', 'ASes in the table in service.', () => [[{}, reloader.table.asCount]])
}

/** Nothing where there are no entries. */
function sharesOf(family: 4 | 6, counts: Readonly<Record<string, number>>): Sample[] {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return all === 0
    ? []
    : Object.entries(counts).map(([state, count]): Sample => [{ family, state }, count / all])
}

function addReloads(metrics: Metrics, { reloader }: ServerView): void {
  metrics.counter(
    'asnzone_reloads_total',
    'Replacements of the data by their result: replaced, unchanged, refused (worse data), failed.',
    () => Object.entries(reloader.counts).map(([result, count]) => [{ result }, count]),
  )
  metrics.gauge(
    'asnzone_last_reload_timestamp_seconds',
    'When the data was last replaced, or could not be, in seconds since 1970.',
    () => {
      const { last } = reloader
      return last === null ? [] : [[{ result: last.kind }, Date.parse(last.at) / 1000]]
    },
  )
}

function addSnapshot(metrics: Metrics, running: ServerView): void {
  const of = (value: (snapshot: SnapshotFigures) => Sample[]) => (): Sample[] =>
    running.snapshot === null ? [] : value(running.snapshot)
  metrics.gauge(
    'asnzone_snapshot_serial',
    'The serial of the published snapshot that was taken.',
    of(({ serial }) => [[{}, serial]]),
  )
  metrics.gauge(
    'asnzone_snapshot_expires_timestamp_seconds',
    'When it is too old to be taken, in seconds since 1970.',
    of(({ expires }) => [[{}, Date.parse(expires) / 1000]]),
  )
  metrics.gauge(
    'asnzone_snapshot_pull_timestamp_seconds',
    'When a newer one was looked for last and what came of it, in seconds since 1970.',
    of(({ pull }) => (pull === null ? [] : [[{ result: pull.kind }, Date.parse(pull.at) / 1000]])),
  )
}
