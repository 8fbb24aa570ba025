// The PROXY protocol with the built asnzone: who asks is whom the proxy tells, and nothing changes for others.

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { compiledData } from '../support/compiled-data.ts'
import { OPTION, option, optionsOf } from '../support/conformance/options.ts'
import { temporaryFolder } from '../support/folders.ts'
import { type Message, query, RCODE, readMessage } from '../support/message.ts'
import { type RunningServer, runCli, startServer } from '../support/programs.ts'
import { local, proxied, rawHeader } from '../support/proxy.ts'
import { framed } from '../support/tcp-client.ts'

const NAME = '8.8.8.8.geo.asnzone.internal'
const NOT_IMP = 4

/** The proxy and somebody else, both on this host. */
const PROXY = '127.0.0.2'
const OTHER = '127.0.0.3'

const SETTINGS = [
  ...['--listen', '127.0.0.1:0', '--workers', '1', '--proxy-protocol', PROXY],
  ...['--allow', '127.0.0.0/8,192.0.2.0/24,2001:db8::/32'],
  ...['--rate-limit', '3', '--rate-limit-all', '0', '--rate-limit-slip', '1'],
]

/** Sends packets from an address in order, and gives the replies up to the one to the last of them. */
class UdpClient {
  readonly #socket: Socket
  private constructor(socket: Socket) {
    this.#socket = socket
  }

  static async from(address: string, port: number): Promise<UdpClient> {
    const socket = createSocket('udp4')
    socket.bind(0, address)
    await once(socket, 'listening')
    socket.connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new UdpClient(socket)
  }

  /** The last packet must be one that is answered; its ID is that of no other. */
  async exchange(...packets: readonly Uint8Array[]): Promise<Message[]> {
    const last = packets.at(-1)!
    const replies: Message[] = []
    const all = new Promise<void>((resolve) => {
      this.#socket.on('message', (reply) => {
        replies.push(readMessage(reply))
        if (Buffer.from(last).includes(reply.subarray(0, 2))) resolve()
      })
    })
    for (const packet of packets) this.#socket.send(packet)
    await all
    this.#socket.removeAllListeners('message')
    return replies
  }

  close(): void {
    this.#socket.close()
  }
}

let ids = 0x4000
/** A query with an ID that no other has. */
const ask = (options: Parameters<typeof query>[1] = {}): Buffer => query(NAME, { id: ids++, ...options })
const through = (header: Uint8Array, octets: Uint8Array = ask()): Buffer => Buffer.concat([header, octets])

