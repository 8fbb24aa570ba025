// Metrics: each figure is there, adds up, and is written as Prometheus reads it.

import { beforeAll, describe, expect, test } from 'vitest'
import { LearnQueue } from '../../src/http/learn-queue.ts'
import { metricsOf } from '../../src/http/metrics.ts'
import { noCounts } from '../../src/learn/learner.ts'
import { codeSpans, firstTable, readDocument, section } from '../docs/markdown.ts'
import { query, TYPE } from '../support/message.ts'
import { fakeServer } from '../support/running.ts'
import { respond } from '../support/transports.ts'

const queue = new LearnQueue(
  async () => noCounts(),
  () => {},
)
queue.learned.set('mx1', { spam: 7, ham: 2 })
queue.ignored.set('private', 4)

const server = fakeServer({
  // A reload may let reporters in: what they have told is counted whoever may do so now.
  learning: { conduct: () => null, queue },
  snapshot: {
    serial: 2026061719,
    expires: '2026-08-01T19:00:00.000Z',
    pull: { at: '2026-11-20T07:00:00.000Z', kind: 'refused' },
  },
  whois: {
    queries: { answer: 11, unknown: 3, error: 1 },
    connections: { accepted: 9, displaced: 1, late: 2, refused: 4 },
    open: 5,
  },
  policy: {
    figures: {
      requests: { postfix: { none: 5, reject: 2 } },
      violations: { countries: 2 },
      unjudged: { 'no user': 1 },
      duration: { counts: [3, 3, 1], sum: 0.004 },
      connections: 4,
      storeErrors: 6,
      storeTrouble: null,
      users: 8,
      blocked: 1,
      notify: {
        counts: { mail: { sent: 3, failed: 1, dropped: 0 }, webhook: { sent: 0, failed: 0, dropped: 0 } },
        waiting: 2,
      },
    },
  },
})
let text: string
let samples: Map<string, number>

/** Samples by name and labels, as they are written. */
function samplesOf(scrape: string): Map<string, number> {
  const lines = scrape.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}

const sumOf = (name: string): number =>
  [...samples].reduce((sum, [key, value]) => (key.startsWith(`${name}{`) ? sum + value : sum), 0)

beforeAll(() => {
  const { responder, slice } = server
  for (let i = 0; i < 5; i++) respond(responder, query('8.8.8.8.geo.asnzone.internal'), 'udp')
  respond(responder, query('10.1.2.3.geo.asnzone.internal', { type: TYPE.A }), 'tcp')
  respond(responder, query('example.com'), 'udp')
  slice.countBatch(1)
  slice.countBatch(3)
  slice.countBatch(3)
  slice.countUnsent()
  slice.countFailedReceive()
  slice.countFailedReceive()
  for (let i = 0; i < 3; i++) slice.countRefusedHeader()
  slice.stopTimer(slice.startTimer(), 4)
  const metrics = metricsOf(server.running)
  metrics.text()
  // The second scrape tells the same: figures are read, not added.
  text = metrics.text()
  samples = samplesOf(text)
})

test.each([
  ['asnzone_queries_total{transport="udp",family="4",type="TXT",rcode="NOERROR"}', 5],
  ['asnzone_queries_total{transport="tcp",family="4",type="A",rcode="NXDOMAIN"}', 1],
  ['asnzone_queries_total{transport="udp",family="4",type="TXT",rcode="REFUSED"}', 1],
  ['asnzone_zone_queries_total{zone="geo",outcome="answer"}', 5],
  ['asnzone_zone_queries_total{zone="none",outcome="refused"}', 1],
  ['asnzone_zone_queries_total{zone="geo",outcome="rateLimited"}', 0],
  ['asnzone_udp_batch_queries_bucket{le="1"}', 1],
  ['asnzone_udp_batch_queries_bucket{le="2"}', 1],
  ['asnzone_udp_batch_queries_bucket{le="4"}', 3],
  ['asnzone_udp_batch_queries_bucket{le="+Inf"}', 3],
  ['asnzone_udp_batch_queries_sum', 7],
  ['asnzone_udp_batch_queries_count', 3],
  ['asnzone_query_duration_seconds_count', 4],
  ['asnzone_udp_unsent_total', 1],
  ['asnzone_udp_receive_failures_total', 2],
  ['asnzone_proxy_headers_refused_total', 3],
  ['asnzone_udp_dropped_total', 7],
  ['asnzone_tcp_connections', 3],
  ['asnzone_tcp_connections_total{result="accepted"}', 20],
  ['asnzone_tcp_connections_total{result="displaced"}', 1],
  [
    'asnzone_source_timestamp_seconds{what="asn",family="4",source="rows.ts"}',
    Date.parse('2026-06-17T19:00Z') / 1000,
  ],
  ['asnzone_source_rows{what="asn",family="4",source="rows.ts"}', 1],
  ['asnzone_source_coverage_ratio{what="asn",family="4",source="rows.ts"}', 256 / 2 ** 32],
  ['asnzone_query_log_total{result="dropped"}', 2],
  ['asnzone_statistics_failures_total', 4],
  ['asnzone_learned_rows{kind="networks"}', 3],
  ['asnzone_learned_rows{kind="countries"}', 1],
  ['asnzone_learned_timestamp_seconds', Date.parse('2026-06-17T20:00Z') / 1000],
  ['asnzone_learn_verdicts_total{reporter="mx1",verdict="spam"}', 7],
  ['asnzone_learn_ignored_total{reason="private"}', 4],
  ['asnzone_rpki_ratio{family="4",state="valid"}', 0.6],
  ['asnzone_rpki_ratio{family="4",state="not-found"}', 0.3],
  ['asnzone_rpki_ratio{family="4",state="invalid"}', 0.1],
  ['asnzone_stale_sources', 1],
  ['asnzone_snapshot_serial', 2026061719],
  ['asnzone_snapshot_expires_timestamp_seconds', Date.parse('2026-08-01T19:00Z') / 1000],
  ['asnzone_snapshot_pull_timestamp_seconds{result="refused"}', Date.parse('2026-11-20T07:00Z') / 1000],
  ['asnzone_reloads_total{result="refused"}', 1],
  ['asnzone_last_reload_timestamp_seconds{result="refused"}', Date.parse('2026-11-20T06:00Z') / 1000],
])('%s is %d', (name, value) => {
  expect(samples.get(name)).toBeCloseTo(value, 12)
})

