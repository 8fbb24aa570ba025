// Response rate limiting: what is counted together, who is spared, and what becomes of the replies held back.

import { describe, expect, test } from 'vitest'
import { networksOf } from '../../../src/app/treatment.ts'
import { Client } from '../../../src/dns/client.ts'
import { Cookies } from '../../../src/dns/cookie.ts'
import { OUTCOME } from '../../../src/dns/outcome.ts'
import { forgetReplies, RATE, RateLimiter, rateLimitMemory } from '../../../src/dns/rate-limit.ts'
import { Responder } from '../../../src/dns/responder.ts'
import { OPTION, option } from '../../support/conformance/options.ts'
import { comesFrom, policyWith } from '../../support/conformance/policies.ts'
import { query, RCODE } from '../../support/message.ts'
import { checkReply } from '../../support/oracles.ts'
import { smallTable, smallZoneSet } from '../../support/small-table.ts'
import { respond } from '../../support/transports.ts'

const NAME = '8.8.8.8.geo.asnzone.internal'

interface Limits {
  readonly perSecond?: number
  readonly all?: number
  readonly slip?: number
  readonly window?: number
  readonly exempt?: readonly string[]
  readonly memory?: SharedArrayBuffer
}

/** A limiter, and a function that asks it for a client. */
function limiterWith(limits: Limits = {}) {
  const { perSecond = 3, all = 0, slip = 0, window = 2, exempt = [], memory = rateLimitMemory() } = limits
  const networks = networksOf('exempt', exempt)
  const limiter = new RateLimiter({
    ...{ perSecond, all, slip, window, memory },
    exempt: networks,
    exemptsProxied: true,
  })
  const client = new Client()
  return (host: string, now: number, outcome: number = OUTCOME.answer): number => {
    comesFrom(client, host)
    return limiter.isExempt(client) ? RATE.send : limiter.take(client, outcome, now)
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

  test('a thread that was held up after it read the clock takes from the second of the others', () => {
    const take = limiterWith()
    expect(takes(() => take('192.0.2.1', 11), 1)).toBe('s')
    expect(takes(() => take('192.0.2.1', 10), 1)).toBe('s')
    expect(takes(() => take('192.0.2.1', 11), 3)).toBe('s--')
  })

  test('replies to our own queries are forgotten', () => {
    const memory = rateLimitMemory()
    const take = limiterWith({ memory, all: 3 })
    expect(takes(() => take('127.0.0.1', 10), 4)).toBe('sss-')
    forgetReplies(memory)
    expect(takes(() => take('127.0.0.1', 10), 4)).toBe('sss-')
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

  test.each<[string, number[]]>([
    ['positive', [OUTCOME.answer, OUTCOME.truncated]],
    ['negative', [OUTCOME.noData, OUTCOME.nxDomain]],
    ['errors', [OUTCOME.refused, OUTCOME.formErr, OUTCOME.notImp, OUTCOME.badVers]],
  ])('replies of one kind, %s, are counted together and no others with them', (_, kind) => {
    const take = limiterWith()
    expect(takes(() => take('192.0.2.1', 10, kind[0]), 10)).toBe('sss-------')
    const others = [OUTCOME.answer, OUTCOME.nxDomain, OUTCOME.refused].filter((one) => !kind.includes(one))
    for (const other of others) expect(takes(() => take('192.0.2.1', 10, other), 4)).toBe('sss-')
    for (const same of kind) expect(takes(() => take('192.0.2.1', 10, same), 4)).toBe('----')
  })

  test('rate-limit-all: replies of all kinds together, of which those held back are none', () => {
    const take = limiterWith({ all: 5 })
    expect(takes(() => take('192.0.2.1', 10, OUTCOME.answer), 10)).toBe('sss-------')
    expect(takes(() => take('192.0.2.1', 10, OUTCOME.nxDomain), 10)).toBe('ss--------')
    expect(takes(() => take('192.0.2.1', 10, OUTCOME.refused), 4)).toBe('----')
    expect(takes(() => take('192.0.3.1', 10, OUTCOME.refused), 4)).toBe('sss-')
  })

  test('rate-limit-all without rate-limit', () => {
    const take = limiterWith({ perSecond: 0, all: 4 })
    expect(takes(() => take('192.0.2.1', 10), 6)).toBe('ssss--')
  })

  test('errors are dropped, whatever slip says', () => {
    const take = limiterWith({ slip: 1 })
    for (const outcome of [OUTCOME.refused, OUTCOME.formErr, OUTCOME.notImp, OUTCOME.badVers]) {
      const fresh = limiterWith({ slip: 1 })
      expect(takes(() => fresh('192.0.2.1', 10, outcome), 6)).toBe('sss---')
    }
    expect(takes(() => take('192.0.2.1', 10, OUTCOME.nxDomain), 6)).toBe('sssttt')
  })

  test('all threads count in one place', () => {
    const memory = rateLimitMemory()
    const [one, other] = [limiterWith({ memory }), limiterWith({ memory })]
    expect(takes(() => one('192.0.2.1', 10), 2)).toBe('ss')
    expect(takes(() => other('192.0.2.1', 10), 2)).toBe('s-')
    expect(takes(() => one('192.0.2.1', 10), 1)).toBe('-')
  })

  test('exempt networks are never limited', () => {
    const take = limiterWith({ exempt: ['192.0.2.0/25', '2001:db8::/64'] })
    for (const host of ['192.0.2.1', '2001:db8::1']) {
      expect(takes(() => take(host, 10), 100)).toBe('s'.repeat(100))
    }
    expect(takes(() => take('192.0.2.128', 10), 4)).toBe('sss-')
  })

  test('what is remembered is bounded, and no flood from other networks makes it forget', () => {
    const take = limiterWith({ perSecond: 50, window: 5 })
    takes(() => take('192.0.2.1', 10), 1000)
    for (let network = 0; network < 1 << 18; network++) {
      take(`${10 + (network >> 16)}.${(network >> 8) & 255}.${network & 255}.1`, 11)
    }
    expect(takes(() => take('192.0.2.1', 11), 10)).toBe('----------')
  })

  test('networks whose hashes are alike: a flood from some limits hardly any other', () => {
    const take = limiterWith({ perSecond: 10 })
    for (let network = 0; network < 256; network++) takes(() => take(`10.0.${network}.1`, 10), 100)
    let limited = 0
    for (let network = 0; network < 65536; network++) {
      if (take(`100.${network >> 8}.${network & 255}.1`, 10) !== RATE.send) limited++
    }
    // Two rows: (256 / 65536)² of them, one.
    expect(limited).toBeLessThan(10)
  })

  test.each([
    [200, 2 ** 32],
    [1_000_000, 2 ** 32],
    [1_000_000, 2 ** 31],
  ])(
    'limit %i: a count that was left alone until it wrapped, at %i, is not one that was just used',
    (perSecond, wrap) => {
      for (let late = -3; late <= 3; late++) {
        const take = limiterWith({ perSecond, window: 5 })
        take('192.0.2.1', 1000)
        expect(take('192.0.2.1', 1000 + Math.floor(wrap / perSecond) + late)).toBe(RATE.send)
      }
    },
  )

  test('the longest window at the highest limit: a flood is held back, and forgiven', () => {
    const take = limiterWith({ perSecond: 1_000_000, window: 3600 })
    expect(takes(() => take('192.0.2.1', 1000), 1_000_001).endsWith('s-')).toBe(true)
    expect(take('192.0.2.1', 5000)).toBe(RATE.send)
  })

  test('the clock passes 31 bits', () => {
    const take = limiterWith()
    for (let now = 2 ** 31 - 2; now < 2 ** 31 + 2; now++) {
      expect(takes(() => take('192.0.2.1', now), 3)).toBe('sss')
    }
    expect(takes(() => take('192.0.2.1', 2 ** 31 + 1), 2)).toBe('--')
  })
})

describe('a responder', () => {
  const secret = '00'.repeat(16)
  const settings = { 'rate-limit': 3, 'cookie-secret': [secret], allow: ['0.0.0.0/0', '::/0'] }
  const table = smallTable()
  const zoneSet = smallZoneSet()

  function responderAt(host: string, more: Parameters<typeof policyWith>[0] = {}): Responder {
    const responder = new Responder(table, zoneSet, null, policyWith({ ...settings, ...more }))
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
    ['an answer', NAME, RCODE.NOERROR],
    ['NXDOMAIN', '1.0.0.10.geo.asnzone.internal', RCODE.NXDOMAIN],
  ])('slip: %s is cut to header, question and OPT, keeps its RCODE, and TCP follows', (_, name, rcode) => {
    const octets = query(name, { edns: { flags: 0x8000 } })
    const reply = checkReply(
      octets,
      replyHeldBack(responderAt('192.0.2.1', { 'rate-limit-slip': 1 }), octets)!,
    )
    expect(reply).toMatchObject({ tc: true, aa: false, rcode, answers: [], authorities: [] })
    expect(reply.opt).toEqual({ size: 1232, version: 0, flags: 0x8000 })
    expect(reply.octets.length).toBe(octets.length)
  })

  test.each([
    ['REFUSED', query('www.example.com')],
    ['FORMERR', query(NAME, { counts: [2, 0, 0, 0] })],
  ])('slip: %s is dropped', (_, octets) => {
    expect(replyHeldBack(responderAt('192.0.2.1', { 'rate-limit-slip': 1 }), octets)).toBeNull()
  })

  test('rate-limit-all is twice rate-limit unless told otherwise', () => {
    expect(policyWith({ 'rate-limit': 30 }).rateLimit).toMatchObject({ perSecond: 30, all: 60 })
    expect(policyWith({ 'rate-limit': 30, 'rate-limit-all': 0 }).rateLimit).toMatchObject({ all: 0 })
    expect(policyWith({ 'rate-limit': 0, 'rate-limit-all': 9 }).rateLimit).toMatchObject({ all: 9 })
    expect(policyWith({ 'rate-limit': 0 }).rateLimit).toBeNull()
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

  test('loopback is exempt unless told otherwise, and 0 is not a limit', () => {
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