describe.each(['mmsg', 'dgram'])('UDP by %s', (udp) => {
  let server: RunningServer
  let proxy: UdpClient
  let other: UdpClient
  const data = compiledData()
  const log = join(temporaryFolder(), 'queries')

  beforeAll(async () => {
    server = await startServer([...SETTINGS, '--udp', udp, '--data-dir', data, '--query-log', log])
    const { port } = server.addresses[0]
    proxy = await UdpClient.from(PROXY, port)
    other = await UdpClient.from(OTHER, port)
  })
  afterAll(async () => {
    proxy?.close()
    other?.close()
    await server?.stop()
  })

  test('whom the proxy tells is answered or not, and the reply has no header', async () => {
    const [allowed] = await proxy.exchange(through(proxied('192.0.2.9')))
    expect(allowed).toMatchObject({ rcode: RCODE.NOERROR, answers: [expect.anything()] })
    const [refused] = await proxy.exchange(through(proxied('198.51.100.9')))
    expect(refused.rcode).toBe(RCODE.REFUSED)
    const [six] = await proxy.exchange(through(proxied('2001:db8::9', { tlvs: Buffer.alloc(99, 1) })))
    expect(six.rcode).toBe(RCODE.NOERROR)
    const [strange] = await proxy.exchange(through(proxied('2001:db9::9', { protocol: 'tcp' })))
    expect(strange.rcode).toBe(RCODE.REFUSED)
  })

  test('queries of its own are from the proxy', async () => {
    const [reply] = await proxy.exchange(through(local()))
    expect(reply.rcode).toBe(RCODE.NOERROR)
  })

  test('a proxy without a header, or with a wrong one, gets silence; it is counted and told', async () => {
    const wrong = [
      ask(),
      through(rawHeader(0x21, 0x12, 11, Buffer.alloc(12))),
      through(rawHeader(0x21, 0x12, 65535, Buffer.alloc(12))),
      through(rawHeader(0x21, 0x00, 0, Buffer.alloc(0))),
      proxied('192.0.2.1').subarray(0, 20),
      Buffer.alloc(0),
    ]
    const replies = await proxy.exchange(...wrong, proxied('192.0.2.1'), through(proxied('192.0.2.1')))
    expect(replies.map(({ rcode }) => rcode)).toEqual([RCODE.NOERROR])
    const { stdout } = await runCli(['status', '--data-dir', data])
    expect(stdout).toContain(
      'proxies  6 packets or connections did not tell for whom they ask (proxy-protocol)\n',
    )
  })

  test('others are answered as ever, and a header of theirs is no query', async () => {
    const replies = await other.exchange(through(proxied('192.0.2.9')), ask())
    expect(replies.map(({ rcode }) => rcode)).toEqual([NOT_IMP, RCODE.NOERROR])
  })

  test('replies are limited by client: another is not, and neither is whoever asks from this host', async () => {
    const asked = Array.from({ length: 60 }, () => ask())
    const isCut = (replies: readonly Message[]): number => replies.filter(({ tc }) => tc).length
    const header = proxied('192.0.2.20')
    expect(isCut(await proxy.exchange(...asked.map((one) => through(header, one))))).toBeGreaterThan(3)
    expect(isCut(await other.exchange(...asked))).toBe(0)
    // Loopback is exempt where nobody says otherwise: that is this host, not the proxy's clients.
    const fromOwn = asked.map((one) => through(proxied('127.0.0.1'), one))
    expect(isCut(await proxy.exchange(...fromOwn))).toBeGreaterThan(3)
    expect(isCut(await proxy.exchange(...asked.map((one) => through(local(), one))))).toBe(0)
  })

  test('a cookie is that of the client', async () => {
    const cookie = [1, 2, 3, 4, 5, 6, 7, 8]
    const edns = (data: Iterable<number>) => ({ options: option(OPTION.cookie, data) })
    const cookieOf = (reply: Message): Buffer => optionsOf(reply)!.get(OPTION.cookie)!
    const [first] = await proxy.exchange(through(proxied(OTHER), ask({ edns: edns(cookie) })))
    const given = cookieOf(first)
    expect(given).toHaveLength(24)
    const [second] = await other.exchange(ask({ edns: edns(given) }))
    expect(cookieOf(second)).toEqual(given)
    const [third] = await proxy.exchange(through(proxied('192.0.2.77'), ask({ edns: edns(given) })))
    expect(cookieOf(third)).not.toEqual(given)
  })

  test('the query log has the clients', async () => {
    const lines = await vi.waitFor(() => {
      const text = readFileSync(log, 'utf8')
      expect(text).toContain(' 192.0.2.77 ')
      return text.split('\n')
    }, 20_000)
    const of = (client: string) => lines.filter((line) => line.split(' ')[1] === client)
    expect(of('198.51.100.9')[0]).toMatch(/ udp 8\.8\.8\.8\.geo\.asnzone\.internal TXT IN REFUSED refused /)
    expect(of('2001:db8::9')[0]).toMatch(/ NOERROR answer /)
    expect(of(PROXY).filter((line) => line.endsWith(' udp - - - - dropped 0'))).toHaveLength(6)
  })
})

