// Metrics for Prometheus: what the threads counted and what the data are, read when somebody asks.

import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { shareOfAddresses } from '../data/coverage.ts'
import { staleSources } from '../data/sources/age.ts'
import { outcomeNames } from '../dns/outcome.ts'
import { trafficKinds } from '../dns/traffic.ts'
import { BATCH_BOUNDS, TIME_BOUNDS } from '../server/counters.ts'
import type { TableMetadata } from '../table/table.ts'
import { VERSION } from '../version.ts'
import { addHistogram } from './histogram.ts'
import type { Running } from './running.ts'

type Labels = Readonly<Record<string, string | number>>

/** A number and what it is of. */
type Sample = readonly [labels: Labels, value: number]

/** The zone label of queries in no zone. */
const NO_ZONE = 'none'

/** Everything that a server counts, for one scrape after the other. */
export function metricsOf(running: Running): Registry {
  const registry = new Registry()
  addQueries(registry, running)
  addSockets(registry, running)
  addQueryLog(registry, running)
  addStatistics(registry, running)
  addData(registry, running)
  addReloads(registry, running)
  gauge(registry, 'asnzone_info', 'What runs.', ['version', 'udp'], () => [
    [{ version: VERSION, udp: running.server.udpKind }, 1],
  ])
  addProcess(registry)
  return registry
}

/**
 * The library's own metrics of the process. How long the event loop is late is measured by waking it up a hundred
 * times a second: that would be the most expensive of all figures, so it is looked at once a second and left out.
 */
function addProcess(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 1000 })
  for (const { name } of registry.getMetricsAsArray()) {
    if (name.startsWith('nodejs_eventloop_lag_') && name !== 'nodejs_eventloop_lag_seconds') {
      registry.removeSingleMetric(name)
    }
  }
}

function addQueries(registry: Registry, { server: { counters }, definitions }: Running): void {
  counter(
    registry,
    'asnzone_queries_total',
    'Queries by how they came and how they were answered; rcode none is silence.',
    ['transport', 'family', 'type', 'rcode'],
    () =>
      counters.traffic().flatMap((count, number): Sample[] => {
        return count === 0 ? [] : [[{ ...trafficKinds[number] }, count]]
      }),
  )
  counter(
    registry,
    'asnzone_zone_queries_total',
    'Queries by zone and outcome; the zone is the key in its zone file, none for queries in no zone.',
    ['zone', 'outcome'],
    () =>
      [NO_ZONE, ...definitions.map(({ id }) => id)].flatMap((zone, number) => {
        const counts = counters.of(number - 1)
        return outcomeNames.map((outcome): Sample => [{ zone, outcome }, counts[outcome]])
      }),
  )
  addHistogram(registry, {
    name: 'asnzone_query_duration_seconds',
    help: 'Time from receiving a query to sending its reply, of one batch in sixteen.',
    bounds: TIME_BOUNDS,
    read: () => counters.times(),
  })
}

function addSockets(registry: Registry, { server }: Running): void {
  addHistogram(registry, {
    name: 'asnzone_udp_batch_queries',
    help: 'Queries that one recvmmsg call brought.',
    bounds: BATCH_BOUNDS,
    read: () => server.counters.batches(),
  })
  counter(registry, 'asnzone_udp_unsent_total', 'Replies over UDP that the kernel did not take.', [], () => [
    [{}, server.counters.unsent()],
  ])
  counter(
    registry,
    'asnzone_udp_receive_failures_total',
    'Receives over UDP that failed although the socket had something.',
    [],
    () => [[{}, server.counters.failedReceives()]],
  )
  if (server.receiveDrops() !== null) {
    counter(
      registry,
      'asnzone_udp_dropped_total',
      'Queries over UDP that the kernel dropped because the receive buffer was full.',
      [],
      () => [[{}, server.receiveDrops() ?? 0]],
    )
  }
  gauge(registry, 'asnzone_tcp_connections', 'TCP connections that are open.', [], () => [
    [{}, server.tcpConnections.open],
  ])
  counter(
    registry,
    'asnzone_tcp_connections_total',
    'TCP connections: accepted, displaced by newer ones.',
    ['result'],
    () => {
      const { open: _, ...results } = server.tcpConnections
      return Object.entries(results).map(([result, count]) => [{ result }, count])
    },
  )
}

