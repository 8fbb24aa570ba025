// Metrics as Prometheus reads them: its text format, version 0.0.4. Each is read when somebody asks, and kept nowhere.

import type { Distribution } from '../server/counters.ts'

export type Labels = Readonly<Record<string, string | number>>

/** A number and what it is of. */
export type Sample = readonly [labels: Labels, value: number]

type Line = readonly [suffix: string, ...sample: Sample]

interface Metric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly read: () => readonly Line[]
}

/** The metrics of a server, in the order in which they were added. */
export class Metrics {
  static readonly contentType = 'text/plain; version=0.0.4; charset=utf-8'
  readonly #metrics: Metric[] = []

  /** What only rises. */
  counter(name: string, help: string, read: () => readonly Sample[]): void {
    this.#metrics.push({ name, help, type: 'counter', read: () => read().map((sample) => ['', ...sample]) })
  }

  /** What rises and falls. */
  gauge(name: string, help: string, read: () => readonly Sample[]): void {
    this.#metrics.push({ name, help, type: 'gauge', read: () => read().map((sample) => ['', ...sample]) })
  }

  /** A distribution, whose counts are those of the values up to each bound, and of those above the last one. */
  histogram(name: string, help: string, bounds: readonly number[], read: () => Distribution): void {
    this.#metrics.push({ name, help, type: 'histogram', read: () => bucketsOf(bounds, read()) })
  }

  /** All of them, as they are now. */
  text(): string {
    return this.#metrics
      .map(({ name, help, type, read }) => {
        const samples = read().map(([suffix, labels, value]) => {
          return `${name}${suffix}${labelText(labels)} ${numberText(value)}\n`
        })
        return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.join('')}`
      })
      .join('\n')
  }
}

function bucketsOf(bounds: readonly number[], { counts, sum }: Distribution): Line[] {
  let total = 0
  const buckets = counts.map((count, i): Line => {
    total += count
    return ['_bucket', { le: bounds[i] ?? '+Inf' }, total]
  })
  return [...buckets, ['_sum', {}, sum], ['_count', {}, total]]
}

function labelText(labels: Labels): string {
  const written = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`)
  return written.length === 0 ? '' : `{${written.join(',')}}`
}

const escaped = (text: string): string =>
  text.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))

function numberText(value: number): string {
  return Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? '+Inf' : '-Inf'
}
