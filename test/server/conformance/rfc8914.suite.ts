// Why a query was refused (RFC 8914).

import { expect, test } from 'vitest'
import type { Asker } from '../../support/asker.ts'
import { extendedError, optionsOf } from '../../support/conformance/options.ts'
import { CLASS, RCODE } from '../../support/message.ts'

/** Registers the tests. */
export function extendedErrorTests(asker: Asker): void {
  test.each([
    ['a name in no zone', 'www.example.com', {}, 20],
    ['another class', '8.8.8.8.geo.asnzone.internal', { class: CLASS.HS }, 20],
    ['a zone transfer', 'geo.asnzone.internal', { type: 252 }, 18],
  ])('RFC 8914 4: %s is REFUSED and told why', async (_, name, options, code) => {
    const reply = await asker.ask(name, { ...options, edns: {} })
    expect(reply.rcode).toBe(RCODE.REFUSED)
    expect(extendedError(reply)).toBe(code)
  })

  test('RFC 8914 2: not without EDNS', async () => {
    expect(await asker.ask('www.example.com')).toMatchObject({ rcode: RCODE.REFUSED, opt: null })
  })

  test('RFC 8914 2: an answer has none', async () => {
    for (const name of ['8.8.8.8', '8.8', '1.0.0.10']) {
      expect(optionsOf(await asker.ask(`${name}.geo.asnzone.internal`, { edns: {} }))).toEqual(new Map())
    }
  })
}
