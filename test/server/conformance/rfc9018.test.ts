// How server cookies are made and checked (RFC 9018): its test vectors, times and secrets.

import { describe, expect, test } from 'vitest'
import { Client } from '../../../src/dns/client.ts'
import { Cookies } from '../../../src/dns/cookie.ts'
import { addressOctets } from '../../../src/system/listen-address.ts'

const hex = (text: string): Buffer => Buffer.from(text, 'hex')

function clientAt(host: string): Client {
  const family = host.includes(':') ? 6 : 4
  const client = new Client()
  client.set(family, addressOctets({ host, port: 0, family }), 0)
  return client
}

/** The cookie for a client cookie, as hexadecimal digits. */
function made(cookies: Cookies, clientCookie: string, host: string, now: number): string {
  const octets = Buffer.alloc(24)
  octets.set(hex(clientCookie).subarray(0, 8))
  cookies.write(octets, 0, clientAt(host), now)
  return octets.toString('hex')
}

const isGood = (cookies: Cookies, cookie: string, host: string, now: number): boolean =>
  cookies.isGood(hex(cookie), 0, cookie.length / 2, clientAt(host), now)

const SECRET = 'e5e973e5a6b2a43f48e7dc849e37bfcf'
const OLD_SECRET = 'dd3bdf9344b678b185a6f5cb60fca715'
const NEW_SECRET = '445536bcd2513298075a5d379663c962'

const CLIENT_1 = '198.51.100.100'
const CLIENT_2 = '203.0.113.203'
const CLIENT_6 = '2001:db8:220:1:59de:d0f4:8769:82b8'

describe('RFC 9018 A: test vectors', () => {
  test.each([
    ['A.1', SECRET, CLIENT_1, 1559731985, '2464c4abcf10c957010000005cf79f111f8130c3eee29480'],
    ['A.2', SECRET, CLIENT_1, 1559734385, '2464c4abcf10c957010000005cf7a871d4a564a1442aca77'],
    ['A.3', SECRET, CLIENT_2, 1559734700, 'fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e'],
    ['A.4', NEW_SECRET, CLIENT_6, 1559741961, '22681ab97d52c298010000005cf7c609a6bb79d16625507a'],
  ])('%s: the cookie that is made', (_, secret, client, now, cookie) => {
    const cookies = new Cookies([hex(secret)])
    expect(made(cookies, cookie, client, now)).toBe(cookie)
    expect(isGood(cookies, cookie, client, now)).toBe(true)
  })

  test('A.2: the cookie of 40 minutes ago is good and old', () => {
    const cookies = new Cookies([hex(SECRET)])
    const cookie = '2464c4abcf10c957010000005cf79f111f8130c3eee29480'
    expect(isGood(cookies, cookie, CLIENT_1, 1559734385)).toBe(true)
    expect(cookies.isOld(hex(cookie), 0, 1559734385)).toBe(true)
  })

  test('A.3: reserved octets that are set are part of the hash', () => {
    const cookies = new Cookies([hex(SECRET)])
    const cookie = 'fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5'
    expect(isGood(cookies, cookie, CLIENT_2, 1559727985)).toBe(true)
    expect(isGood(cookies, cookie.replace('abcdef', '000000'), CLIENT_2, 1559727985)).toBe(false)
  })

  test('A.4: a cookie of the old secret is good and replaced by one of the new', () => {
    const cookies = new Cookies([hex(NEW_SECRET), hex(OLD_SECRET)])
    const cookie = '22681ab97d52c298010000005cf7c57926556bd0934c72f8'
    expect(isGood(cookies, cookie, CLIENT_6, 1559741961)).toBe(true)
    expect(cookies.isOld(hex(cookie), 0, 1559741961)).toBe(true)
    const renewed = made(cookies, cookie, CLIENT_6, 1559741961)
    expect(renewed).toBe('22681ab97d52c298010000005cf7c609a6bb79d16625507a')
    expect(isGood(cookies, renewed, CLIENT_6, 1559741961)).toBe(true)
    expect(cookies.isOld(hex(renewed), 0, 1559741961)).toBe(false)
  })
})

