// Response rate limiting: what is counted together, who is spared, and what becomes of the replies held back.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { networksOf } from '../../../src/config/policy.ts'
import { Client } from '../../../src/dns/client.ts'
import { Cookies } from '../../../src/dns/cookie.ts'
import { OUTCOME } from '../../../src/dns/outcome.ts'
import { RATE, RateLimiter } from '../../../src/dns/rate-limit.ts'
import { Responder } from '../../../src/dns/responder.ts'
import { Asker } from '../../support/asker.ts'
import { OPTION, option, optionsOf } from '../../support/conformance/options.ts'
import { comesFrom, policyWith } from '../../support/conformance/policies.ts'
import { query, RCODE, readMessage } from '../../support/message.ts'
import { judge } from '../../support/oracles.ts'
import { type RunningServer, startServer } from '../../support/programs.ts'
import { smallCatalogue, smallTable } from '../../support/small-table.ts'
import { overTcp, overUdp, respond } from '../../support/transports.ts'

const NAME = '8.8.8.8.geo.asnzone.internal'

interface Limits {
  readonly perSecond?: number
  readonly slip?: number
  readonly window?: number
  readonly exempt?: readonly string[]
}

/** A limiter, and a function that asks it for a client. */
function limiterWith({ perSecond = 3, slip = 0, window = 2, exempt = [] }: Limits = {}) {
  const limiter = new RateLimiter({ perSecond, slip, window, exempt: networksOf('exempt', exempt) })
  const client = new Client()
  return (host: string, now: number, zone = 0, outcome: number = OUTCOME.answer): number => {
    comesFrom(client, host)
    return limiter.isExempt(client) ? RATE.send : limiter.take(client, zone, outcome, now)
  }
}

/** Takes so many replies, and says what became of each: s sent, t truncated, - dropped. */
const takes = (take: () => number, count: number): string =>
  Array.from({ length: count }, () => ({ [RATE.send]: 's', [RATE.truncate]: 't' })[take()] ?? '-').join('')

describe('the limiter', () => {
  test('so many replies a second, and the next second as many again', () => {
    const take = limiterWith()
    expect(takes(() => take('192.0.2.1', 10), 3)).toBe('sss')
    expect(takes(() => take('192.0.2.1', 11), 3)).toBe('sss')
    expect(takes(() => take('192.0.2.1', 12), 5)).toBe('sss--')
  })

  test.each([
    [0, 'sss------'],
    [1, 'ssstttttt'],
    [2, 'sss-t-t-t'],
    [3, 'sss--t--t'],
  ])('slip %i: which of the replies held back are sent truncated', (slip, pattern) => {
    const take = limiterWith({ slip })
    expect(takes(() => take('192.0.2.1', 10), 9)).toBe(pattern)
  })

  test('window: who floods has to stop for as long', () => {
    const take = limiterWith({ window: 2 })
    takes(() => take('192.0.2.1', 10), 1000)
    expect(takes(() => take('192.0.2.1', 11), 1)).toBe('-')
    takes(() => take('192.0.2.1', 11), 1000)
    expect(takes(() => take('192.0.2.1', 13), 1)).toBe('-')
    expect(takes(() => take('192.0.2.1', 15), 5)).toBe('sss--')
  })

  test('a long pause saves nothing up', () => {
    const take = limiterWith()
    takes(() => take('192.0.2.1', 10), 3)
    expect(takes(() => take('192.0.2.1', 100_000), 5)).toBe('sss--')
  })

  test.each([
    ['a /24', '192.0.2.1', '192.0.2.255', true],
    ['another /24', '192.0.2.1', '192.0.3.1', false],
    ['a /56', '2001:db8:0:1200::1', '2001:db8:0:12ff:ffff:ffff:ffff:ffff', true],
    ['another /56', '2001:db8:0:1200::1', '2001:db8:0:1300::1', false],
    ['another /32', '2001:db8:0:1200::1', '2001:db9:0:1200::1', false],
  ])('%s shares a limit or has its own: %s, %s', (_, one, other, shared) => {
    const take = limiterWith()
    takes(() => take(one, 10), 10)
    expect(takes(() => take(other, 10), 1)).toBe(shared ? '-' : 's')
  })

  test('each zone and each outcome has a limit of its own', () => {
    const take = limiterWith()
    takes(() => take('192.0.2.1', 10, 0, OUTCOME.answer), 10)
    for (const [zone, outcome] of [
      [0, OUTCOME.nxDomain],
      [1, OUTCOME.answer],
      [-1, OUTCOME.refused],
      [-1, OUTCOME.formErr],
      [1022, OUTCOME.answer],
    ]) {
      expect(takes(() => take('192.0.2.1', 10, zone, outcome), 4)).toBe('sss-')
    }
  })

  test('exempt networks are never limited', () => {
    const take = limiterWith({ exempt: ['192.0.2.0/25', '2001:db8::/64'] })
    for (const host of ['192.0.2.1', '2001:db8::1']) {
      expect(takes(() => take(host, 10), 100)).toBe('s'.repeat(100))
    }
    expect(takes(() => take('192.0.2.128', 10), 4)).toBe('sss-')
  })

  test('what is remembered is bounded: the network that was quiet the longest is forgotten', () => {
    const take = limiterWith()
    takes(() => take('192.0.2.1', 10), 10)
    expect(takes(() => take('192.0.2.1', 10), 1)).toBe('-')
    for (let network = 0; network < 65536; network++) take(`10.${network >> 8}.${network & 255}.1`, 10)
    expect(takes(() => take('192.0.2.1', 10), 4)).toBe('sss-')
    expect(takes(() => take('10.255.255.2', 10), 3)).toBe('ss-')
  })
})

