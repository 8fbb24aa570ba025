// The policy thread of a real server ends again and again while DNS is asked all the time: no query is lost, the thread
// is started again after longer and longer pauses, and knows what it knew.

import { createSocket, type Socket } from 'node:dgram'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../../support/folders.ts'
import { query, readMessage } from '../../support/message.ts'
import { PolicyClient } from '../../support/policy-client.ts'
import { REJECT } from '../../support/policy-service.ts'
import { type RunningServer, startServer } from '../../support/programs.ts'
import type { Address } from '../../support/transports.ts'

const DE = '193.99.144.80'
const US = '8.8.8.8'
const RU = '77.88.8.8'

/** Queries that may be without a reply: as many as the smallest receive buffer has room for. */
const OUTSTANDING = 8

/** Milliseconds before the thread is started again, after its first death and those that follow. */
const PAUSES = [1000, 2000, 4000]

/** Read by each thread before its own program: that of policy throws once a file is there. */
const ENDER = (file: string): string => `
import { existsSync, rmSync } from 'node:fs'
import { isMainThread, workerData } from 'node:worker_threads'
if (!isMainThread && workerData?.task?.store?.kind === 'sqlite') {
  setInterval(() => {
    if (!existsSync(${JSON.stringify(file)})) return
    rmSync(${JSON.stringify(file)})
    throw new Error('ended by a test')
  }, 10)
}
`

let server: RunningServer | undefined
let asker: Asker | undefined
afterEach(async () => {
  asker?.close()
  await server?.stop()
})

/** Asks DNS all the time: each reply is followed by the next query. */
class Asker {
  readonly #socket: Socket
  readonly #server: Address
  readonly #pending = new Set<number>()
  #isEnding = false
  #next = 0
  /** Replies so far, and those that are not what was asked for. */
  replies = 0
  wrong = 0

  constructor(to: Address) {
    this.#server = to
    this.#socket = createSocket('udp4')
    this.#socket.on('message', (octets) => {
      const { id, rcode, answers } = readMessage(octets)
      this.replies++
      if (!this.#pending.delete(id) || rcode !== 0 || answers.length !== 1) this.wrong++
      if (!this.#isEnding) this.#ask()
    })
    for (let i = 0; i < OUTSTANDING; i++) this.#ask()
  }

  /** Queries that have no reply. */
  get open(): number {
    return this.#pending.size
  }

  /** Asks nothing any more. */
  end(): void {
    this.#isEnding = true
  }

  close(): void {
    this.#socket.close()
  }

  #ask(): void {
    const id = this.#next
    this.#next = (id + 1) & 0xffff
    this.#pending.add(id)
    this.#socket.send(query('8.8.8.8.geo.asnzone.internal', { id }), this.#server.port, this.#server.host)
  }
}

test('DNS loses nothing by it', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'end')
  const ender = join(folder, 'ender.mjs')
  writeFileSync(ender, ENDER(file))
  server = await startServer(
    [
      '--listen',
      '127.0.0.1:0',
      '--policy-listen',
      '127.0.0.1:0',
      '--rate-limit',
      '0',
      '--rate-limit-all',
      '0',
    ],
    {
      env: {
        ASNZONE_POLICY_HTTP: '127.0.0.1:0',
        NODE_OPTIONS: `--import ${pathToFileURL(ender).href}`,
        ASNZONE_POLICY_LIMITS_COUNTRIES: '2',
      },
    },
  )
  const { log, addresses } = server
  const port = Number(
    log.flatMap(({ msg }) => /^the policy service answers on .*:(\d+)$/.exec(msg)?.[1] ?? [])[0],
  )
  const ask = async (address: string): Promise<string> => {
    const client = await PolicyClient.connect({ host: '127.0.0.1', port })
    const answer = await client.ask({ sasl_username: 'k', client_address: address })
    client.destroy()
    return answer
  }
  const rest = log.flatMap(({ msg }) => /REST interface on (http:\S+)$/.exec(msg)?.[1] ?? [])[0]
  /** What Dovecot is told of the same login. */
  const allow = async (): Promise<[number, unknown]> => {
    const response = await fetch(`${rest}dovecotpolicy?command=allow`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ login: 'k', remote: DE }),
    })
    return [response.status, await response.json()]
  }
  expect([await ask(DE), await ask(US), await ask(RU)]).toEqual(['DUNNO', 'DUNNO', REJECT])
  asker = new Asker(addresses[0])
  const deaths = () => log.filter(({ msg }) => /^the policy service has stopped .*ended by a test$/.test(msg))
  for (const [round, pause] of PAUSES.entries()) {
    const client = await PolicyClient.connect({ host: '127.0.0.1', port })
    expect(await client.ask({ sasl_username: 'k', client_address: DE })).toBe(REJECT)
    writeFileSync(file, '')
    await client.closed()
    await vi.waitFor(() => expect(deaths()).toHaveLength(round + 1), { timeout: 30_000 })
    const repliesBefore = asker.replies
    // Dovecot is not answered by an error, whether the next thread is there already or not.
    expect([
      [200, { status: 0, msg: 'the store of the policy service is not available' }],
      [200, { status: -1, msg: 'Policy violation. Please contact your support' }],
    ]).toContainEqual(await allow())
    // Who asks meanwhile waits in the socket, and is answered by the next thread.
    expect(await ask(DE)).toBe(REJECT)
    // The log line was read after it was written, and the thread takes its time to start.
    const died = Date.parse(String(deaths()[round].time))
    expect(Date.now() - died).toBeGreaterThanOrEqual(pause)
    expect(asker.replies).toBeGreaterThan(repliesBefore)
    expect(await allow()).toEqual([200, { status: -1, msg: 'Policy violation. Please contact your support' }])
  }
  const last = asker
  last.end()
  await vi.waitFor(() => expect(last.open).toBe(0), { timeout: 30_000 })
  expect(last.wrong).toBe(0)
  expect(log.filter(({ level }) => level >= 50)).toHaveLength(PAUSES.length)
  expect((await server.stop()).code).toBe(0)
  server = undefined
})
