// The built server: the suite of test/support/protocol.suite.ts over real sockets, with both UDP front ends.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ownZonesFolder } from '../support/own-zones.ts'
import { type RunningServer, startServer } from '../support/programs.ts'
import { protocolSuite } from '../support/protocol.suite.ts'
import { overTcp, overUdp } from '../support/transports.ts'

const servers = new Map<string, RunningServer>()
const addressOf = (udp: string, listener: number) => servers.get(udp)!.addresses[listener]

beforeAll(async () => {
  for (const udp of ['mmsg', 'dgram']) {
    servers.set(udp, await startServer(['--zones', ownZonesFolder(), '--udp', udp, '--workers', '2']))
  }
})

afterAll(async () => {
  await Promise.all([...servers.values()].map((server) => server.stop()))
})

describe.each(['mmsg', 'dgram'])('UDP by %s', (udp) => {
  test('is what runs, where the host can do it', () => {
    const [ready] = servers.get(udp)!.log.filter(({ listen }) => listen !== undefined)
    expect(ready.udp).toBe(process.platform === 'linux' ? udp : 'dgram')
  })

  protocolSuite('IPv4', () => overUdp(addressOf(udp, 0)))
  protocolSuite('IPv6', () => overUdp(addressOf(udp, 1)))
})

protocolSuite('TCP, IPv4', () => overTcp(addressOf('mmsg', 0)))
protocolSuite('TCP, IPv6', () => overTcp(addressOf('mmsg', 1)))
