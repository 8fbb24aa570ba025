// Who is answered: the lists of networks, what all others get, and what the server tells about itself.

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { networksOf } from '../../../src/app/treatment.ts'
import { AccessList } from '../../../src/dns/access-list.ts'
import { Client } from '../../../src/dns/client.ts'
import { Responder } from '../../../src/dns/responder.ts'
import { Asker } from '../../support/asker.ts'
import { addressText, cidrAround, lastAddress } from '../../support/bigint-address.ts'
import { extendedError, OPTION, option, optionsOf } from '../../support/conformance/options.ts'
import { comesFrom, policyWith } from '../../support/conformance/policies.ts'
import { UdpClient } from '../../support/conformance/udp-client.ts'
import { messageOf } from '../../support/errors.ts'
import { CLASS, header, opt, query, RCODE, readMessage, TYPE } from '../../support/message.ts'
import { checkReply } from '../../support/oracles.ts'
import { type RunningServer, startServer } from '../../support/programs.ts'
import { smallTable, smallZoneSet } from '../../support/small-table.ts'
import { inProcess, overTcp, respond } from '../../support/transports.ts'

const NAME = '8.8.8.8.geo.asnzone.internal'
const table = smallTable()
const zoneSet = smallZoneSet()
const responderWith = (settings: Parameters<typeof policyWith>[0]): Responder =>
  new Responder(table, zoneSet, null, policyWith(settings))

describe('allow', () => {
  test.each([
    ['127.0.0.1', true],
    ['127.255.255.255', true],
    ['126.255.255.255', false],
    ['128.0.0.0', false],
    ['192.0.2.1', false],
    ['::1', true],
    ['::', false],
    ['::2', false],
    ['2001:db8::1', false],
    ['::ffff:127.0.0.1', false],
  ])('by default loopback only: %s', (host, allowed) => {
    const responder = responderWith({})
    comesFrom(responder.client, host)
    const reply = readMessage(respond(responder, query(NAME), 'udp')!)
    expect(reply.rcode).toBe(allowed ? RCODE.NOERROR : RCODE.REFUSED)
  })

  test.each(['192.0.2.1', '2001:db8::1'])('everybody, when told so: %s', (host) => {
    const responder = responderWith({ allow: ['0.0.0.0/0', '::/0'] })
    comesFrom(responder.client, host)
    expect(readMessage(respond(responder, query(NAME), 'udp')!).rcode).toBe(RCODE.NOERROR)
  })

  test('nobody, when the list is empty', () => {
    const responder = responderWith({ allow: [] })
    for (const host of ['127.0.0.1', '::1']) {
      comesFrom(responder.client, host)
      expect(readMessage(respond(responder, query(NAME), 'udp')!).rcode).toBe(RCODE.REFUSED)
    }
  })

  test.each(['10.0.0.0/8/8', '10.0.0.0/33', '10.0.0', 'localhost', '2001:db8::/129', ''])(
    "'%s' is not a network",
    (text) => {
      expect(messageOf('ASNZONE_CONFIG', () => networksOf('allow', [text]))).toMatch(/^allow: /)
    },
  )

  /** A network of either family, and an address in, at the edge of, or outside it. */
  const networks = fc.constantFrom(1 as const, 4 as const).chain((width) =>
    fc.record({
      width: fc.constant(width),
      cidrs: fc.array(
        fc.record({
          address: fc.bigInt({ min: 0n, max: lastAddress(width) }),
          length: fc.integer({ min: 0, max: 32 * width }),
        }),
        { maxLength: 6 },
      ),
    }),
  )

  test('a list holds just the addresses between the ends of its networks', () => {
    fc.assert(
      fc.property(networks, ({ width, cidrs }) => {
        const ranges = cidrs.map(({ address, length }) => ({
          length,
          range: cidrAround(address, length, width),
        }))
        const texts = ranges.map(({ range: [start], length }) => `${addressText(start, width)}/${length}`)
        const list = new AccessList(networksOf('allow', texts))
        const client = new Client()
        for (const address of ranges.flatMap(({ range: [start, end] }) => [
          start - 1n,
          start,
          end,
          end + 1n,
        ])) {
          if (address < 0n || address > lastAddress(width)) continue
          comesFrom(client, addressText(address, width))
          const isInside = ranges.some(({ range: [start, end] }) => start <= address && address <= end)
          expect(list.holds(client), addressText(address, width)).toBe(isInside)
          // Once more, because the list remembers whom it found last.
          expect(list.holds(client)).toBe(isInside)
        }
      }),
    )
  })
})

