// Answers from data older than max-age, where the settings want them marked (RFC 8914).

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { durationMs } from '../../../src/config/duration.ts'
import { loadSettings } from '../../../src/config/load.ts'
import { Responder } from '../../../src/dns/responder.ts'
import { Asker } from '../../support/asker.ts'
import { extendedError, optionsOf } from '../../support/conformance/options.ts'
import { CLASS, RCODE } from '../../support/message.ts'
import { dig, type RunningServer, startServer } from '../../support/programs.ts'
import { smallTable, smallZoneSet } from '../../support/small-table.ts'
import { inProcess, overTcp, overUdp, type Transport } from '../../support/transports.ts'

const STALE_ANSWER = 3
const STALE_NXDOMAIN = 19

type Front = 'mmsg' | 'dgram'

const servers = new Map<Front, RunningServer>()

beforeAll(async () => {
  for (const front of ['mmsg', 'dgram'] as const) {
    // The bundled data have been older than a day since the day after they were made.
    servers.set(front, await startServer(['--stale-answer', 'tell', '--max-age', '1d', '--udp', front]))
  }
})

afterAll(() => Promise.all([...servers.values()].map((server) => server.stop())))

const addressOf = (front: Front, family: 4 | 6) => servers.get(front)!.addresses[family === 4 ? 0 : 1]

const TRANSPORTS: readonly [string, () => Transport][] = ([4, 6] as const).flatMap((family) => [
  [`UDP by mmsg, IPv${family}`, () => overUdp(addressOf('mmsg', family))],
  [`UDP by dgram, IPv${family}`, () => overUdp(addressOf('dgram', family))],
  [`TCP, IPv${family}`, () => overTcp(addressOf('mmsg', family))],
])

describe.each(TRANSPORTS)('%s', (_, open) => {
  const asker = new Asker(open)

  test.each([
    ['RFC 8914 4.4: an answer', '8.8.8.8.geo.asnzone.internal', RCODE.NOERROR, STALE_ANSWER],
    ['RFC 8914 4.4: NODATA', '8.8.geo.asnzone.internal', RCODE.NOERROR, STALE_ANSWER],
    ['RFC 8914 4.20: NXDOMAIN', '1.0.0.10.geo.asnzone.internal', RCODE.NXDOMAIN, STALE_NXDOMAIN],
    ['RFC 8914 4.21: a name in no zone', 'www.example.com', RCODE.REFUSED, 20],
  ])('%s', async (_, name, rcode, code) => {
    const reply = await asker.ask(name, { edns: {} })
    expect(reply.rcode).toBe(rcode)
    expect(extendedError(reply)).toBe(code)
  })

  test('RFC 8914 2: not without EDNS', async () => {
    expect(await asker.ask('8.8.8.8.geo.asnzone.internal')).toMatchObject({ rcode: 0, opt: null })
  })

  test('RFC 8914 2: not in class CH, which has no data', async () => {
    const reply = await asker.ask('version.bind', { class: CLASS.CH, edns: {} })
    expect(optionsOf(reply)).toEqual(new Map())
  })
})

test('dig says so, as docs/data.md shows', async () => {
  const args = ['+noall', '+comments', '8.8.8.8.geo.asnzone.internal', 'TXT']
  expect(await dig(addressOf('mmsg', 4), args)).toMatch(/^; EDE: 3 \(Stale Answer\)$/m)
})

describe('in this process', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  const settings = loadSettings({ options: { 'stale-answer': 'tell', 'max-age': '45d' } })
  const responder = new Responder(smallTable(), smallZoneSet(undefined, settings))
  const asker = new Asker(() => inProcess(responder, 'udp'))
  const staleAfter = Date.parse(smallTable().metadata().date) + durationMs('45d')

  test('answers become stale while they are served', async () => {
    const errors: (number | null)[] = []
    for (const now of [staleAfter, staleAfter + 1]) {
      vi.setSystemTime(now)
      errors.push(extendedError(await asker.ask('8.8.8.8.geo.asnzone.internal', { edns: {} })))
    }
    expect(errors).toEqual([null, STALE_ANSWER])
  })

  test('RFC 8914 3: an answer is not cut for the sake of its extended error', async () => {
    vi.setSystemTime(staleAfter + 1)
    const name = '8.8.8.8.long.asnzone.internal'
    const { length } = (await asker.ask(name, { edns: {} })).octets
    const cases: [number, boolean, number | null][] = []
    for (const size of [length, length - 1, length - 6, length - 7]) {
      const reply = await asker.ask(name, { edns: { size } })
      cases.push([size - length, reply.tc, extendedError(reply)])
    }
    expect(cases).toEqual([
      [0, false, STALE_ANSWER],
      [-1, false, null],
      [-6, false, null],
      [-7, true, null],
    ])
  })
})
