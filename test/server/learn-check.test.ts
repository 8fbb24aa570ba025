// asnzone learn --check and npm run bench:learn: of the same verdicts both make the same table.

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { compiledData } from '../support/compiled-data.ts'
import { temporaryFolder } from '../support/folders.ts'
import { outcomeOf, runCli } from '../support/programs.ts'

const BENCH = fileURLToPath(new URL('../../bench/learn.js', import.meta.url))

/** What of the results of the bench is looked at. */
interface Results {
  readonly readings: readonly {
    readonly messages: number
    readonly spam: number
    readonly ham: number
    readonly hitCount: number
    readonly rows: readonly {
      readonly model: string
      readonly found: readonly number[]
      readonly area: number
    }[]
  }[]
}

/** Networks, and how many of a hundred messages from there are spam; nothing is known of the last one. */
const NETWORKS: readonly (readonly [network: string, spam: number])[] = [
  ['8.8.8', 5],
  ['8.8.4', 10],
  ['66.128.51', 40],
  ['77.88.8', 90],
  ['77.88.55', 60],
  ['93.158.134', 95],
  ['114.114.114', 80],
  ['202.112.0', 20],
  ['193.0.0', 2],
  ['193.0.6', 3],
  ['193.99.144', 10],
  ['102.201.16', 50],
]

/** The first and the last message, in seconds: what is judged lies between. */
const [FIRST, LAST] = ['2002-06-01', '2002-11-01'].map((day) => Date.parse(`${day}T00:00:00Z`) / 1000)

const COUNT = 900

/** Messages as the corpus has them, always the same ones. */
function corpus(): Record<string, string> {
  let seed = 1
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((seed / 0x80000000) * below)
  }
  const files = Array.from({ length: COUNT }, (_, at): [string, string] => {
    const [network, spam] = NETWORKS[random(NETWORKS.length)]
    const date = new Date((FIRST + ((LAST - FIRST) * at) / COUNT) * 1000).toUTCString()
    const received = `Received: from x (x [${network}.${1 + random(12)}])\n\tby mx.example.org; ${date}`
    const group = random(100) < spam ? 'spam-1' : 'easy-ham-1'
    return [`${at}.json`, JSON.stringify({ text: `${received}\nSubject: Hello\n\nHello.\n`, group })]
  })
  const names = files.map(([name]) => name.replace('json', 'txt'))
  return { ...Object.fromEntries(files), 'file_list.json': JSON.stringify(names) }
}

test('--check tells the figures of the bench', async () => {
  const folder = temporaryFolder(corpus())
  const [lines, json] = [join(folder, 'verdicts'), join(folder, 'results')]
  const options = ['--corpus', folder, '--lines', lines, '--json', json]
  const bench = await outcomeOf(spawn(process.execPath, [BENCH, ...options]))
  expect(bench.stderr).toBe('')
  const [reading] = (JSON.parse(readFileSync(json, 'utf8')) as Results).readings
  expect(reading.messages).toBe(COUNT)

  const judged = ['--from', '2002-08-15T00:00:00Z', '--until', '2002-10-15T00:00:00Z']
  const place = ['--data-dir', compiledData(), '--here', '53.35,-6.26']
  const { code, stdout, stderr } = await runCli(['learn', ...place, '--check', lines, ...judged])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain(`: ${reading.spam} spam and ${reading.ham} ham, `)
  expect(stdout).toContain(`\n${reading.hitCount} of ${reading.ham} hams reached 10 dB`)
  for (const { model, found, area } of reading.rows) {
    const figures = [...found.map((share) => (share * 100).toFixed(1)), area.toFixed(3)]
    expect(stdout.replace(/ +/g, ' ')).toContain(`\n ${model} ${figures.join(' ')}\n`)
  }
  // Figures that can differ: none is all or nothing.
  const all = reading.rows.find(({ model }) => model === 'all')
  for (const share of all!.found) expect(share).toBeGreaterThan(0.2)
  expect(Math.max(...all!.found)).toBeLessThan(1)
  expect(new Set(reading.rows.map(({ area }) => area)).size).toBeGreaterThan(3)
}, 180_000)
