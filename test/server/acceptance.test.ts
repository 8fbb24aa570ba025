// The built server on the bundled data: what dig prints, and the example of every zone.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Asker, answersOf } from '../support/asker.ts'
import { RCODE, TYPE } from '../support/message.ts'
import { ANSWERED_EXAMPLES, PRESET_DEFINITIONS, PRESET_EXAMPLES } from '../support/preset-examples.ts'
import { dig, type RunningServer, startServer } from '../support/programs.ts'
import { overTcp, overUdp } from '../support/transports.ts'

const GOOGLE_V6 = '8.8.8.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.0.6.8.4.1.0.0.2'

let server: RunningServer

beforeAll(async () => {
  server = await startServer(['--log-level', 'debug'])
})

afterAll(() => server.stop())

describe('dig', () => {
  test.each([
    ['TXT', '8.8.8.8.geo.asnzone.internal', '"15169 | Google LLC | US | -- | 0"'],
    ['TXT', '8.8.8.8.origin.asn.cymru.com', '"15169 | 8.8.8.0/24 | US | arin |"'],
    ['TXT', '163.51.128.66.asn.rspamd.com', '"7819|66.128.48.0/20|US|arin|"'],
    ['TXT', '8.8.8.8.asn.routeviews.org', '"15169" "8.8.8.0" "24"'],
    ['TXT', '31.108.90.216.origin.asn.cymru.com', '"3561 | 216.90.0.0/15 | US | arin |"'],
    ['TXT', '8.8.8.8.origin.asn.spameatingmonkey.net', '"8.8.8.0/24 | AS15169 | Google LLC |  | US"'],
    [
      'TXT',
      'AS3333.asn.cymru.com',
      '"3333 | NL | ripencc |  | Reseaux IP Europeens Network Coordination Centre (RIPE NCC)"',
    ],
    ['A', '8.8.8.8.zz.countries.nerd.dk', '127.0.3.72'],
    ['TXT', `${GOOGLE_V6}.origin6.asn.cymru.com`, '"15169 | 2001:4860:4840::/42 | US | arin |"'],
    ['TXT', '1.1.0.215.geo.asnzone.internal', /^"721 \| /],
    ['SOA', 'geo.asnzone.internal', 'localhost. nobody.invalid. 2026061719 86400 7200 604800 300'],
    ['NS', 'asn.rspamd.com', 'localhost.'],
  ])('%s %s', async (type, name, answer) => {
    const args = ['+short', type, name]
    const printed = await Promise.all(
      server.addresses.flatMap((address) => [dig(address, args), dig(address, ['+tcp', ...args])]),
    )
    for (const text of printed) {
      if (typeof answer === 'string') expect(text).toBe(answer)
      else expect(text).toMatch(answer)
    }
  })

  test.each([
    ['1.0.0.10.geo.asnzone.internal', 'NXDOMAIN', 'geo.asnzone.internal.'],
    ['1.0.0.10.origin.asn.cymru.com', 'NXDOMAIN', 'origin.asn.cymru.com.'],
    ['8.8.geo.asnzone.internal', 'NOERROR', 'geo.asnzone.internal.'],
  ])('%s: %s, no answer, the SOA', async (name, status, zone) => {
    const printed = await dig(server.addresses[0], ['TXT', name])
    expect(printed).toContain(`status: ${status},`)
    expect(printed).toMatch(/flags: qr aa rd; QUERY: 1, ANSWER: 0, AUTHORITY: 1, ADDITIONAL: 1/)
    expect(printed).toMatch(new RegExp(`^${zone.replaceAll('.', '\\.')}\\s+300\\s+IN\\s+SOA\\s`, 'm'))
    expect(printed).not.toMatch(/^;; (Warning|Got bad packet)/m)
  })

  test('example.com: REFUSED', async () => {
    const printed = await dig(server.addresses[0], ['TXT', 'example.com'])
    expect(printed).toContain('status: REFUSED,')
    expect(printed).toMatch(/flags: qr rd; QUERY: 1, ANSWER: 0, AUTHORITY: 0, ADDITIONAL: 1/)
  })
})

describe('the example of each zone', () => {
  test('there is one for each apex that holds names', () => {
    const apexes = PRESET_DEFINITIONS.filter(({ owner }) => owner !== 'none').flatMap(({ apex }) => apex)
    expect(PRESET_EXAMPLES).toHaveLength(apexes.length)
  })

  // Those that take settings are asked in test/cli/score.test.ts.
  test.each(ANSWERED_EXAMPLES)('$type $name', async ({ type, name, answer }) => {
    for (const address of server.addresses) {
      for (const transport of [overUdp(address), overTcp(address)]) {
        const reply = await new Asker(() => transport).ask(name, { type: TYPE[type], edns: {} })
        expect(reply).toMatchObject({ rcode: RCODE.NOERROR, aa: true, tc: false })
        expect(answersOf(reply)).toEqual([answer])
      }
    }
  })
})

describe('the log', () => {
  const ready = () => server.log.filter(({ listen }) => listen !== undefined)

  test('a line for each source, then three: the addresses, the age of the data, a query to try', () => {
    const sources = server.log.filter(({ what }) => what !== undefined)
    expect(sources.map(({ what, family }) => `${what} ${family}`)).toEqual([
      'asn 4',
      'asn 6',
      'country 4',
      'country 6',
    ])
    for (const source of sources) {
      expect(source).toMatchObject({ level: 20, date: '2026-06-17T19:00:00.000Z' })
      expect(source.rows).toBeGreaterThan(50_000)
    }
    expect(ready()).toHaveLength(1)
    expect(ready()[0].msg).toBe(
      `asnzone ${ready()[0].version} answers on 127.0.0.1:${server.addresses[0].port} and [::1]:${server.addresses[1].port}`,
    )
    const [, age, trial] = server.log.slice(server.log.indexOf(ready()[0])).map(({ msg }) => msg)
    expect(age).toMatch(
      /^data of 2026-06-17 is \d+ days old, .*; asnzone update --data-dir \S+ fetches new data$/,
    )
    expect(trial).toBe(
      `try: dig @127.0.0.1 -p ${server.addresses[0].port} +short TXT 8.8.8.8.geo.asnzone.internal`,
    )
  })

  test('queries are not logged', async () => {
    const before = server.log.length
    await new Asker(() => overUdp(server.addresses[0])).ask('example.com')
    expect(server.log).toHaveLength(before)
  })
})