describe('deny', () => {
  test('refuse: REFUSED and why, whatever was asked (RFC 8914 4.19)', () => {
    const responder = responderWith({})
    comesFrom(responder.client, '192.0.2.1')
    for (const name of [NAME, '1.0.0.10.geo.asnzone.internal', 'geo.asnzone.internal', 'www.example.com']) {
      const octets = query(name, { edns: {} })
      for (const kind of ['udp', 'tcp'] as const) {
        const reply = checkReply(octets, respond(responder, octets, kind)!)
        expect(reply).toMatchObject({ rcode: RCODE.REFUSED, aa: false, answers: [], authorities: [] })
        expect(extendedError(reply)).toBe(18)
      }
    }
    const broken = query(NAME).subarray(0, -1)
    expect(checkReply(broken, respond(responder, broken, 'udp')!).rcode).toBe(RCODE.REFUSED)
    expect(respond(responder, query(NAME, { flags: 0x8000 }), 'udp')).toBeNull()
  })

  test('drop: silence', () => {
    const responder = responderWith({ deny: 'drop' })
    comesFrom(responder.client, '192.0.2.1')
    for (const kind of ['udp', 'tcp'] as const) expect(respond(responder, query(NAME), kind)).toBeNull()
    comesFrom(responder.client, '127.0.0.1')
    expect(respond(responder, query(NAME), 'udp')).not.toBeNull()
  })
})

describe('what the server tells about itself, when it is to tell nothing', () => {
  const asker = new Asker(() =>
    inProcess(responderWith({ identity: 'none', 'version-text': 'none', 'cookie-secret': ['none'] }), 'udp'),
  )

  test.each(['id.server', 'hostname.bind', 'version.bind', 'version.server'])(
    'RFC 4892 3: %s is REFUSED',
    async (name) => {
      const reply = await asker.ask(name, { class: CLASS.CH, type: TYPE.TXT })
      expect(reply).toMatchObject({ rcode: RCODE.REFUSED, aa: false, answers: [] })
    },
  )

  test('RFC 5001 2.2: no NSID, RFC 7873 5.2: no cookie', async () => {
    const options = [...option(OPTION.nsid), ...option(OPTION.cookie, Buffer.alloc(8))]
    const reply = await asker.ask(NAME, { edns: { options } })
    expect(reply.answers).toHaveLength(1)
    expect(optionsOf(reply)).toEqual(new Map())
  })

  test('RFC 9619 4: no question is FORMERR where cookies are not spoken', async () => {
    const octets = Buffer.concat([
      header(5, 0, [0, 0, 0, 1]),
      opt({ options: option(OPTION.cookie, Buffer.alloc(8)) }),
    ])
    expect((await asker.send(octets)).rcode).toBe(RCODE.FORMERR)
  })
})

test.each(['', '0', 'zz'.repeat(16), '00'.repeat(15), '00'.repeat(17)])(
  "'%s' is not a cookie secret",
  (text) => {
    expect(messageOf('ASNZONE_CONFIG', () => policyWith({ 'cookie-secret': [text || ' '] }))).toContain(
      'cookie-secret: a secret has 32 hexadecimal digits',
    )
  },
)

describe.each(['mmsg', 'dgram'])('the built server, UDP by %s', (udp) => {
  let refusing: RunningServer
  let dropping: RunningServer

  beforeAll(async () => {
    // One worker answers in the order in which queries come.
    const args = ['--udp', udp, '--workers', '1', '--allow', '127.0.0.2', '--allow', '::1']
    refusing = await startServer(args)
    dropping = await startServer([...args, '--deny', 'drop'])
  })

  afterAll(() => Promise.all([refusing, dropping].map((server) => server?.stop())))

  async function repliesTo(server: RunningServer, host: string): Promise<Buffer[]> {
    const [address] = server.addresses
    const stranger = await UdpClient.open(address, host)
    const friend = await UdpClient.open(address, '127.0.0.2')
    try {
      stranger.send(query(NAME, { edns: {} }))
      friend.send(query(NAME))
      expect(readMessage((await friend.receive()).octets).answers).toHaveLength(1)
      return await stranger.waiting()
    } finally {
      stranger.close()
      friend.close()
    }
  }

  test('a stranger over UDP is refused', async () => {
    const replies = await repliesTo(refusing, '127.0.0.1')
    expect(replies.map((reply) => readMessage(reply).rcode)).toEqual([RCODE.REFUSED])
    expect(extendedError(readMessage(replies[0]))).toBe(18)
  })

  test('a stranger over UDP is not answered at all', async () => {
    expect(await repliesTo(dropping, '127.0.0.1')).toEqual([])
  })

  test('a friend is answered by both', async () => {
    for (const server of [refusing, dropping]) expect(await repliesTo(server, '127.0.0.2')).toHaveLength(1)
  })

  test('a stranger over TCP is refused, a friend over IPv6 is not', async () => {
    const [v4, v6] = refusing.addresses
    expect((await new Asker(() => overTcp(v4)).ask(NAME)).rcode).toBe(RCODE.REFUSED)
    expect((await new Asker(() => overTcp(v6)).ask(NAME)).answers).toHaveLength(1)
  })
})
