// POST /learn and /learn/rspamd: who may teach, what is taken, and what is refused.

import { describe, expect, test, vi } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { LearnQueue } from '../../src/http/learn-queue.ts'
import type { LearnConduct } from '../../src/http/task.ts'
import { noCounts } from '../../src/learn/learner.ts'
import type { Reading } from '../../src/learn/verdict.ts'
import { fakeServer } from '../support/running.ts'

const CONDUCT: LearnConduct = {
  reporters: { mx1: 'token-of-mx1-0123', mx2: 'token-of-mx2-0123' },
  halfLife: 60 * 86_400,
  quota: 1000,
  exclude: { asns: [], networks: [] },
  keepVerdicts: false,
  spam: 10,
  ham: 2,
  ownSymbols: ['ASNZONE_*'],
  trusted: [],
}

const NOW = 1_795_800_000

const AUTHORIZATION = { authorization: `Basic ${btoa('mx1:token-of-mx1-0123')}` }

/** An application whose verdicts go into `taken`; http itself has a token that no reporter knows. */
function setUp(conduct: LearnConduct | null = CONDUCT) {
  const taken: Reading[] = []
  const queue = new LearnQueue(
    async (readings) => {
      taken.push(...readings)
      return { ...noCounts(), spam: readings.length }
    },
    (error) => {
      throw error
    },
  )
  const { running } = fakeServer({ learning: { conduct: () => conduct, queue, now: () => NOW } })
  const { hono } = createApp(running, () => ({ token: 'token-of-http', networks: null }))
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    hono.request(path, { method: 'POST', body, headers: { ...AUTHORIZATION, ...headers } })
  return { hono, queue, taken, post }
}

const JSON_TYPE = { 'content-type': 'application/json' }

/** As rspamd 3.4 sends it. */
const RSPAMD = {
  ip: '8.8.8.8',
  user: 'unknown',
  qid: 'unknown',
  subject: 'a secret',
  action: 'reject',
  score: 21.5,
  rcpt: ['c@d.example'],
  from: 'a@b.example',
  symbols: [
    { name: 'BAYES_SPAM', score: 15.5, group: 'statistics', groups: ['statistics'], options: ['99%'] },
    { name: 'ASNZONE_SCORE', score: 6, group: 'x', groups: ['x'], options: [] },
  ],
  header_from: ['a@b.example'],
  message_id: 'x@b.example',
}

describe('rspamd', () => {
  test('is answered with 200, and nothing of the mail stays but address, time and verdict', async () => {
    const { post, queue, taken } = setUp()
    const response = await post('/learn/rspamd', JSON.stringify(RSPAMD), JSON_TYPE)
    expect(response.status).toBe(200)
    await queue.learnAll()
    expect(taken).toEqual([
      { time: NOW, address: '8.8.8.8', spam: true, weight: 1, undoes: false, reporter: 'mx1' },
    ])
  })

  test.each([
    [{ user: 'bob' }, 'authenticated'],
    [{ ip: 'unknown' }, 'address'],
    [{ ip: '10.0.0.1' }, 'private'],
    [{ action: 'soft reject' }, 'no-verdict'],
    [{ score: 15 }, 'no-verdict'],
    [{ action: 'no action', score: 7.5 }, false],
    [{ symbols: null }, true],
  ])('%j: %s', async (parts, expected) => {
    const { post, queue, taken } = setUp()
    const response = await post('/learn/rspamd', JSON.stringify({ ...RSPAMD, ...parts }), JSON_TYPE)
    expect(response.status).toBe(200)
    await queue.learnAll()
    expect(taken).toMatchObject([typeof expected === 'string' ? { ignored: expected } : { spam: expected }])
  })
})

