// What interrupts the threads of a running server ends none of them: process reports, and signals of all kinds.

import { copyFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import koffi from 'koffi'
import { afterEach, describe, expect, test } from 'vitest'
import { COMPILED_DATA, type LaunchedServer, launch, serveCommand } from '../support/conformance/launch.ts'
import { temporaryFolder } from '../support/folders.ts'
import { query } from '../support/message.ts'
import { type Address, overUdp } from '../support/transports.ts'

const QUERY = query('8.8.8.8.geo.asnzone.internal')
const SIGHUP = 1

/** The call that sends a signal to one thread. */
const tgkill = koffi.load(null).func('int tgkill(int process, int thread, int signal)') as (
  process: number,
  thread: number,
  signal: number,
) => number

const servers: LaunchedServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
})

function start(args: readonly string[], directory = COMPILED_DATA): LaunchedServer {
  const options = ['--listen', '127.0.0.1:0', '--workers', '2', '--data-dir', directory, ...args]
  const server = launch(serveCommand(options), { cwd: temporaryFolder() })
  servers.push(server)
  return server
}

const deathsOf = ({ log }: LaunchedServer): string[] =>
  log.map(({ msg }) => msg).filter((msg) => msg.includes('died'))

/** Asks from several ports, so that each worker is asked. */
async function askAll(address: Address): Promise<void> {
  const replies = await Promise.all(Array.from({ length: 8 }, () => overUdp(address).exchange([QUERY])))
  for (const [reply] of replies) expect(reply.readUInt16BE(0)).toBe(QUERY[0] * 256 + QUERY[1])
}

describe('no worker dies', () => {
  test.each(Array.from({ length: 10 }, (_, index) => index + 1))(
    'at the start with http and stats, time %i',
    async () => {
      const directory = temporaryFolder()
      copyFileSync(join(COMPILED_DATA, 'table.snapshot'), join(directory, 'table.snapshot'))
      const server = start(['--http', '127.0.0.1:0', '--stats'], directory)
      const [address] = await server.ready
      await askAll(address)
      expect(await server.stop()).toBe(0)
      expect(deathsOf(server)).toEqual([])
    },
  )

  test('of signals to each thread of the process', async () => {
    const server = start([])
    const [address] = await server.ready
    for (let round = 0; round < 50; round++) {
      const asked = askAll(address)
      for (const thread of readdirSync(`/proc/${server.pid}/task`)) {
        expect(tgkill(server.pid, Number(thread), SIGHUP)).toBe(0)
      }
      await asked
    }
    await askAll(address)
    expect(deathsOf(server)).toEqual([])
    expect(await server.stop()).toBe(0)
  })
})