function addQueryLog(registry: Registry, { server }: Running): void {
  const { queryLog } = server
  if (queryLog === null) return
  counter(
    registry,
    'asnzone_query_log_total',
    'Queries for the query log: written, lost because they could not be, dropped because they came too fast.',
    ['result'],
    () => Object.entries(queryLog.counts).map(([result, count]) => [{ result }, count]),
  )
}

function addStatistics(registry: Registry, { recorder }: Running): void {
  if (recorder === null) return
  counter(
    registry,
    'asnzone_statistics_failures_total',
    'Writes of the statistics that failed; what was counted is kept for the next write.',
    [],
    () => [[{}, recorder.failures]],
  )
}

function addData(registry: Registry, { reloader, maxAge }: Running): void {
  const labelNames = ['what', 'family', 'source']
  const bySource =
    (value: (source: TableMetadata['sources'][number]) => number | null): (() => Sample[]) =>
    () =>
      reloader.table.metadata().sources.flatMap((source): Sample[] => {
        const { what, family, name } = source
        const number = value(source)
        return number === null ? [] : [[{ what, family: family ?? '', source: name }, number]]
      })
  gauge(
    registry,
    'asnzone_source_timestamp_seconds',
    'The time of the data of a source, in seconds since 1970.',
    labelNames,
    bySource(({ date }) => (date === null ? null : Date.parse(date) / 1000)),
  )
  gauge(
    registry,
    'asnzone_source_rows',
    'Rows of a source.',
    labelNames,
    bySource(({ rows }) => rows),
  )
  gauge(
    registry,
    'asnzone_source_coverage_ratio',
    'The share of all IPv4 addresses, or of 2000::/3, that a source tells of.',
    labelNames,
    bySource(({ family, addresses }) => (family === null ? null : shareOfAddresses(family, addresses))),
  )
  gauge(
    registry,
    'asnzone_coverage_ratio',
    'The share of all IPv4 addresses, or of 2000::/3, of which a fact is known.',
    ['fact', 'family'],
    () => {
      const { v4, v6 } = reloader.table.metadata().coverage
      return ([4, 6] as const).flatMap((family) =>
        Object.entries(family === 4 ? v4 : v6).map(([fact, addresses]): Sample => {
          return [{ fact, family }, shareOfAddresses(family, addresses)]
        }),
      )
    },
  )
  gauge(registry, 'asnzone_stale_sources', 'Sources that are older than max-age.', [], () => [
    [{}, staleSources(reloader.table.metadata(), maxAge.milliseconds, Date.now()).length],
  ])
  gauge(registry, 'asnzone_table_bytes', 'The size of the table in service.', [], () => [
    [{}, reloader.table.buffer.byteLength],
  ])
  gauge(registry, 'asnzone_table_ases', 'ASes in the table in service.', [], () => [
    [{}, reloader.table.asCount],
  ])
}

function addReloads(registry: Registry, { reloader }: Running): void {
  counter(
    registry,
    'asnzone_reloads_total',
    'Replacements of the data by their result: replaced, unchanged, refused (worse data), failed.',
    ['result'],
    () => Object.entries(reloader.counts).map(([result, count]) => [{ result }, count]),
  )
  gauge(
    registry,
    'asnzone_last_reload_timestamp_seconds',
    'When the data were replaced last, or could not be, in seconds since 1970.',
    ['result'],
    () => {
      const { last } = reloader
      return last === null ? [] : [[{ result: last.kind }, Date.parse(last.at) / 1000]]
    },
  )
}

function counter(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[],
  samples: () => readonly Sample[],
): void {
  new Counter({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset()
      for (const [labels, value] of samples()) this.inc(labels, value)
    },
  })
}

function gauge(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[],
  samples: () => readonly Sample[],
): void {
  new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset()
      for (const [labels, value] of samples()) this.set(labels, value)
    },
  })
}