describe('RFC 9018 4.3: how long a cookie is good', () => {
  const made_at = 1_700_000_000
  const cookies = new Cookies([hex(SECRET)])
  const cookie = made(cookies, '0102030405060708', CLIENT_1, made_at)

  test.each([
    ['when it was made', 0, true, false],
    ['after half an hour', 1800, true, false],
    ['after more than that', 1801, true, true],
    ['after an hour', 3600, true, true],
    ['after more than an hour', 3601, false, true],
    ['five minutes early, by a clock that is wrong', -300, true, false],
    ['earlier', -301, false, false],
  ])('%s', (_, age, good, old) => {
    expect(isGood(cookies, cookie, CLIENT_1, made_at + age)).toBe(good)
    expect(cookies.isOld(hex(cookie), 0, made_at + age)).toBe(old)
  })

  test.each([
    ['in 2038', 2 ** 31 - 10],
    ['in 2106', 2 ** 32 - 10],
  ])('RFC 1982: times are compared as serial numbers, %s', (_, now) => {
    const late = made(cookies, '0102030405060708', CLIENT_1, now)
    expect(isGood(cookies, late, CLIENT_1, now + 20)).toBe(true)
    expect(isGood(cookies, late, CLIENT_1, now + 3700)).toBe(false)
  })
})

describe('RFC 9018 4.4: what the hash covers', () => {
  const now = 1_700_000_000
  const cookies = new Cookies([hex(SECRET)])

  test.each(Array.from({ length: 24 }, (_, octet) => octet))('octet %i', (octet) => {
    const cookie = hex(made(cookies, '0102030405060708', CLIENT_1, now))
    cookie[octet] ^= 1
    expect(isGood(cookies, cookie.toString('hex'), CLIENT_1, now)).toBe(false)
  })

  test.each([
    ['198.51.100.101', CLIENT_1],
    ['2001:db8:220:1:59de:d0f4:8769:82b9', CLIENT_6],
    ['2001:db9:220:1:59de:d0f4:8769:82b8', CLIENT_6],
  ])("the client's address: %s is not %s", (other, client) => {
    const cookie = made(cookies, '0102030405060708', client, now)
    expect(isGood(cookies, cookie, client, now)).toBe(true)
    expect(isGood(cookies, cookie, other, now)).toBe(false)
  })

  test('a cookie of another length is none', () => {
    const cookie = made(cookies, '0102030405060708', CLIENT_1, now)
    for (const other of [cookie.slice(0, 16), cookie.slice(0, 46), `${cookie}00`]) {
      expect(isGood(cookies, other, CLIENT_1, now)).toBe(false)
    }
  })
})

describe('RFC 9018 5: rolling the secret over', () => {
  const now = 1_700_000_000
  const before = new Cookies([hex(OLD_SECRET)])
  const announced = new Cookies([hex(OLD_SECRET), hex(NEW_SECRET)])
  const changed = new Cookies([hex(NEW_SECRET), hex(OLD_SECRET)])
  const after = new Cookies([hex(NEW_SECRET)])
  const isGoodFor = (cookies: Cookies, maker: Cookies): boolean =>
    isGood(cookies, made(maker, '0102030405060708', CLIENT_1, now), CLIENT_1, now)

  test('each stage takes the cookies of the stages beside it', () => {
    for (const [one, other] of [
      [before, announced],
      [announced, changed],
      [changed, after],
    ]) {
      expect(isGoodFor(one, other)).toBe(true)
      expect(isGoodFor(other, one)).toBe(true)
    }
  })

  test('the first secret signs', () => {
    expect(isGoodFor(before, announced)).toBe(true)
    expect(isGoodFor(after, announced)).toBe(false)
    expect(isGoodFor(after, changed)).toBe(true)
    expect(isGoodFor(before, changed)).toBe(false)
  })

  test('without a secret nothing is enabled', () => {
    expect(new Cookies([]).enabled).toBe(false)
    expect(isGoodFor(new Cookies([]), before)).toBe(false)
  })
})
