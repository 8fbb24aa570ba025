// rspamd's own reputation of networks, in Redis, with the prefixes that asnzone answers, and its map of what asnzone has learned,
// as docs/learn.md has them.

import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { installCommand } from './harness/asnzone.ts'
import { describeConsumer } from './harness/consumer.ts'
import type { Machine } from './harness/machine.ts'
import { Page } from './harness/page.ts'
import { RESOLVER_NEEDS, startMailHost } from './harness/resolver.ts'
import { startRspamd } from './harness/rspamd.ts'

const recipe = Page.ofDocs('learn').section("rspamd's own reputation")
const map = Page.ofDocs('learn').section('For other programs')
const message = Page.read('rspamd').section('How to check')

/** As many messages as a network must have sent before rspamd says anything of it. */
const ENOUGH = 10

const SPAM = '77.88.8.8'
const SPAM6 = '2a02:6b8::1'
const HAM = '8.8.8.8'

const VERDICTS = `TEST_SPAM { type = "ip"; map = ["${SPAM}", "${SPAM6}"]; score = 20.0; }
TEST_HAM { type = "ip"; map = ["${HAM}"]; score = -10.0; }
`

/** Ten verdicts of now on a /24. */
const lesson = (network: string, verdict: string): string =>
  Array.from(
    { length: 10 },
    (_, i) => `${Math.floor(Date.now() / 1000)} ${network}.${i + 1} ${verdict}\n`,
  ).join('')

const PATIENCE = { timeout: 60_000, interval: 200 }

const needs = [...RESOLVER_NEEDS, 'rspamd', 'rspamc', 'redis-server', 'redis-cli', 'curl']

describeConsumer('rspamd with a reputation of its own', needs, () => {
  let machine: Machine
  beforeAll(async () => {
    ;({ machine } = await startMailHost())
    const redis = machine.start('redis-server', ['--save', '', '--bind', '127.0.0.1'])
    await redis.says(/Ready to accept connections/)
    recipe.install(machine)
    message.install(machine)
    machine.write('/etc/rspamd/local.d/multimap.conf', VERDICTS)
    map.install(machine)
    installCommand(machine)
    const options = ['learn', '--data-dir', '/var/lib/asnzone']
    await machine.must('asnzone', options, { input: lesson('193.99.144', 'spam') + lesson('1.1.1', 'ham') })
    for (const { command } of map.shown) await machine.must('sh', ['-c', command])
    await startRspamd(machine)
  })
  afterAll(() => machine?.stop())

  it('keeps a score for each prefix that asnzone answers', async () => {
    for (const address of [SPAM, SPAM6, HAM]) for (let i = 0; i < ENOUGH; i++) await scan(address)
    await vi.waitFor(async () => {
      for (const prefix of ['77.88.8.0/21', '2a02:6b8::/45', '8.8.8.0/24'])
        expect(await messagesOf(`RN:${prefix}`)).toBe(`${ENOUGH}\n`)
      for (const key of ['a:15169', 'c:US', 'i:8.8.8.0', 'i:77.88.8.0', 'i:2a02:6b8::'])
        expect(await messagesOf(`RR:${key}`)).toBe(`${ENOUGH}\n`)
    }, PATIENCE)
  })

  it.each([
    ['a /24 of the prefix that never sent before', '77.88.10.1', ['PREFIX_REP > 0', 'SENDER_REP_SPAM > 0']],
    ['the AS alone', '77.88.55.1', ['SENDER_REP_SPAM > 0']],
    ['IPv6', '2a02:6b8:1:2:1::5', ['PREFIX_REP > 0', 'SENDER_REP_SPAM > 0']],
    ['ham', '8.8.8.9', ['PREFIX_REP < 0', 'SENDER_REP_HAM < 0']],
    ['an AS that asnzone has learned spam from', '193.99.144.80', ['LEARNED > 0']],
    ['an AS that asnzone has learned ham from', '1.1.1.80', ['LEARNED < 0']],
    ['nobody', '114.114.114.114', []],
  ])('judges by %s', async (_, address, expected) => {
    const symbols = Object.entries(await scan(address)).filter(([name]) => name.startsWith('ASNZONE_'))
    const told = symbols.map(([name, { score }]) => `${name.slice(8)} ${score > 0 ? '>' : '<'} 0`)
    expect(told.sort()).toEqual(expected)
  })

  const messagesOf = (key: string): Promise<string> => machine.must('redis-cli', ['hget', key, 'n'])

  /** The symbols of the page's message, asked for as a mail server does: rspamc's messages teach nothing. */
  async function scan(address: string): Promise<Readonly<Record<string, { score: number }>>> {
    const url = 'http://127.0.0.1:11333/checkv2'
    const args = ['-s', '-H', `IP: ${address}`, '--data-binary', '@/run/message.eml', url]
    return JSON.parse(await machine.must('curl', args)).symbols
  }
})