test('each query is counted once by traffic and once by zone', () => {
  expect(sumOf('asnzone_queries_total')).toBe(7)
  expect(sumOf('asnzone_zone_queries_total')).toBe(7)
})

test('figures of the process are there', () => {
  expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(1e6)
  expect(samples.get('process_open_fds')).toBeGreaterThan(2)
  expect(samples.get('process_max_fds')).toBeGreaterThan(samples.get('process_open_fds') ?? 0)
  expect(samples.get('process_cpu_seconds_total')).toBeGreaterThan(0.01)
  const { timeOrigin } = performance
  expect(Math.abs((samples.get('process_start_time_seconds') ?? 0) - timeOrigin / 1000)).toBeLessThan(60)
  expect(samples.get('nodejs_heap_size_used_bytes')).toBeGreaterThan(1e6)
  expect(samples.get(`nodejs_version_info{version="${process.version}"}`)).toBe(1)
})

test('every sample belongs to a metric with its type and help', () => {
  const described = new Set([...text.matchAll(/^# TYPE (\S+) \w+$/gm)].map(([, name]) => name))
  const helped = new Set([...text.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name))
  const names = [...samples.keys()].map((key) => key.replace(/\{.*/, ''))
  const strays = names.filter(
    (name) => !described.has(name) && !described.has(name.replace(/_(bucket|sum|count)$/, '')),
  )
  expect(strays).toEqual([])
  expect(helped).toEqual(described)
})

test('the policy service is counted by who asked, what was answered, and why', () => {
  expect(samples.get('asnzone_policy_requests_total{source="postfix",action="reject"}')).toBe(2)
  expect(samples.get('asnzone_policy_violations_total{rule="countries"}')).toBe(2)
  expect(samples.get('asnzone_policy_duration_seconds_count')).toBe(7)
  expect(samples.get('asnzone_policy_blocked_users')).toBe(1)
  expect(samples.get('asnzone_policy_store_errors_total')).toBe(6)
  expect(samples.get('asnzone_policy_notify_total{channel="mail",result="sent"}')).toBe(3)
  expect(samples.get('asnzone_policy_notify_waiting')).toBe(2)
})

test('whois is counted by what became of queries and connections', () => {
  expect(samples.get('asnzone_whois_queries_total{result="unknown"}')).toBe(3)
  expect(samples.get('asnzone_whois_connections_total{result="late"}')).toBe(2)
  expect(samples.get('asnzone_whois_connections')).toBe(5)
})

describe('docs/http.md', () => {
  const rows = firstTable(section(readDocument('docs/http.md'), 'Metrics'))

  test('has a row for each metric', () => {
    const ours = [...text.matchAll(/^# TYPE (asnzone_\S+) /gm)].map(([, name]) => name)
    expect(rows.map(([name]) => codeSpans(name)[0])).toEqual(ours)
  })

  test.each(rows)('%s has the labels %s', (name, labels) => {
    const sample = [...samples.keys()].find(
      (key) => key.startsWith(`${codeSpans(name)[0]}{`) && !key.includes('{le='),
    )
    const written = [...(sample ?? '').matchAll(/(\w+)="/g)].map(([, label]) => label)
    expect(written).toEqual(codeSpans(labels))
  })
})