describe('TCP', () => {
  let server: RunningServer
  const open: { destroy(): void }[] = []
  beforeAll(async () => {
    server = await startServer([
      ...SETTINGS,
      '--tcp-per-client',
      '2',
      '--tcp-connections',
      '6',
      '--tcp-idle',
      '2',
    ])
  })
  afterEach(() => {
    for (const one of open.splice(0)) one.destroy()
  })
  afterAll(() => server?.stop())

  /** A connection from an address; what has come, and the end. */
  async function connectFrom(localAddress: string) {
    const socket = connect({ ...server.addresses[0], localAddress, allowHalfOpen: true })
    open.push(socket)
    socket.setNoDelay(true)
    let received = Buffer.alloc(0)
    socket.on('data', (octets) => {
      received = Buffer.concat([received, octets])
    })
    const closed = new Promise<void>((resolve) => {
      socket.on('error', () => resolve())
      socket.on('close', () => resolve())
      socket.on('end', () => resolve())
    })
    await once(socket, 'connect')
    const replies = (): Message[] => {
      const found: Message[] = []
      for (let at = 0; at + 2 <= received.length; ) {
        const end = at + 2 + received.readUInt16BE(at)
        if (end > received.length) break
        found.push(readMessage(received.subarray(at + 2, end)))
        at = end
      }
      return found
    }
    const rcodes = (count: number): Promise<number[]> =>
      vi.waitFor(() => {
        expect(replies()).toHaveLength(count)
        return replies().map(({ rcode }) => rcode)
      }, 20_000)
    return { socket, closed, rcodes }
  }

  test('one header for the connection, then queries in a row; a transfer is refused as ever', async () => {
    const { socket, rcodes } = await connectFrom(PROXY)
    const queries = [ask(), ask({ type: 252 }), ask()].map(framed)
    socket.write(Buffer.concat([proxied('192.0.2.9', { protocol: 'tcp' }), ...queries]))
    expect(await rcodes(3)).toEqual([RCODE.NOERROR, RCODE.REFUSED, RCODE.NOERROR])
    socket.write(framed(ask()))
    expect(await rcodes(4)).toHaveLength(4)
  })

  test('a header in pieces of an octet', async () => {
    const { socket, rcodes } = await connectFrom(PROXY)
    const octets = Buffer.concat([proxied('198.51.100.9', { tlvs: Buffer.alloc(40) }), framed(ask())])
    for (const octet of octets) {
      await new Promise<void>((resolve) => socket.write(Uint8Array.of(octet), () => resolve()))
    }
    expect(await rcodes(1)).toEqual([RCODE.REFUSED])
  })

  test('a connection of its own is from the proxy, and one half closed is answered', async () => {
    const { socket, closed, rcodes } = await connectFrom(PROXY)
    socket.end(Buffer.concat([local(Buffer.alloc(12)), framed(ask())]))
    expect(await rcodes(1)).toEqual([RCODE.NOERROR])
    await closed
  })

  test.each([
    ['no header', framed(ask())],
    ['a wrong one', rawHeader(0x21, 0x11, 3, Buffer.alloc(3))],
    ['one longer than the cap', rawHeader(0x21, 0x11, 537, Buffer.alloc(20))],
    ['half of one and the end', proxied('192.0.2.1').subarray(0, 15)],
  ])('%s closes the connection', async (_, octets) => {
    const { socket, closed, rcodes } = await connectFrom(PROXY)
    socket.end(octets)
    await closed
    expect(await rcodes(0)).toEqual([])
  })

  test('a header that never becomes whole holds a connection no longer than tcp-idle', async () => {
    const { socket, closed } = await connectFrom(PROXY)
    socket.write(proxied('192.0.2.1').subarray(0, 20))
    await closed
  })

  test('connections are limited by client, not by proxy', async () => {
    const opened = async (client: string) => {
      const it = await connectFrom(PROXY)
      it.socket.write(Buffer.concat([proxied(client, { protocol: 'tcp' }), framed(ask())]))
      await it.rcodes(1)
      return it
    }
    const [first] = [await opened('192.0.2.1'), await opened('192.0.2.1')]
    const others = [await opened('192.0.2.2'), await opened('192.0.2.3')]
    await opened('192.0.2.1')
    await first.closed
    for (const { socket, rcodes } of others) {
      socket.write(framed(ask()))
      expect(await rcodes(2)).toHaveLength(2)
    }
  })

  test('others are answered as ever', async () => {
    const { socket, rcodes } = await connectFrom(OTHER)
    socket.write(framed(ask()))
    expect(await rcodes(1)).toEqual([RCODE.NOERROR])
  })
})

test('a server whose own host is a proxy finds that it answers, and so does asnzone probe', async () => {
  const own = ['--proxy-protocol', '127.0.0.0/8,::1']
  const server = await startServer(own)
  try {
    expect(server.log.filter(({ msg }) => msg.includes('got no answer'))).toEqual([])
    const listen = `127.0.0.1:${server.addresses[0].port}`
    expect(await runCli(['probe', '--listen', listen, ...own])).toMatchObject({ code: 0, stderr: '' })
    expect(await runCli(['probe', '--listen', listen])).toMatchObject({ code: 1 })
  } finally {
    await server.stop()
  }
})
