// The test entries that every DNS list has (RFC 5782 5).

import { expect, test } from 'vitest'
import { type Asker, answersOf } from '../../support/asker.ts'
import { RCODE, TYPE } from '../../support/message.ts'

/** Zones that answer with A records. */
const LISTS = [
  'country.asnzone.internal',
  'us.country.asnzone.internal',
  'nl.country.asnzone.internal',
  'zz.countries.nerd.dk',
  'us.countries.nerd.dk',
  'asn.rspamd.com',
  'far.asnzone.internal',
  'listed.asnzone.internal',
]

/** The same zones for IPv6. */
const IPV6_LISTS = LISTS.map((zone) => (zone === 'asn.rspamd.com' ? 'asn6.rspamd.com' : zone))

/** What the names of ::ffff:7f00:2 and ::ffff:7f00:1 have behind their first nibble. */
const MAPPED = `0.0.0.0.0.f.7.f.f.f.f${'.0'.repeat(20)}`

/** Registers the tests. */
export function testEntryTests(asker: Asker): void {
  test.each(LISTS)('RFC 5782 5: 127.0.0.2 is listed in %s, and 127.0.0.1 is not', async (zone) => {
    const listed = await asker.ask(`2.0.0.127.${zone}`, { type: TYPE.A })
    expect(listed).toMatchObject({ rcode: RCODE.NOERROR, aa: true })
    expect(answersOf(listed)).toEqual(['127.0.0.2'])
    const mapped = await asker.ask(`2.0.0.127.${zone}`, { type: TYPE.AAAA })
    expect(answersOf(mapped)).toEqual(['::ffff:127.0.0.2'])
    const why = await asker.ask(`2.0.0.127.${zone}`)
    expect(answersOf(why)).toEqual(['"test entry, RFC 5782"'])
    for (const type of [TYPE.A, TYPE.AAAA, TYPE.TXT]) {
      expect((await asker.ask(`1.0.0.127.${zone}`, { type })).rcode).toBe(RCODE.NXDOMAIN)
    }
  })

  test.each(IPV6_LISTS)(
    'RFC 5782 5: ::ffff:7f00:2 is listed in %s, and ::ffff:7f00:1 is not',
    async (zone) => {
      const listed = await asker.ask(`2.${MAPPED}.${zone}`, { type: TYPE.A })
      expect(answersOf(listed)).toEqual(['127.0.0.2'])
      const other = await asker.ask(`1.${MAPPED}.${zone}`, { type: TYPE.A })
      expect(other.rcode).toBe(RCODE.NXDOMAIN)
    },
  )

  test('RFC 5782 5, RFC 8020 2: the names above the test entry exist', async () => {
    for (const name of ['127', '0.127', '0.0.127']) {
      const reply = await asker.ask(`${name}.${LISTS[0]}`, { type: TYPE.A })
      expect(reply).toMatchObject({ rcode: RCODE.NOERROR, answers: [], authorities: [{ type: TYPE.SOA }] })
    }
  })

  test('RFC 5782 5: a test entry has no other types', async () => {
    const reply = await asker.ask(`2.0.0.127.${LISTS[0]}`, { type: TYPE.PTR })
    expect(reply).toMatchObject({ rcode: RCODE.NOERROR, answers: [], authorities: [{ type: TYPE.SOA }] })
  })

  test.each([
    ['as its watchers ask, 127.0.0.1 forwards, which is 1.0.0.127', '127.0.0.1.asn.rspamd.com'],
    ['an address with an AS', '8.8.8.8.asn.rspamd.com'],
    ['the same for IPv6', `${'8.'.repeat(4)}${'0.'.repeat(16)}0.6.8.4.0.6.8.4.1.0.0.2.asn6.rspamd.com`],
  ])('rspamd#6171: A of %s is 127.0.0.2', async (_, asked) => {
    const reply = await asker.ask(asked, { type: TYPE.A })
    expect(reply).toMatchObject({ rcode: RCODE.NOERROR, aa: true })
    expect(answersOf(reply)).toEqual(['127.0.0.2'])
  })

  test.each([
    ['8.8.8.8.country.asnzone.internal', '::ffff:127.0.3.72'],
    ['8.8.8.8.us.country.asnzone.internal', '::ffff:127.0.0.2'],
    ['8.8.8.8.asn.rspamd.com', '::ffff:127.0.0.2'],
  ])('RFC 4291 2.5.5.2: AAAA of %s says what A says: %s', async (asked, address) => {
    const reply = await asker.ask(asked, { type: TYPE.AAAA })
    expect(reply).toMatchObject({ rcode: RCODE.NOERROR, aa: true })
    expect(answersOf(reply)).toEqual([address])
  })

  test('zones of text are not lists: they have no test entry', async () => {
    for (const zone of ['geo.asnzone.internal', 'origin.asn.cymru.com', 'asn.routeviews.org']) {
      expect((await asker.ask(`2.0.0.127.${zone}`)).rcode).toBe(RCODE.NXDOMAIN)
    }
  })

  test('RFC 5782 2.1: a list of a zone file has what its conditions hold for, and says why', async () => {
    expect(answersOf(await asker.ask('8.8.8.8.listed.asnzone.internal', { type: TYPE.A }))).toEqual([
      '127.0.0.2',
    ])
    expect(answersOf(await asker.ask('8.8.8.8.listed.asnzone.internal'))).toEqual(['"country US, AS15169"'])
    const other = await asker.ask('1.0.0.193.listed.asnzone.internal', { type: TYPE.A })
    expect(other.rcode).toBe(RCODE.NXDOMAIN)
  })
}
