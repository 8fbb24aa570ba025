// The built server, RFC by RFC, over UDP with both front ends and over TCP, over IPv4 and IPv6.
//
// Only what test/support/protocol.suite.ts doesn't ask already is asked here; docs/conformance.md lists both.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Asker, answersOf } from '../../support/asker.ts'
import { OPTION, option, optionsOf } from '../../support/conformance/options.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { TYPE } from '../../support/message.ts'
import { OWN_ZONES } from '../../support/own-zones.ts'
import { type RunningServer, startServer } from '../../support/programs.ts'
import { overTcp, overUdp, type Transport } from '../../support/transports.ts'
import { opcodeTests } from './rfc1996-2136.suite.ts'
import { BRIEF_ZONE, negativeCachingTests } from './rfc2308.suite.ts'
import { delegationTests } from './rfc4035.suite.ts'
import { chaosTests, IDENTITY, VERSION_TEXT } from './rfc4892.suite.ts'
import { nsidTests } from './rfc5001.suite.ts'
import { testEntryTests } from './rfc5782.suite.ts'
import { transferTests } from './rfc5936.suite.ts'
import { ednsErrorTests } from './rfc6891.suite.ts'
import { IDLE_SECONDS, transportOptionTests } from './rfc7828-7830.suite.ts'
import { clientSubnetTests } from './rfc7871.suite.ts'
import { COOKIE_SECRET, cookieTests } from './rfc7873.suite.ts'
import { extendedErrorTests } from './rfc8914.suite.ts'
import { tsigTests } from './rfc8945.suite.ts'
import { minimisationTests } from './rfc9156.suite.ts'

type Front = 'mmsg' | 'dgram'

const servers = new Map<Front, RunningServer>()
const addressOf = (front: Front, family: 4 | 6) => servers.get(front)!.addresses[family === 4 ? 0 : 1]

beforeAll(async () => {
  const zones = temporaryFolder({
    'own.json.yaml': JSON.stringify({ zones: { ...OWN_ZONES, ...BRIEF_ZONE } }),
  })
  const settings = {
    zones,
    workers: '2',
    identity: IDENTITY,
    'version-text': VERSION_TEXT,
    'cookie-secret': COOKIE_SECRET,
    'tcp-idle': String(IDLE_SECONDS),
  }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  for (const front of ['mmsg', 'dgram'] as const) {
    servers.set(front, await startServer([...args, '--udp', front]))
  }
})

afterAll(async () => {
  await Promise.all([...servers.values()].map((server) => server.stop()))
})

const TRANSPORTS: readonly [string, 4 | 6, () => Transport][] = ([4, 6] as const).flatMap((family) => [
  [`UDP by mmsg, IPv${family}`, family, () => overUdp(addressOf('mmsg', family))],
  [`UDP by dgram, IPv${family}`, family, () => overUdp(addressOf('dgram', family))],
  [`TCP, IPv${family}`, family, () => overTcp(addressOf('mmsg', family))],
])

describe.each(TRANSPORTS)('%s', (_, family, open) => {
  const asker = new Asker(open)
  describe('other opcodes', () => opcodeTests(asker))
  describe('negative caching', () => negativeCachingTests(asker))
  describe('DS', () => delegationTests(asker))
  describe('class CH', () => chaosTests(asker))
  describe('NSID', () => nsidTests(asker))
  describe('test entries', () => testEntryTests(asker))
  describe('transfers', () => transferTests(asker))
  describe('EDNS', () => ednsErrorTests(asker))
  describe('options of a transport', () => transportOptionTests(asker))
  describe('client subnets', () => clientSubnetTests(asker))
  describe('cookies', () => cookieTests(asker, family))
  describe('extended errors', () => extendedErrorTests(asker))
  describe('TSIG', () => tsigTests(asker))
  describe('minimised names', () => minimisationTests(asker))
})

describe('all together', () => {
  test('RFC 1035 3.3.13: the serial is the same on every worker and every transport', async () => {
    const serials = new Set<string>()
    for (const [, , open] of TRANSPORTS) {
      // Each exchange has a port of its own, by which the kernel chooses a worker.
      for (let port = 0; port < 8; port++) {
        const [soa] = answersOf(await new Asker(open).ask('geo.asnzone.internal', { type: TYPE.SOA }))
        serials.add(soa.split(' ')[2])
      }
    }
    expect([...serials]).toEqual(['2026061719'])
  })

  test('RFC 9018 3: what one server signs, another one with its secret takes', async () => {
    const cookieFrom = async (front: Front, cookie: Iterable<number>): Promise<Buffer> => {
      const edns = { options: option(OPTION.cookie, cookie) }
      const asker = new Asker(() => overUdp(addressOf(front, 4)))
      return optionsOf(await asker.ask('8.8.8.8.geo.asnzone.internal', { edns }))!.get(OPTION.cookie)!
    }
    const cookie = await cookieFrom('mmsg', Buffer.alloc(8, 1))
    expect(await cookieFrom('dgram', cookie)).toEqual(cookie)
  })
})
