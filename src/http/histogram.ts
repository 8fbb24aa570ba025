// A distribution that others count, as a histogram of Prometheus.

import type { Metric, Registry } from 'prom-client'
import type { Distribution } from '../server/counters.ts'

/** A histogram to export. */
export interface HistogramParts {
  readonly name: string
  readonly help: string
  readonly bounds: readonly number[]
  readonly read: () => Distribution
}

/** Adds a histogram, which is read whenever it is asked for. */
export function addHistogram(registry: Registry, { name, help, bounds, read }: HistogramParts): void {
  const get = async (): Promise<object> => {
    const { counts, sum } = read()
    let total = 0
    const buckets = counts.map((count, i) => {
      total += count
      return { metricName: `${name}_bucket`, labels: { le: String(bounds[i] ?? '+Inf') }, value: total }
    })
    const values = [
      ...buckets,
      { metricName: `${name}_sum`, labels: {}, value: sum },
      { metricName: `${name}_count`, labels: {}, value: total },
    ]
    return { name, help, type: 'histogram', values }
  }
  // The library's own histogram can only be told one value at a time, and these are millions.
  registry.registerMetric({ name, get } as unknown as Metric)
}
