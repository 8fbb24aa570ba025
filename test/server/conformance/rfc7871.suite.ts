// Client subnets: everybody gets the same answers, so that the option is ignored unless it is wrong (RFC 7871).

import { expect, test } from 'vitest'
import type { Asker } from '../../support/asker.ts'
import { OPTION, option, optionsOf } from '../../support/conformance/options.ts'
import { RCODE } from '../../support/message.ts'

const ADDRESS = '8.8.8.8.geo.asnzone.internal'

/** Registers the tests. */
export function clientSubnetTests(asker: Asker): void {
  const askWith = (data: readonly number[]) =>
    asker.ask(ADDRESS, { edns: { options: option(OPTION.clientSubnet, data) } })

  test.each([
    ['192.0.2.0/24', [0, 1, 24, 0, 192, 0, 2]],
    ['192.0.2.128/25', [0, 1, 25, 0, 192, 0, 2, 128]],
    ['192.0.2.1/32', [0, 1, 32, 0, 192, 0, 2, 1]],
    ['0.0.0.0/0', [0, 1, 0, 0]],
    ['2001:db8::/56', [0, 2, 56, 0, 0x20, 1, 0x0d, 0xb8, 0, 0, 0]],
    ['::/0', [0, 2, 0, 0]],
    ['family 0, as dig +subnet=0 once sent', [0, 0, 0, 0]],
    ['an unknown family', [0, 9, 8, 0, 1]],
  ])('RFC 7871 7.2.2: %s is ignored and not echoed', async (_, data) => {
    const reply = await askWith(data)
    expect(reply.rcode).toBe(RCODE.NOERROR)
    expect(reply.answers).toHaveLength(1)
    expect(optionsOf(reply)).toEqual(new Map())
  })

  test.each([
    ['no data', []],
    ['half a header', [0, 1, 24]],
    ['an address that is too short', [0, 1, 24, 0, 192, 0]],
    ['an address that is too long', [0, 1, 24, 0, 192, 0, 2, 0]],
    ['a bit set behind the prefix', [0, 1, 23, 0, 192, 0, 3]],
    ['the last bit set behind the prefix', [0, 1, 25, 0, 192, 0, 2, 1]],
    ['a prefix over 32', [0, 1, 33, 0, 192, 0, 2, 0, 0]],
    ['a prefix over 128', [0, 2, 129, 0, ...new Array(17).fill(0)]],
    ['a scope in a query (RFC 7871 7.1.2)', [0, 1, 24, 24, 192, 0, 2]],
  ])('RFC 7871 6: FORMERR with OPT: %s', async (_, data) => {
    const reply = await askWith(data)
    expect(reply).toMatchObject({ rcode: RCODE.FORMERR, answers: [], opt: { version: 0 } })
    expect(optionsOf(reply)).toEqual(new Map())
  })
}
