// A host with several addresses: the reply comes from the one that was asked (RFC 2181 4.1). The front end on
// recvmmsg has its test of this in test/server/udp-mmsg.test.ts.

import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Responder } from '../../../src/dns/responder.ts'
import { Counters } from '../../../src/server/counters.ts'
import { DgramFrontEnd } from '../../../src/server/udp-dgram.ts'
import type { WildcardNews } from '../../../src/server/udp-front-end.ts'
import { UdpClient } from '../../support/conformance/udp-client.ts'
import { query, readMessage } from '../../support/message.ts'
import { smallTable, smallZoneSet } from '../../support/small-table.ts'

vi.mock(import('node:os'), async (original) => ({ ...(await original()), networkInterfaces: vi.fn() }))

const NAME = '8.8.8.8.geo.asnzone.internal'
const open: { close(): unknown }[] = []

afterEach(() => Promise.all(open.splice(0).map((it) => it.close())))

/** Lets this host have these addresses, as Node tells of them. */
function hostHas(...addresses: string[]): void {
  const infos = addresses.map((address) => ({
    address,
    family: address.includes(':') ? 'IPv6' : 'IPv4',
    internal: true,
  }))
  const interfaces = { lo: infos } as unknown as ReturnType<typeof networkInterfaces>
  vi.mocked(networkInterfaces).mockReturnValue(interfaces)
}

async function startFrontEnd(host: string) {
  const news: WildcardNews[] = []
  const frontEnd = new DgramFrontEnd(
    () => new Responder(smallTable(), smallZoneSet()),
    new Counters(0).handle(1),
    (told) => news.push(told),
  )
  open.push(frontEnd)
  const { port } = await frontEnd.bind({ host, port: 0, family: host.includes(':') ? 6 : 4 })
  await frontEnd.start({} as Parameters<DgramFrontEnd['start']>[0])
  return { frontEnd, port, news }
}

const started = async (host: string): Promise<number> => (await startFrontEnd(host)).port

/** The address that a query to a host is answered from; null where nobody listens. */
async function answeredFrom(host: string, port: number): Promise<string | null> {
  const socket = createSocket('udp4')
  open.push({ close: () => socket.close() })
  // Connected, it is told by the kernel that nobody listens, and gets nothing from another address.
  socket.connect(port, host)
  await once(socket, 'connect')
  socket.send(query(NAME))
  try {
    const [, { address }] = (await once(socket, 'message')) as [Buffer, RemoteInfo]
    return address
  } catch {
    return null
  }
}

describe('the front end on node:dgram, listening on every address', () => {
  test.each(['127.0.0.1', '127.0.0.2', '127.0.0.3'])('RFC 2181 4.1: %s answers from there', async (host) => {
    hostHas('127.0.0.1', '127.0.0.2', '127.0.0.3', '::1')
    const client = await UdpClient.open({ host, port: await started('0.0.0.0') }, '127.0.0.1')
    open.push(client)
    client.send(query(NAME))
    const { octets, from } = await client.receive()
    expect(readMessage(octets).answers).toHaveLength(1)
    expect(from).toBe(host)
  })

  test('RFC 2181 4.1: over IPv6, too', async () => {
    hostHas('127.0.0.1', '::1')
    const client = await UdpClient.open({ host: '::1', port: await started('::') }, '::1')
    open.push(client)
    client.send(query(NAME))
    expect((await client.receive()).from).toBe('::1')
  })

  test('an address that has just gone does not matter', async () => {
    hostHas('127.0.0.1', '192.0.2.77', 'fe80::1', '::1')
    for (const [wildcard, host] of [
      ['0.0.0.0', '127.0.0.1'],
      ['::', '::1'],
    ]) {
      const client = await UdpClient.open({ host, port: await started(wildcard) }, host)
      open.push(client)
      client.send(query(NAME))
      expect(readMessage((await client.receive()).octets).answers).toHaveLength(1)
    }
  })

  test('an address that it does not know of is not answered from another', async () => {
    hostHas('127.0.0.1')
    const port = await started('0.0.0.0')
    expect(await answeredFrom('127.0.0.1', port)).toBe('127.0.0.1')
    expect(await answeredFrom('127.0.0.2', port)).toBeNull()
  })

  test('it follows the addresses of the host, and tells which it has', async () => {
    hostHas('127.0.0.1')
    const { frontEnd, port, news } = await startFrontEnd('0.0.0.0')
    const address = { host: '0.0.0.0', port, family: 4 }
    expect(news.splice(0)).toEqual([{ address, bound: ['127.0.0.1'], faults: [] }])
    await frontEnd.followAddresses()
    expect(news).toEqual([])
    hostHas('127.0.0.1', '127.0.0.2')
    await frontEnd.followAddresses()
    expect(news.splice(0)).toEqual([{ address, bound: ['127.0.0.1', '127.0.0.2'], faults: [] }])
    expect(await answeredFrom('127.0.0.2', port)).toBe('127.0.0.2')
    hostHas('127.0.0.2')
    await frontEnd.followAddresses()
    expect(news.splice(0)).toEqual([{ address, bound: ['127.0.0.2'], faults: [] }])
    expect(await answeredFrom('127.0.0.1', port)).toBeNull()
    expect(frontEnd.hostsOf({ host: '0.0.0.0', port, family: 4 })).toEqual(['127.0.0.2'])
  })

  test('what another program has is told of, once, and taken when it is free', async () => {
    hostHas('127.0.0.1')
    const { frontEnd, port, news } = await startFrontEnd('0.0.0.0')
    const other = createSocket('udp4').bind(port, '127.0.0.3')
    await once(other, 'listening')
    hostHas('127.0.0.1', '127.0.0.3')
    await frontEnd.followAddresses()
    await frontEnd.followAddresses()
    const fault = `127.0.0.3:${port} (UDP): another program listens there; stop it or choose another --listen`
    expect(news.slice(1)).toMatchObject([{ bound: ['127.0.0.1'], faults: [fault] }])
    other.close()
    await once(other, 'close')
    await frontEnd.followAddresses()
    expect(news.slice(2)).toMatchObject([{ bound: ['127.0.0.1', '127.0.0.3'], faults: [] }])
    expect(await answeredFrom('127.0.0.3', port)).toBe('127.0.0.3')
  })

  test('a host without any address of the family', async () => {
    hostHas('127.0.0.1')
    await expect(started('::')).rejects.toThrow('[::]:0 (UDP): this host has no such address')
  })
})
