// The line that shows how far a download is.

import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { ProgressBar, progressLine } from '../../src/cli/progress-bar.ts'
import { columns, fitted, grouped, megabytes, timeSpan } from '../../src/cli/units.ts'
import { minuteOf } from '../../src/minute.ts'

test.each([
  [
    'in the middle',
    { octets: 11_350_000, total: 22_700_000 },
    5_000_000,
    'a.csv  [============            ]  50 %  11.3 MB of 22.7 MB  5.00 MB/s  2 s left',
  ],
  [
    'at the end',
    { octets: 100, total: 100 },
    10,
    `a.csv  [${'='.repeat(24)}] 100 %  0.00 MB of 0.00 MB  0.00 MB/s  0 s left`,
  ],
  [
    'before anything is known of the speed',
    { octets: 0, total: 100 },
    0,
    `a.csv  [${' '.repeat(24)}]   0 %  0.00 MB of 0.00 MB  0.00 MB/s`,
  ],
  [
    'of a file whose size nobody tells',
    { octets: 5_000_000, total: null },
    1_000_000,
    'a.csv  5.00 MB  1.00 MB/s',
  ],
  [
    'of an empty file',
    { octets: 0, total: 0 },
    1,
    `a.csv  [${'='.repeat(24)}] 100 %  0.00 MB of 0.00 MB  0.00 MB/s  0 s left`,
  ],
])('%s', (_name, progress, speed, line) => {
  expect(progressLine('a.csv', progress, speed)).toBe(line)
})

describe('on what is', () => {
  function drawn(isTTY: boolean): string {
    const terminal = Object.assign(new PassThrough(), { isTTY, columns: 60 })
    const bar = new ProgressBar(terminal as unknown as NodeJS.WriteStream)
    bar.show('a.csv', { octets: 0, total: 100 })
    bar.clear()
    return String(terminal.read() ?? '')
  }

  test('a terminal, a line no longer than it is wide, and then none', () => {
    const [, line, rest] = drawn(true).split('\r')
    expect(line.replace('\u001b[K', '')).toHaveLength(59)
    expect(rest).toBe('\u001b[K')
  })

  test('no terminal, nothing', () => {
    expect(drawn(false)).toBe('')
  })
})

test.each([
  [12, '12 s'],
  [99.4, '99 s'],
  [130, '2 min'],
  [7300, '2 h 2 min'],
  [3 * 86400 + 4 * 3600, '3 d 4 h'],
])('%d seconds are %s', (seconds, text) => {
  expect(timeSpan(seconds)).toBe(text)
})

test('sizes, numbers and times', () => {
  expect([
    megabytes(22_700_000),
    megabytes(1_234_567),
    grouped(411_961.4),
    minuteOf('2026-11-20T06:00:12.345Z'),
  ]).toEqual(['22.7 MB', '1.23 MB', '411,961', '2026-11-20 06:00 UTC'])
})

test('a table that is too wide has its long cells on lines of their own, and none where nothing wraps', () => {
  const table = [
    ['account', 'requests', 'last'],
    ['anna@example.org', '3', 'today'],
    ['b', '4,711', 'now'],
  ]
  const whole = [
    ['account           requests  last'],
    ['anna@example.org         3  today'],
    ['b                    4,711  now'],
  ]
  expect(fitted(table, null, [0])).toEqual(whole)
  expect(fitted(table, 33, [0])).toEqual(whole)
  expect(fitted(table, 32, [0])).toEqual([
    ['account', '  requests  last'],
    ['anna@example.org', '         3  today'],
    ['b', '     4,711  now'],
  ])
})

test('columns are padded, numbers to the right', () => {
  expect(
    columns([
      ['name', 'rows', 'x'],
      ['a', '1,234', ''],
      ['bcdef', '5', 'y'],
    ]),
  ).toBe('name   rows   x\na      1,234\nbcdef      5  y')
})
