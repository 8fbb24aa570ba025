// A server that is killed at any moment loses no block that it has told of, and leaves its file whole.
//
// POLICY_KILLS says how often; `npm run test:policy-kills` does it 200 times.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { POLICY_FILE } from '../../../src/policy-server/policy-file.ts'
import { compiledData } from '../../support/compiled-data.ts'
import { type LaunchedServer, launch, serveCommand } from '../../support/conformance/launch.ts'
import { PolicyClient } from '../../support/policy-client.ts'
import { sqlite3 } from '../../support/sqlite3.ts'
import { until } from '../../support/until.ts'

const KILLS = Number(process.env.POLICY_KILLS ?? 5)

const DE = '193.99.144.80'
const US = '8.8.8.8'
const RU = '77.88.8.8'

/** Milliseconds, at most, between the first request, or the first block, and the kill. */
const MAX_DELAY_MS = 300

/** Connections that ask at a time. */
const CLIENTS = 4

const directory = compiledData()
const config = join(directory, 'asnzone.yaml')
writeFileSync(config, 'listen: none\npolicy: { listen: 127.0.0.1:0, limits: { countries: 2, ips: 3 } }\n')

/** Accounts of which a server has said that they are blocked. */
const blocked: string[] = []
let accounts = 0

const start = (): LaunchedServer => launch(serveCommand(['--data-dir', directory, '--config', config]))

async function connectTo({ ready, log }: LaunchedServer): Promise<PolicyClient> {
  await ready
  const ports = log.flatMap(({ msg }) => /^the policy service answers on .*:(\d+)$/.exec(msg)?.[1] ?? [])
  return PolicyClient.connect({ host: '127.0.0.1', port: Number(ports[0]) })
}

/** Brings one account after the other over its limit, until the server is gone. */
async function askOn(client: PolicyClient): Promise<void> {
  for (;;) {
    const user = `user-${++accounts}`
    for (const client_address of [DE, US, RU]) {
      const answer = await client.ask({ sasl_username: user, client_address })
      if (answer === 'closed') return
      if (answer.startsWith('REJECT')) blocked.push(user)
    }
  }
}

function blocksOfTheFile(): Set<string> {
  const file = join(directory, POLICY_FILE)
  expect(sqlite3(file, 'PRAGMA integrity_check')).toBe('ok')
  return new Set(sqlite3(file, 'SELECT user FROM subject WHERE block_until IS NOT NULL').split('\n'))
}

test(
  `${KILLS} kills, each at another moment`,
  async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const before = blocked.length
      const server = start()
      const clients = [await connectTo(server)]
      while (clients.length < CLIENTS) clients.push(await connectTo(server))
      // What the one before has said holds.
      for (const user of blocked.slice(-3)) {
        const answer = await clients[0].ask({ sasl_username: user, client_address: DE })
        expect(answer, server.output()).toMatch(/^REJECT/)
      }
      const asking = clients.map(askOn)
      // However slow the machine is, blocks are told of.
      if (kill % 2 === 1) await until(async () => blocked.length > before)
      const timer = setTimeout(() => process.kill(server.pid, 'SIGKILL'), Math.random() * MAX_DELAY_MS)
      await Promise.all(asking)
      clearTimeout(timer)
      await server.stop()
      const kept = blocksOfTheFile()
      expect(blocked.slice(before).filter((user) => !kept.has(user))).toEqual([])
      for (const client of clients) client.destroy()
    }
    console.log(`${KILLS} kills, ${accounts} accounts, ${blocked.length} blocks, none lost`)
    expect(blocked.length).toBeGreaterThan(0)
  },
  60_000 + KILLS * 20_000,
)