describe('anybody else', () => {
  test('sends lines, and speaks for nobody but himself', async () => {
    const { post, queue, taken } = setUp()
    const body = `# mine\n${NOW} 8.8.8.8 spam mx2\n${NOW} 2001:4860::8 ham\nnonsense\n`
    expect((await post('/learn', body)).status).toBe(200)
    await queue.learnAll()
    expect(taken).toMatchObject([
      { address: '8.8.8.8', spam: true, reporter: 'mx1' },
      { address: '2001:4860::8', spam: false, reporter: 'mx1' },
      { ignored: 'format' },
    ])
  })

  test('sends JSON, one or a list', async () => {
    const { post, queue, taken } = setUp()
    const one = { ip: '8.8.8.8', verdict: 'spam' }
    await post('/learn', JSON.stringify(one), JSON_TYPE)
    const list = [{ ...one, time: '2026-11-27T08:15:00Z' }, { ...one, time: NOW - 5 }, { ip: 'x' }]
    await post('/learn', JSON.stringify(list), JSON_TYPE)
    await queue.learnAll()
    expect(taken).toMatchObject([
      { time: NOW },
      { time: Date.parse('2026-11-27T08:15:00Z') / 1000 },
      { time: NOW - 5 },
      { ignored: 'format' },
    ])
  })

  test('sends a message with what somebody says of it', async () => {
    const { post, queue, taken } = setUp()
    const type = { 'content-type': 'message/rfc822' }
    const mail = 'Received: from x (x [8.8.8.8]) by mx; Fri, 27 Nov 2026 10:00:00 +0000\n\n'
    expect((await post('/learn', mail, type)).status).toBe(400)
    expect((await post('/learn?verdict=ham', mail, type)).status).toBe(200)
    await queue.learnAll()
    expect(taken).toMatchObject([{ address: '8.8.8.8', spam: false, weight: 3, undoes: true }])
  })
})

describe('is refused', () => {
  const line = `${NOW} 8.8.8.8 spam`

  test.each([
    ['', 401],
    [`Basic ${btoa('mx1:token-of-mx2-0123')}`, 401],
    [`Basic ${btoa('mx1:')}`, 401],
    [`Basic ${btoa('token-of-mx1-0123')}`, 401],
    ['Bearer token-of-http', 401],
    ['Bearer token-of-mx1-012', 401],
    ['Bearer token-of-mx2-0123', 200],
    [AUTHORIZATION.authorization, 200],
  ])('%s: %i', async (authorization, status) => {
    const { post } = setUp()
    expect((await post('/learn', line, { authorization })).status).toBe(status)
  })

  test.each([
    ['/learn', 'nonsense', {}, 400],
    ['/learn', '', {}, 400],
    ['/learn', '{', JSON_TYPE, 400],
    ['/learn', '[]', JSON_TYPE, 400],
    ['/learn/rspamd', '"ip"', JSON_TYPE, 400],
    ['/learn/rspamd', '[{}]', JSON_TYPE, 400],
    ['/learn', `${line}\n`.repeat(3000), {}, 413],
    ['/learn', `${line}\n`.repeat(1001), {}, 429],
  ])('%s %.20s: %i', async (path, body, headers, status) => {
    const { post, queue, taken } = setUp()
    expect((await post(path, body, headers)).status).toBe(status)
    await queue.learnAll()
    expect(taken).toEqual([])
  })

  test('a reporter that tells more than a thousand verdicts a second, and no other', async () => {
    const { post } = setUp()
    expect((await post('/learn', `${line}\n`.repeat(1000))).status).toBe(200)
    expect((await post('/learn', line)).status).toBe(429)
    const other = { authorization: 'Bearer token-of-mx2-0123' }
    expect((await post('/learn', line, other)).status).toBe(200)
  })

  test('where no reporter has a token, and any other method', async () => {
    expect((await setUp(null).post('/learn', line)).status).toBe(404)
    const response = await setUp().hono.request('/learn', { headers: AUTHORIZATION })
    expect(response.status).toBe(405)
  })

  test("with a reporter's token, what else there is", async () => {
    const response = await setUp().hono.request('/metrics', {
      headers: { authorization: 'Bearer token-of-mx1-0123' },
    })
    expect(response.status).toBe(401)
  })
})

test('a queue that is full drops and counts; one that cannot learn says so once', async () => {
  const onError = vi.fn()
  const queue = new LearnQueue(async () => {
    throw new Error('the disk is full')
  }, onError)
  const reading: Reading = { ignored: 'format' }
  queue.add('mx1', new Array<Reading>(25_000).fill(reading))
  expect(Object.fromEntries(queue.ignored)).toEqual({ dropped: 5000 })
  await queue.learnAll()
  queue.add('mx1', [reading])
  await queue.learnAll()
  expect(Object.fromEntries(queue.ignored)).toEqual({ dropped: 5000, failed: 20_001 })
  expect(onError).toHaveBeenCalledTimes(1)
})
