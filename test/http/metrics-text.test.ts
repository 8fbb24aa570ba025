// The text format of Prometheus, version 0.0.4.

import { expect, test } from 'vitest'
import { Metrics } from '../../src/http/metrics-text.ts'

test('counters, gauges and histograms, in the order in which they were added', () => {
  const metrics = new Metrics()
  let count = 6
  metrics.counter('a_total', 'What rises.', () => [
    [{ kind: 'x', family: 4 }, ++count],
    [{ kind: 'y', family: 6 }, 0.5],
  ])
  metrics.histogram('b_seconds', 'How long.', [0.1, 1], () => ({ counts: [3, 0, 2], sum: 12.5 }))
  metrics.gauge('c', 'What is unknown.', () => [])
  const rest = `
# HELP b_seconds How long.
# TYPE b_seconds histogram
b_seconds_bucket{le="0.1"} 3
b_seconds_bucket{le="1"} 3
b_seconds_bucket{le="+Inf"} 5
b_seconds_sum 12.5
b_seconds_count 5

# HELP c What is unknown.
# TYPE c gauge
`
  const first = '# HELP a_total What rises.\n# TYPE a_total counter\na_total{kind="x",family="4"} 7\n'
  expect(metrics.text()).toBe(`${first}a_total{kind="y",family="6"} 0.5\n${rest}`)
  expect(metrics.text()).toContain('a_total{kind="x",family="4"} 8\n')
})

test.each([
  ['a quote', 'a"b', 'a\\"b'],
  ['a backslash', 'a\\nb', 'a\\\\nb'],
  ['a new line', 'a\nb', 'a\\nb'],
  ['nothing', '', ''],
])('a label of %s', (_, value, written) => {
  const metrics = new Metrics()
  metrics.gauge('a', 'A.', () => [[{ of: value }, 1]])
  expect(metrics.text().split('\n')[2]).toBe(`a{of="${written}"} 1`)
})

test.each([
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
  [Number.NaN, 'NaN'],
  [2 ** 53, '9007199254740992'],
  [1e-7, '1e-7'],
])('%s is written as %s', (value, written) => {
  const metrics = new Metrics()
  metrics.gauge('a', 'A.', () => [[{}, value]])
  expect(metrics.text().split('\n')[2]).toBe(`a ${written}`)
})
