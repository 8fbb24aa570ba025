// What a resolver that minimises names asks on its way to an answer (RFC 9156, RFC 8020).

import { expect, test } from 'vitest'
import type { Asker } from '../../support/asker.ts'
import { RCODE, TYPE } from '../../support/message.ts'

const GOOGLE_V6 = '8.8.8.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.0.6.8.4.1.0.0.2'

/** The names between an apex and a name, the shortest first. */
function namesBelow(apex: string, owner: string): string[] {
  const labels = owner.split('.')
  return labels.map((_, i) => `${labels.slice(labels.length - 1 - i).join('.')}.${apex}`)
}

/** Registers the tests. */
export function minimisationTests(asker: Asker): void {
  test.each([
    ['geo.asnzone.internal', '8.8.8.8'],
    ['origin.asn.cymru.com', '8.8.8.8'],
    ['us.countries.nerd.dk', '8.8.8.8'],
    ['origin6.asn.cymru.com', GOOGLE_V6],
    ['geo.asnzone.internal', GOOGLE_V6],
    ['ip.asnzone.internal', '8.8.8.8'],
    ['json.asnzone.internal', '8.8.8.8'],
    ['json.asnzone.internal', '2001:4860:4860::8888'],
    ['json.asnzone.internal', '8.8.8.0/24'],
    ['json.asnzone.internal', '::ffff:8.8.8.8'],
  ])('RFC 9156 2.3, RFC 8020 2: in %s every name on the way to %s exists', async (apex, owner) => {
    const names = namesBelow(apex, owner)
    for (const [i, name] of names.entries()) {
      for (const type of [TYPE.A, TYPE.NS]) {
        const reply = await asker.ask(name, { type })
        expect(reply, name).toMatchObject({ rcode: RCODE.NOERROR, aa: true })
        if (reply.answers.length === 0) expect(reply.authorities).toMatchObject([{ owner: apex }])
      }
      // Half an IPv6 address is an answer as well: mtr asks for it.
      if (i === names.length - 1) {
        expect((await asker.ask(name, { type: TYPE.TXT })).answers).toHaveLength(1)
      }
    }
  })

  test.each(['x.8', 'www.8.8', '300.8.8', '_.8.8.8', 'a.b.c.d.e.f.g.h'])(
    'RFC 8020 2: nothing exists below a name that does not, %s',
    async (owner) => {
      for (const name of [owner, `1.${owner}`, `8.8.${owner}`]) {
        const reply = await asker.ask(`${name}.origin.asn.cymru.com`)
        expect(reply, name).toMatchObject({ rcode: RCODE.NXDOMAIN, authorities: [{ type: TYPE.SOA }] })
      }
    },
  )
}
