// A host with several addresses: the reply comes from the one that was asked (RFC 2181 4.1). The front end on
// recvmmsg has its test of this in test/server/udp-mmsg.test.ts.

import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Responder } from '../../../src/dns/responder.ts'
import { Counters } from '../../../src/server/counters.ts'
import { DgramFrontEnd } from '../../../src/server/udp-dgram.ts'
import { UdpClient } from '../../support/conformance/udp-client.ts'
import { query, readMessage } from '../../support/message.ts'
import { smallCatalogue, smallTable } from '../../support/small-table.ts'

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

async function started(host: string): Promise<number> {
  const frontEnd = new DgramFrontEnd(
    () => new Responder(smallTable(), smallCatalogue()),
    new Counters(0).place(1),
  )
  open.push(frontEnd)
  const { port } = await frontEnd.bind({ host, port: 0, family: host.includes(':') ? 6 : 4 })
  await frontEnd.start({} as Parameters<DgramFrontEnd['start']>[0])
  return port
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
    hostHas('127.0.0.1', '192.0.2.77', 'fe80::1')
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
})
