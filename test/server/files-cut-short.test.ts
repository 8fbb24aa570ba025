// Databases that somebody cuts short, or copies others over, while the server uses them: a file that is mapped into memory
// then ends the process with SIGBUS. Here DNS goes on, and so does whoever asks the policy service or for the statistics.

import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compiledData } from '../support/compiled-data.ts'
import { PolicyClient } from '../support/policy-client.ts'
import { dig, type RunningServer, startServer } from '../support/programs.ts'
import { until } from '../support/until.ts'

const GOOGLE = '8.8.8.8.geo.asnzone.internal'
const [DE, US, RU] = ['193.99.144.80', '8.8.8.8', '77.88.8.8']

/** How often files are copied over. */
const COPIES = 20

let directory: string
let server: RunningServer
let accounts = 0

const options = (): string[] => [
  ...['--listen', '127.0.0.1:0', '--policy-listen', '127.0.0.1:0', '--http', '127.0.0.1:0'],
  ...['--stats', '--stats-interval', '0.1', '--data-dir', directory],
]

const logged = (pattern: RegExp): string => {
  const found = server.log.flatMap(({ msg }) => pattern.exec(msg)?.[1] ?? [])
  if (found.length === 0) throw new Error(`nothing in the log is like ${pattern}`)
  return found[0]
}

const connect = (): Promise<PolicyClient> =>
  PolicyClient.connect({
    host: '127.0.0.1',
    port: Number(logged(/^the policy service answers on .*:(\d+)$/)),
  })

const statistics = async (): Promise<Response> => fetch(`${logged(/^pages, .* (http:\S+)$/)}api/stats`)

/** Brings accounts that nobody knows yet over their limits, and so into the store. */
async function askPolicy(client: PolicyClient, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const sasl_username = `account-${accounts++}`
    for (const client_address of [DE, US, RU]) {
      expect(await client.ask({ sasl_username, client_address })).toMatch(/^(?:DUNNO|REJECT)/)
    }
  }
}

/** Sees that each of the services answers. */
async function expectAnswers(): Promise<void> {
  const client = await connect()
  await askPolicy(client, 3)
  client.destroy()
  expect(await dig(server.addresses[0], [GOOGLE, 'TXT', '+short'])).toContain('15169')
  expect((await statistics()).status).toBeLessThan(600)
  expect(await dig(server.addresses[0], [GOOGLE, 'TXT', '+short', '+tcp'])).toContain('15169')
}

/** Queries are counted and written. */
const counted = (): Promise<void> =>
  until(async () => ((await (await statistics()).json()) as { countries: unknown[] }).countries.length > 0)

beforeEach(async () => {
  directory = compiledData()
  server = await startServer(options())
  const client = await connect()
  await askPolicy(client, 20)
  client.destroy()
  await dig(server.addresses[0], [GOOGLE, 'TXT'])
  await counted()
})
afterEach(() => server.stop('SIGKILL'))

test('no file of a database is mapped into memory', () => {
  const mapped = readFileSync(`/proc/${server.pid}/maps`, 'utf8').split('\n')
  expect(mapped.length).toBeGreaterThan(10)
  expect(mapped.filter((line) => line.includes(directory) && line.includes('sqlite'))).toEqual([])
})

test.each(['policy.sqlite', 'stats.sqlite'])(
  '%s, or what is beside it, that is cut short ends nothing',
  async (name) => {
    for (const suffix of ['-shm', '-wal', '-journal', '']) {
      const path = join(directory, `${name}${suffix}`)
      writeFileSync(path, '', { flag: 'a' })
      truncateSync(path)
      await expectAnswers()
    }
    expect((await server.stop()).signal).toBeNull()
  },
)

test('a backup that is copied over the files while everybody asks ends nothing', async () => {
  const names = ['policy.sqlite', 'policy.sqlite-wal', 'stats.sqlite']
  for (const name of names) copyFileSync(join(directory, name), join(directory, `${name}.saved`))
  const clients = await Promise.all([connect(), connect(), connect(), connect()])
  let isOver = false
  const asking = Promise.all(
    clients.map(async (client) => {
      while (!isOver) await askPolicy(client, 1)
    }),
  )
  for (let i = 0; i < COPIES; i++) {
    // As cp does: the file that is there is cut to nothing, and then written.
    for (const name of names) {
      truncateSync(join(directory, name))
      writeFileSync(join(directory, name), readFileSync(join(directory, `${name}.saved`)))
    }
    await dig(server.addresses[0], [GOOGLE, 'TXT'])
  }
  isOver = true
  await asking
  for (const client of clients) client.destroy()
  await expectAnswers()
  expect((await server.stop()).signal).toBeNull()
})