describe('a responder', () => {
  const secret = '00'.repeat(16)
  const settings = { 'rate-limit': 3, 'cookie-secret': [secret], allow: ['0.0.0.0/0', '::/0'] }
  const table = smallTable()
  const catalogue = smallCatalogue()

  function responderAt(host: string, more: Parameters<typeof policyWith>[0] = {}): Responder {
    const responder = new Responder(table, catalogue, null, policyWith({ ...settings, ...more }))
    comesFrom(responder.client, host)
    return responder
  }

  /** Asks until the limit is reached, whichever second it is, and gives a reply that was held back. */
  function replyHeldBack(responder: Responder, octets: Uint8Array): Buffer | null {
    for (;;) {
      const reply = respond(responder, octets, 'udp')
      if (responder.outcome === OUTCOME.rateLimited) return reply
    }
  }

  test.each([
    ['an answer', NAME],
    ['NXDOMAIN', '1.0.0.10.geo.asnzone.internal'],
    ['REFUSED', 'www.example.com'],
  ])('slip: %s is cut to header, question and OPT, NOERROR, so that TCP follows', (_, name) => {
    const octets = query(name, { edns: { flags: 0x8000 } })
    const reply = judge(octets, replyHeldBack(responderAt('192.0.2.1', { 'rate-limit-slip': 1 }), octets)!)
    expect(reply).toMatchObject({ tc: true, aa: false, rcode: RCODE.NOERROR, answers: [], authorities: [] })
    expect(reply.opt).toEqual({ size: 1232, version: 0, flags: 0x8000 })
    expect(reply.octets.length).toBe(octets.length)
  })

  test('no slip: silence', () => {
    expect(replyHeldBack(responderAt('192.0.2.1', { 'rate-limit-slip': 0 }), query(NAME))).toBeNull()
  })

  test('TCP is not limited', () => {
    const responder = responderAt('192.0.2.1', { 'rate-limit-slip': 0 })
    replyHeldBack(responder, query(NAME))
    for (let n = 0; n < 100; n++) expect(respond(responder, query(NAME), 'tcp')).not.toBeNull()
  })

  test('RFC 7873 5.2.5: who shows a good cookie is not limited, who shows a forged one is', () => {
    const responder = responderAt('192.0.2.1', { 'rate-limit-slip': 0 })
    replyHeldBack(responder, query(NAME))
    const cookie = Buffer.alloc(24)
    new Cookies([Buffer.from(secret, 'hex')]).write(
      cookie,
      0,
      responder.client,
      Math.floor(Date.now() / 1000),
    )
    const good = query(NAME, { edns: { options: option(OPTION.cookie, cookie) } })
    for (let n = 0; n < 100; n++) expect(respond(responder, good, 'udp')).not.toBeNull()
    cookie[23] ^= 1
    const forged = query(NAME, { edns: { options: option(OPTION.cookie, cookie) } })
    expect(replyHeldBack(responder, forged)).toBeNull()
  })

  test('loopback is exempt unless told otherwise, and 0 is no limit', () => {
    for (const responder of [
      responderAt('127.0.0.1'),
      responderAt('::1'),
      responderAt('192.0.2.1', { 'rate-limit': 0 }),
    ]) {
      for (let n = 0; n < 1000; n++) respond(responder, query(NAME), 'udp')
      expect(responder.outcome).toBe(OUTCOME.answer)
    }
    expect(replyHeldBack(responderAt('127.0.0.1', { 'rate-limit-exempt': [] }), query(NAME))).toBeNull()
  })
})

describe.each(['mmsg', 'dgram'])('the built server, UDP by %s', (udp) => {
  let server: RunningServer

  beforeAll(async () => {
    const limits = ['--rate-limit', '1', '--rate-limit-slip', '1', '--rate-limit-exempt', '192.0.2.0/24']
    server = await startServer(['--udp', udp, '--workers', '1', ...limits])
  })

  afterAll(() => server?.stop())

  /** How many of the replies to queries that are sent at once are whole, and how many truncated. */
  async function replyTo(octets: Uint8Array, listener: number): Promise<{ whole: number; cut: number }> {
    const queries = Array.from({ length: 100 }, () => octets)
    const replies = await overUdp(server.addresses[listener]).exchange(queries)
    const cut = replies.filter((reply) => readMessage(reply).tc).length
    return { whole: replies.length - cut, cut }
  }

  test.each([
    ['IPv4', 0],
    ['IPv6', 1],
  ])('a burst over %s is cut, over TCP it is not', async (_, listener) => {
    const { whole, cut } = await replyTo(query(NAME), listener)
    expect(whole + cut).toBe(100)
    expect(cut).toBeGreaterThan(50)
    const queries = Array.from({ length: 100 }, () => query(NAME))
    const replies = await overTcp(server.addresses[listener]).exchange(queries)
    expect(replies.filter((reply) => readMessage(reply).answers.length === 1)).toHaveLength(100)
  })

  test('a client with a cookie of this server is served without limit', async () => {
    const asker = new Asker(() => overUdp(server.addresses[0]))
    const first = { edns: { options: option(OPTION.cookie, Buffer.alloc(8, 3)) } }
    const cookie = optionsOf(await asker.ask(NAME, first))!.get(OPTION.cookie)!
    const octets = query(NAME, { edns: { options: option(OPTION.cookie, cookie) } })
    expect(await replyTo(octets, 0)).toEqual({ whole: 100, cut: 0 })
  })
})
