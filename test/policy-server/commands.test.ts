// Commands to Redis without a Redis: how long one waits, and what the others do while a server is away.

import { ErrorReply } from '@redis/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Commands } from '../../src/policy-server/redis/commands.ts'
import type { Send } from '../../src/policy-server/redis/connection.ts'

const TIMEOUT = 1000

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Commands to a server that does as it is told. */
function start(isOneServer = true) {
  const server = { send: (async () => 'OK') as Send }
  let sent = 0
  let renewals = 0
  const connection = {
    connected: Promise.resolve(),
    send: ((...args) => {
      sent++
      return server.send(...args)
    }) as Send,
    primaries: async () => [],
    close: async () => {},
    destroy: () => {},
    renew: () => {
      renewals++
    },
  }
  const commands = new Commands(connection, TIMEOUT, (error) => error, isOneServer)
  /** What becomes of a command: its reply, or why there is none. */
  const run = (): Promise<unknown> =>
    commands.run('key', ['GET', 'key']).catch((error: Error) => error.message)
  return { server, run, sent: () => sent, renewals: () => renewals }
}

const hang: Send = () => new Promise(() => {})
/** A timer may come a millisecond early, so that all of them are set for one more. */
const PATIENCE = TIMEOUT + 1
const LATE = `no answer within ${TIMEOUT} ms`
const AWAY = 'the last commands had no answer; one is tried at a time'

/** Commands that all come at once, and their outcomes. */
async function runMany(count: number, run: () => Promise<unknown>): Promise<unknown[]> {
  const running = Array.from({ length: count }, run)
  await vi.advanceTimersByTimeAsync(PATIENCE)
  return Promise.all(running)
}

test('a command that has no answer in time fails, and is not sent any more', async () => {
  const { server, run } = start()
  let wasGone = false
  server.send = (key, args, withdrawal) => {
    withdrawal.addEventListener('abort', () => {
      wasGone = true
    })
    return hang(key, args, withdrawal)
  }
  expect(await runMany(1, run)).toEqual([LATE])
  expect(wasGone).toBe(true)
})

test('a connection on which nothing is answered for five seconds is begun anew, each five seconds', async () => {
  const { server, run, renewals } = start()
  server.send = hang
  // Half a day of silence while nothing is asked is none.
  await vi.advanceTimersByTimeAsync(43_200_000)
  for (let second = 1; second <= 5; second++) await runMany(1, run)
  expect(renewals()).toBe(0)
  await runMany(1, run)
  expect(renewals()).toBe(1)
  for (let second = 1; second <= 4; second++) await runMany(1, run)
  expect(renewals()).toBe(1)
  await runMany(1, run)
  expect(renewals()).toBe(2)
  server.send = async () => 'OK'
  expect(await runMany(1, run)).toEqual(['OK'])
  server.send = hang
  for (let second = 1; second <= 5; second++) await runMany(1, run)
  expect(renewals()).toBe(2)
})

test('a server that is away is asked by one command at a time; the others fail at once', async () => {
  const { server, run, sent } = start()
  server.send = hang
  expect(await runMany(5, run)).toEqual([LATE, LATE, LATE, LATE, LATE])
  const probe = run()
  for (let i = 0; i < 100; i++) expect(await run()).toBe(AWAY)
  expect(sent()).toBe(6)
  await vi.advanceTimersByTimeAsync(PATIENCE)
  expect(await probe).toBe(LATE)
  const next = run()
  expect(sent()).toBe(7)
  await vi.advanceTimersByTimeAsync(PATIENCE)
  expect(await next).toBe(LATE)
})

test('one that answers again is asked by all of them from then on', async () => {
  const { server, run } = start()
  server.send = hang
  await runMany(5, run)
  server.send = async () => 'OK'
  expect(await run()).toBe('OK')
  expect(await runMany(10, run)).toEqual(Array.from({ length: 10 }, () => 'OK'))
})

test('an answer that comes too late says that the server is there', async () => {
  const { server, run, sent } = start()
  let answer: (reply: string) => void = () => {}
  server.send = () =>
    new Promise((resolve) => {
      answer = resolve
    })
  await runMany(5, run)
  answer('late')
  await vi.advanceTimersByTimeAsync(0)
  expect(await runMany(4, run)).toEqual([LATE, LATE, LATE, LATE])
  expect(sent()).toBe(9)
})

test('few that had no answer, or errors of the server itself, change nothing', async () => {
  const { server, run, sent } = start()
  for (let i = 0; i < 3; i++) {
    server.send = hang
    expect(await runMany(4, run)).toEqual([LATE, LATE, LATE, LATE])
    server.send = async () => {
      throw new ErrorReply('WRONGTYPE')
    }
    expect(await runMany(10, run)).toEqual(Array.from({ length: 10 }, () => 'WRONGTYPE'))
  }
  expect(sent()).toBe(42)
})

test('of a Cluster each command is tried: others of its servers may answer', async () => {
  const { server, run, sent } = start(false)
  server.send = hang
  await runMany(5, run)
  expect(await runMany(5, run)).toEqual([LATE, LATE, LATE, LATE, LATE])
  expect(sent()).toBe(10)
})
