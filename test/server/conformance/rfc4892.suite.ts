// What the server tells about itself in class CH (RFC 4892).

import { expect, test } from 'vitest'
import { type Asker, answersOf } from '../../support/asker.ts'
import { extendedError } from '../../support/conformance/options.ts'
import { CLASS, RCODE, TYPE } from '../../support/message.ts'

/** What the servers of the suite are told to say. */
export const IDENTITY = 'ns1 of the test'
export const VERSION_TEXT = 'asnzone, some version'

/** Registers the tests. */
export function chaosTests(asker: Asker): void {
  const askChaos = (name: string, type: number = TYPE.TXT) => asker.ask(name, { type, class: CLASS.CH })

  test.each([
    ['id.server', IDENTITY],
    ['hostname.bind', IDENTITY],
    ['version.server', VERSION_TEXT],
    ['version.bind', VERSION_TEXT],
    ['VERSION.Bind', VERSION_TEXT],
  ])('RFC 4892 2: %s CH TXT is what the settings say', async (name, text) => {
    const reply = await askChaos(name)
    expect(reply).toMatchObject({ rcode: RCODE.NOERROR, aa: true, authorities: [] })
    expect(reply.answers).toMatchObject([
      { owner: name.toLowerCase(), type: TYPE.TXT, class: CLASS.CH, ttl: 0 },
    ])
    expect(answersOf(reply)).toEqual([`"${text}"`])
  })

  test('RFC 8482 4.1: ANY gives the TXT record', async () => {
    expect(answersOf(await askChaos('id.server', TYPE.ANY))).toEqual([`"${IDENTITY}"`])
  })

  test('RFC 4892 2: another type of such a name is NODATA', async () => {
    expect(await askChaos('version.bind', TYPE.A)).toMatchObject({
      rcode: RCODE.NOERROR,
      answers: [],
      authorities: [],
    })
  })

  test.each(['authors.bind', 'bind', 'www.version.bind', 'server', '', '8.8.8.8.geo.asnzone.internal'])(
    "RFC 4892 2: no other name is in class CH: '%s' is REFUSED",
    async (name) => {
      const reply = await asker.ask(name, { class: CLASS.CH, edns: {} })
      expect(reply).toMatchObject({ rcode: RCODE.REFUSED, aa: false, answers: [] })
      expect(extendedError(reply)).toBe(20)
    },
  )

  test('RFC 4892 2: the names are in no other class', async () => {
    for (const questionClass of [CLASS.IN, CLASS.HS, CLASS.ANY]) {
      expect((await asker.ask('version.bind', { class: questionClass })).rcode).toBe(RCODE.REFUSED)
    }
  })

  test('RFC 5936 2.2.1: class CH is not transferred', async () => {
    for (const type of [251, 252]) {
      expect(await askChaos('version.bind', type)).toMatchObject({ rcode: RCODE.REFUSED, aa: false })
    }
  })
}
