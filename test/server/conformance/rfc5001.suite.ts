// Who answered, for whoever asks (RFC 5001).

import { expect, test } from 'vitest'
import type { Asker } from '../../support/asker.ts'
import { OPTION, option, optionsOf } from '../../support/conformance/options.ts'
import { CLASS, RCODE } from '../../support/message.ts'
import { IDENTITY } from './rfc4892.suite.ts'

const ADDRESS = '8.8.8.8.geo.asnzone.internal'

/** Registers the tests. */
export function nsidTests(asker: Asker): void {
  const askWith = (name: string, options: readonly number[]) => asker.ask(name, { edns: { options } })

  test.each([
    ['an answer', ADDRESS, RCODE.NOERROR],
    ['NODATA', '8.geo.asnzone.internal', RCODE.NOERROR],
    ['NXDOMAIN', '1.0.0.10.geo.asnzone.internal', RCODE.NXDOMAIN],
    ['REFUSED', 'www.example.com', RCODE.REFUSED],
  ])('RFC 5001 2.2: NSID when it is asked for, in %s', async (_, name, rcode) => {
    const reply = await askWith(name, option(OPTION.nsid))
    expect(reply.rcode).toBe(rcode)
    expect(optionsOf(reply)?.get(OPTION.nsid)?.toString()).toBe(IDENTITY)
  })

  test('RFC 5001 2.1: what a query puts into NSID is ignored', async () => {
    const reply = await askWith(ADDRESS, option(OPTION.nsid, [1, 2, 3]))
    expect(reply.answers).toHaveLength(1)
    expect(optionsOf(reply)?.get(OPTION.nsid)?.toString()).toBe(IDENTITY)
  })

  test('RFC 5001 2.1: no NSID unasked', async () => {
    for (const options of [[], option(OPTION.padding, [0, 0])]) {
      expect(optionsOf(await askWith(ADDRESS, options))).toEqual(new Map())
    }
    expect(optionsOf(await asker.ask('id.server', { class: CLASS.CH, edns: {} }))).toEqual(new Map())
  })
}
