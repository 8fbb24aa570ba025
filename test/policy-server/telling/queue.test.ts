// What waits to be told: its order, its tries and its bounds.

import { beforeEach, describe, expect, test } from 'vitest'
import { type Message, type Outcome, TellingQueue } from '../../../src/policy-server/telling/queue.ts'

const MINUTE = 60_000
const SENT: Outcome = { kind: 'sent' }
const AWAY: Outcome = { kind: 'failed', reason: 'away', isFinal: false }
const NEVER: Outcome = { kind: 'failed', reason: 'no', isFinal: true }

let now: number
let outcome: () => Outcome | Promise<Outcome>
let tried: string[]
let over: string[]
let queue: TellingQueue<Message>

beforeEach(() => {
  now = 1_000_000
  outcome = () => SENT
  tried = []
  over = []
  queue = new TellingQueue({
    deliver: async ({ id }) => {
      tried.push(id)
      return outcome()
    },
    clock: () => now,
    onOutcome: ({ id }, { kind }, isOver) => {
      if (isOver) over.push(`${id} ${kind}`)
    },
  })
})

const message = (id: string, channel: Message['channel'] = 'mail', user: string | null = 'u'): Message => ({
  channel,
  user,
  id,
})
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

async function passMinutes(minutes: number): Promise<void> {
  now += minutes * MINUTE
  queue.look()
  await settled()
}

test('a message is told at once, and in its order', async () => {
  for (const id of ['a', 'b', 'c']) queue.add(message(id))
  await settled()
  expect(over).toEqual(['a sent', 'b sent', 'c sent'])
  expect(queue.length).toBe(0)
})

test('a message that fails is tried again after 1, 5 and 25 minutes, and then given up', async () => {
  outcome = () => AWAY
  queue.add(message('a'))
  await settled()
  const counts: number[] = [tried.length]
  for (const minutes of [0.9, 0.1, 4.9, 0.1, 24.9, 0.1, 1000]) {
    await passMinutes(minutes)
    counts.push(tried.length)
  }
  expect(counts).toEqual([1, 1, 2, 2, 3, 3, 4, 4])
  expect(over).toEqual(['a failed'])
})

test('a message that will never be taken is not tried again', async () => {
  outcome = () => NEVER
  queue.add(message('a'))
  await settled()
  await passMinutes(60)
  expect(tried).toEqual(['a'])
  expect(over).toEqual(['a failed'])
})

test('a clock that is put back holds nothing up', async () => {
  outcome = () => AWAY
  queue.add(message('a'))
  await settled()
  outcome = () => SENT
  await passMinutes(-600)
  expect(over).toEqual(['a sent'])
})

test('a channel that hangs holds up its own messages only', async () => {
  let finish: (outcome: Outcome) => void = () => {}
  outcome = () =>
    tried.at(-1)?.startsWith('m') ? new Promise<Outcome>((resolve) => (finish = resolve)) : SENT
  queue.add(message('m1'))
  queue.add(message('m2'))
  queue.add(message('w1', 'webhook'))
  await settled()
  expect([tried, over]).toEqual([['m1', 'w1'], ['w1 sent']])
  finish(SENT)
  await settled()
  expect(tried).toEqual(['m1', 'w1', 'm2'])
})

test('a hundred wait at most, those that are under way included', async () => {
  outcome = () => new Promise(() => {})
  const taken = Array.from({ length: 150 }, (_, i) => queue.add(message(String(i))))
  expect(taken.filter(Boolean)).toHaveLength(100)
  expect(queue.length).toBe(100)
})

describe('what is about an account that is forgotten', () => {
  test('does not wait any more', async () => {
    outcome = () => AWAY
    queue.add(message('a', 'mail', 'anna'))
    queue.add(message('b', 'mail', 'bert'))
    await settled()
    outcome = () => SENT
    queue.forget('anna')
    await passMinutes(1)
    expect(over).toEqual(['b sent'])
    expect(queue.length).toBe(0)
  })

  test('is not tried again when it is under way', async () => {
    let finish: (outcome: Outcome) => void = () => {}
    outcome = () => new Promise<Outcome>((resolve) => (finish = resolve))
    queue.add(message('a', 'mail', 'anna'))
    queue.forget('anna')
    finish(AWAY)
    await settled()
    await passMinutes(60)
    expect(tried).toEqual(['a'])
    expect(queue.length).toBe(0)
  })
})
