// DNS cookies as clients meet them (RFC 7873); how a server cookie is made is in rfc9018.test.ts.

import { expect, test } from 'vitest'
import { Client } from '../../../src/dns/client.ts'
import { Cookies } from '../../../src/dns/cookie.ts'
import type { Asker } from '../../support/asker.ts'
import { OPTION, option, optionsOf } from '../../support/conformance/options.ts'
import { CLASS, header, opt, RCODE } from '../../support/message.ts'

const ADDRESS = '8.8.8.8.geo.asnzone.internal'

/** What all servers of the suite sign cookies with, as the setting has it. */
export const COOKIE_SECRET = '00112233445566778899aabbccddeeff'

const CLIENT_COOKIE = Buffer.from('0102030405060708', 'hex')

/** A cookie that a server with the same secret gave to a client some seconds ago. */
function madeElsewhere(family: 4 | 6, age: number): Buffer {
  const cookie = Buffer.alloc(24)
  CLIENT_COOKIE.copy(cookie)
  const client = new Client()
  if (family === 4) client.set(4, Uint8Array.of(127, 0, 0, 1), 0)
  else client.set(6, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), 0)
  const cookies = new Cookies([Buffer.from(COOKIE_SECRET, 'hex')])
  cookies.write(cookie, 0, client, Math.floor(Date.now() / 1000) - age)
  return cookie
}

/**
 * Registers the tests.
 *
 * @param family of the client, whose address is 127.0.0.1 or ::1
 */
export function cookieTests(asker: Asker, family: 4 | 6): void {
  const askWith = (cookie: Iterable<number>, name = ADDRESS) =>
    asker.ask(name, { edns: { options: option(OPTION.cookie, cookie) } })
  const cookieIn = async (cookie: Iterable<number>): Promise<Buffer> =>
    optionsOf(await askWith(cookie))!.get(OPTION.cookie)!

  test.each([
    ['an answer', ADDRESS, RCODE.NOERROR],
    ['NXDOMAIN', '1.0.0.10.geo.asnzone.internal', RCODE.NXDOMAIN],
    ['REFUSED', 'www.example.com', RCODE.REFUSED],
  ])('RFC 7873 5.2.3: a client cookie alone gets a server cookie, in %s', async (_, name, rcode) => {
    const reply = await askWith(CLIENT_COOKIE, name)
    expect(reply.rcode).toBe(rcode)
    const cookie = optionsOf(reply)!.get(OPTION.cookie)!
    expect(cookie).toHaveLength(24)
    expect(cookie.subarray(0, 8)).toEqual(CLIENT_COOKIE)
    // RFC 9018 4.1, 4.2: version 1, reserved octets of zero.
    expect(cookie.subarray(8, 12).toString('hex')).toBe('01000000')
  })

  test('RFC 7873 5.2.5: a good cookie comes back as it is', async () => {
    const cookie = await cookieIn(CLIENT_COOKIE)
    expect(await cookieIn(cookie)).toEqual(cookie)
  })

  test('RFC 7873 6, RFC 9018 3: a cookie of another server with the same secret is good', async () => {
    const cookie = madeElsewhere(family, 1000)
    expect(await cookieIn(cookie)).toEqual(cookie)
  })

  test('RFC 9018 4.3: a good cookie of more than half an hour is renewed', async () => {
    const cookie = madeElsewhere(family, 2000)
    const renewed = await cookieIn(cookie)
    expect(renewed.readUInt32BE(12)).toBeGreaterThanOrEqual(cookie.readUInt32BE(12) + 2000)
    expect(await cookieIn(renewed)).toEqual(renewed)
  })

  test.each([
    ['its hash is wrong', (cookie: Buffer) => cookie.writeUInt8(cookie[23] ^ 1, 23)],
    ['it was made for another client cookie', (cookie: Buffer) => cookie.writeUInt8(0xff, 0)],
    ['its version is another', (cookie: Buffer) => cookie.writeUInt8(2, 8)],
    ['its time was changed', (cookie: Buffer) => cookie.writeUInt32BE(cookie.readUInt32BE(12) - 1, 12)],
  ])('RFC 7873 5.2.4: a forged cookie is answered as a client cookie alone: %s', async (_, forge) => {
    const cookie = madeElsewhere(family, 1000)
    forge(cookie)
    const reply = await askWith(cookie)
    expect(reply.answers).toHaveLength(1)
    const fresh = optionsOf(reply)!.get(OPTION.cookie)!
    expect(fresh.subarray(0, 8)).toEqual(cookie.subarray(0, 8))
    expect(fresh.subarray(8)).not.toEqual(cookie.subarray(8))
    expect(await cookieIn(fresh)).toEqual(fresh)
  })

  test.each([16, 17, 39, 40])(
    'RFC 7873 5.2.4: a server cookie of another form is replaced: %i octets',
    async (length) => {
      const cookie = await cookieIn(Buffer.concat([CLIENT_COOKIE, Buffer.alloc(length - 8, 7)]))
      expect(cookie).toHaveLength(24)
      expect(cookie.subarray(0, 8)).toEqual(CLIENT_COOKIE)
    },
  )

  test.each([0, 1, 7, 9, 15, 41, 100])('RFC 7873 5.2.2: a cookie of %i octets: FORMERR', async (length) => {
    const reply = await askWith(Buffer.alloc(length, 7))
    expect(reply).toMatchObject({ rcode: RCODE.FORMERR, answers: [], opt: { version: 0 } })
    expect(optionsOf(reply)).toEqual(new Map())
  })

  test('RFC 7873 5.2: of several cookies the first counts', async () => {
    const second = Buffer.alloc(8, 9)
    const options = [...option(OPTION.cookie, CLIENT_COOKIE), ...option(OPTION.cookie, second)]
    const cookie = optionsOf(await asker.ask(ADDRESS, { edns: { options } }))!.get(OPTION.cookie)!
    expect(cookie.subarray(0, 8)).toEqual(CLIENT_COOKIE)
  })

  test('RFC 7873 5.4: no question but a cookie: NOERROR with a cookie and no question', async () => {
    const octets = Buffer.concat([
      header(5, 0, [0, 0, 0, 1]),
      opt({ options: option(OPTION.cookie, CLIENT_COOKIE) }),
    ])
    const reply = await asker.send(octets)
    expect(reply).toMatchObject({ rcode: RCODE.NOERROR, aa: false, answers: [], authorities: [] })
    expect(reply.questions).toHaveLength(0)
    expect(optionsOf(reply)!.get(OPTION.cookie)).toHaveLength(24)
  })

  test('RFC 7873 5.2.1: no cookie unasked, none without EDNS', async () => {
    expect(optionsOf(await asker.ask(ADDRESS, { edns: {} }))).toEqual(new Map())
    expect((await asker.ask('id.server', { class: CLASS.CH })).opt).toBeNull()
  })
}
