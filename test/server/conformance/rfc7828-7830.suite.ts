// Options that belong to a transport: keepalive to TCP (RFC 7828), padding to encryption (RFC 7830).

import { expect, test } from 'vitest'
import type { Asker } from '../../support/asker.ts'
import { OPTION, option, optionsOf } from '../../support/conformance/options.ts'
import { RCODE } from '../../support/message.ts'

const ADDRESS = '8.8.8.8.geo.asnzone.internal'

/** Seconds after which the servers of the suite close idle connections. */
export const IDLE_SECONDS = 12.5

/** Registers the tests. */
export function transportOptionTests(asker: Asker): void {
  const askWith = (name: string, options: readonly number[]) => asker.ask(name, { edns: { options } })

  test.each([
    ['an answer', ADDRESS],
    ['NXDOMAIN', '1.0.0.10.geo.asnzone.internal'],
    ['REFUSED', 'www.example.com'],
  ])('RFC 7828 3.3: keepalive is ignored over UDP and tells the idle time over TCP: %s', async (_, name) => {
    const keepalive = optionsOf(await askWith(name, option(OPTION.keepalive)))?.get(OPTION.keepalive)
    if (asker.isUdp) expect(keepalive).toBeUndefined()
    else expect(keepalive?.toString('hex')).toBe((IDLE_SECONDS * 10).toString(16).padStart(4, '0'))
  })

  test('RFC 7828 3.3: no keepalive unasked', async () => {
    expect(optionsOf(await askWith(ADDRESS, []))).toEqual(new Map())
  })

  test('RFC 7828 3.2.1: a time that a client must not send does not matter', async () => {
    expect((await askWith(ADDRESS, option(OPTION.keepalive, [0, 1]))).answers).toHaveLength(1)
  })

  test('RFC 7830 4, 6: padding is neither answered nor refused where nothing is encrypted', async () => {
    for (const length of [0, 1, 300]) {
      const reply = await askWith(ADDRESS, option(OPTION.padding, new Uint8Array(length)))
      expect(reply).toMatchObject({ rcode: RCODE.NOERROR })
      expect(reply.answers).toHaveLength(1)
      expect(optionsOf(reply)).toEqual(new Map())
    }
  })
}
