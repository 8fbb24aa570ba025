// Zones are made when they are asked, and not transferred (RFC 5936, RFC 1995).

import { expect, test } from 'vitest'
import type { Asker } from '../../support/asker.ts'
import { CLASS, query, RCODE } from '../../support/message.ts'

/** Registers the tests. */
export function transferTests(asker: Asker): void {
  test.each([
    ['RFC 5936 2.2.1, 4.2: AXFR', 252, 'geo.asnzone.internal'],
    ['RFC 5936 2.2.1: AXFR of a name that is not an apex', 252, '8.8.8.8.geo.asnzone.internal'],
    ['RFC 5936 2.2.1: AXFR of a zone of somebody else', 252, 'example.com'],
    ['RFC 1995 2, 4: IXFR', 251, 'geo.asnzone.internal'],
  ])('%s: one message, REFUSED', async (_, type, name) => {
    for (const questionClass of [CLASS.IN, CLASS.ANY]) {
      const replies = await asker.exchange([query(name, { type, class: questionClass })])
      expect(replies).toHaveLength(1)
      expect(await asker.ask(name, { type, class: questionClass, edns: {} })).toMatchObject({
        rcode: RCODE.REFUSED,
        aa: false,
        answers: [],
        authorities: [],
      })
    }
  })
}
