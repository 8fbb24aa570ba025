// Metrics of the process and of Node.js, under the names that all programs have for them.

import { performance } from 'node:perf_hooks'
import { descriptorLimit, descriptorsInUse } from '../server/descriptors.ts'
import type { Metrics } from './metrics-text.ts'

/** Adds them. The heap and the event loop are those of the thread that answers. */
export function addProcess(metrics: Metrics): void {
  metrics.counter('process_cpu_seconds_total', 'CPU time in user and system mode.', () => {
    const { user, system } = process.cpuUsage()
    return [[{}, (user + system) / 1e6]]
  })
  const gauge = (name: string, help: string, read: () => number | null): void =>
    metrics.gauge(name, help, () => {
      const value = read()
      return value === null ? [] : [[{}, value]]
    })
  const started = Math.round(Date.now() / 1000 - process.uptime())
  gauge('process_start_time_seconds', 'When the process began, in seconds since 1970.', () => started)
  gauge('process_resident_memory_bytes', 'Resident memory of the whole process.', () =>
    process.memoryUsage.rss(),
  )
  gauge('process_open_fds', 'Open file descriptors.', () => descriptorsInUse())
  gauge('process_max_fds', 'File descriptors that may be open.', () => descriptorLimit())
  gauge('nodejs_heap_size_total_bytes', 'The heap of JavaScript.', () => process.memoryUsage().heapTotal)
  gauge(
    'nodejs_heap_size_used_bytes',
    'What is in use of the heap of JavaScript.',
    () => process.memoryUsage().heapUsed,
  )
  gauge(
    'nodejs_external_memory_bytes',
    'Memory outside of the heap that objects hold.',
    () => process.memoryUsage().external,
  )
  gauge(
    'nodejs_eventloop_utilization_ratio',
    'The share of its time that the event loop was at work, since the thread began.',
    () => performance.eventLoopUtilization().utilization,
  )
  metrics.gauge('nodejs_version_info', 'The version of Node.js.', () => [[{ version: process.version }, 1]])
}
