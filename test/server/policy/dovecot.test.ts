// Logins that Dovecot asks about: what is remembered of them, and what isn't. Case 25 and F8 without Dovecot itself,
// which test/consumers/dovecot.test.ts has.

import { afterEach, describe, expect, test } from 'vitest'
import { TestPolicy } from '../../support/policy-service.ts'

const DE = '193.99.144.80'
const US = '8.8.8.8'
const RU = '77.88.8.8'
const TEN = [DE, US, RU, '114.114.114.114', '130.59.31.80', '212.27.48.10', '133.242.0.3', '1.1.1.1']

let policy: TestPolicy | undefined
afterEach(async () => {
  await policy?.stop()
  policy = undefined
})

async function start(lines: readonly string[] = []): Promise<TestPolicy> {
  policy = await TestPolicy.start(lines)
  return policy
}

/** A login as Dovecot has it: allowed or not, then reported. */
async function logIn(it: TestPolicy, user: string, address: string, isSuccess = true, isProven = false) {
  const { action } = await it.ask.call('allow', { user, address, isProven })
  if (action === 'none') await it.ask.call('report', { user, address, isSuccess })
  return action
}

test('F8: guesses from everywhere lock nobody out, and the third country with the password is refused', async () => {
  const it = await start()
  for (let i = 0; i < 10; i++) {
    expect(await logIn(it, 'Anna@Example.org', TEN[i % TEN.length], false)).toBe('none')
  }
  const guessed = await it.ask.call('show', 'anna@example.org')
  expect(guessed).toMatchObject({
    report: { user: 'anna@example.org', requests: 0, refused: 0, state: { block: null } },
    events: [],
    failures: { count: 10 },
  })
  expect(guessed?.report.state.entries.map(({ size }) => size)).toEqual([0, 0, 0])
  expect(await it.ask.call('list', { blocked: false, text: '', after: '', limit: 10 })).toEqual([])

  expect(await logIn(it, 'anna@example.org', DE)).toBe('none')
  expect(await logIn(it, 'anna@example.org', US)).toBe('none')
  expect(await logIn(it, 'anna@example.org', RU)).toBe('reject')
  // Nobody knows whether that was the owner: those places that are known go on.
  expect(await logIn(it, 'anna@example.org', DE)).toBe('none')
  expect(await it.ask.call('show', 'anna@example.org')).toMatchObject({
    report: { requests: 2, state: { block: null } },
    failures: { count: 10 },
  })
  expect(await it.ask.call('forget', 'anna@example.org')).toEqual({ isFound: true, left: [] })
  expect(await it.ask.call('show', 'anna@example.org')).toBe(null)
})

test('allow remembers nothing of who passes, however often it is asked', async () => {
  const it = await start()
  for (const address of TEN)
    expect(await it.ask.call('allow', { user: 'u', address, isProven: true })).toMatchObject({
      action: 'none',
    })
  expect(await it.ask.call('show', 'u')).toBe(null)
})

test('a refusal after the right password blocks the account, for Postfix, too', async () => {
  const it = await start()
  expect(await logIn(it, 'u', DE, true, true)).toBe('none')
  expect(await logIn(it, 'u', US, true, true)).toBe('none')
  expect(await logIn(it, 'u', RU, true, true)).toBe('reject')
  expect(await it.ask.call('show', 'u')).toMatchObject({
    report: { refused: 1, state: { block: { reason: 'countries 3/2' } } },
    events: [{ source: 'dovecot', rule: 'countries', address: RU }],
  })
  expect(await logIn(it, 'u', DE, true, true)).toBe('reject')
  expect(await it.answer('u', DE)).toMatch(/^REJECT/)
  expect(await it.ask.call('unblock', 'u')).toBe(1)
  expect(await logIn(it, 'u', DE, true, true)).toBe('none')
})

test('what is reported counts as what Postfix asks about', async () => {
  const it = await start()
  expect(await it.answer('u', DE)).toBe('DUNNO')
  expect(await logIn(it, 'u', US)).toBe('none')
  expect(await it.answer('u', RU)).toMatch(/^REJECT/)
  expect(await logIn(it, 'u', US)).toBe('reject')
})

test('two logins at a time that were both let in are one too many when they are reported', async () => {
  const it = await start()
  expect(await logIn(it, 'u', DE)).toBe('none')
  for (const address of [US, RU]) {
    expect(await it.ask.call('allow', { user: 'u', address, isProven: false })).toMatchObject({
      action: 'none',
    })
  }
  for (const address of [US, RU]) await it.ask.call('report', { user: 'u', address, isSuccess: true })
  expect(await it.ask.call('show', 'u')).toMatchObject({
    report: { state: { block: { reason: 'countries 3/2' } } },
    events: [{ source: 'dovecot-report' }],
  })
})

describe('who can’t be judged passes, and leaves nothing', () => {
  test.each([
    ['nobody', '', DE],
    ['an address that is none', 'u', ''],
    ['loopback', 'u', '127.0.0.1'],
  ])('%s', async (_name, user, address) => {
    const it = await start()
    expect(await logIn(it, user, address)).toBe('none')
    expect(await it.ask.call('list', { blocked: false, text: '', after: '', limit: 10 })).toEqual([])
  })
})

test('a mode of monitor lets pass, and says so', async () => {
  const it = await start(['mode: monitor'])
  for (const address of [DE, US, RU]) expect(await logIn(it, 'u', address)).toBe('none')
  expect(await it.said('policy')).toBeDefined()
  const figures = await it.ask.call('figures')
  expect(figures.requests.dovecot).toEqual({ none: 3 })
  expect(figures.requests['dovecot-report']).toEqual({ none: 3 })
})
