// The built server: how it starts, what it listens on, where settings come from, and how it ends.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Asker, answersOf } from '../support/asker.ts'
import { temporaryFolder } from '../support/folders.ts'
import { query, RCODE, TYPE } from '../support/message.ts'
import { ownZonesFolder } from '../support/own-zones.ts'
import {
  type Outcome,
  type RunningServer,
  type RunOptions,
  runCli,
  startServer,
} from '../support/programs.ts'
import { TcpClient } from '../support/tcp-client.ts'
import { type Address, overTcp, overUdp } from '../support/transports.ts'

const NAME = '8.8.8.8.geo.asnzone.internal'
const PATIENCE = { timeout: 30_000, interval: 50 }
const servers: RunningServer[] = []
let first: RunningServer

/** Its start writes the snapshot, so that every other one is quick. */
beforeAll(async () => {
  first = await start([])
})

afterAll(() => Promise.all(servers.map((server) => server.stop())))

async function start(args: readonly string[], options: RunOptions = {}): Promise<RunningServer> {
  const server = await startServer(args, options)
  servers.push(server)
  return server
}

const overBoth = (address: Address) =>
  [overUdp(address), overTcp(address)].map((transport) => new Asker(() => transport))

/** Lines of standard error that are not of the log. */
const complaints = ({ stderr }: Outcome): string[] =>
  stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'))

describe.concurrent('listening', () => {
  test('several addresses; one that the host lacks is a warning', async () => {
    const listen = ['127.0.0.1:0', '127.0.0.2:0', '192.0.2.1:0', '[::1]:0'].flatMap((address) => [
      '--listen',
      address,
    ])
    const server = await start(listen)
    expect(server.addresses.map(({ host }) => host)).toEqual(['127.0.0.1', '127.0.0.2', '::1'])
    for (const address of server.addresses) {
      for (const asker of overBoth(address)) expect((await asker.ask(NAME)).answers).toHaveLength(1)
    }
    const warnings = server.log.filter(({ level }) => level === 40).map(({ msg }) => msg)
    expect(warnings).toContain('192.0.2.1:0: this host has no such address; not listening there')
  })

  test.each(['mmsg', 'dgram'])('* is every address, IPv4 and IPv6, UDP by %s', async (udp) => {
    const server = await start(['--listen', '*:0', '--udp', udp])
    expect(server.addresses.map(({ host }) => host)).toEqual(['0.0.0.0', '::'])
    const [v4, v6] = server.addresses
    for (const address of [
      { ...v4, host: '127.0.0.1' },
      { ...v6, host: '::1' },
    ]) {
      for (const asker of overBoth(address)) expect((await asker.ask(NAME)).answers).toHaveLength(1)
    }
    const told = server.log.find(({ msg }) => msg.startsWith('0.0.0.0:'))
    expect(told?.addresses).toEqual(udp === 'dgram' ? expect.arrayContaining(['127.0.0.1']) : undefined)
  })

  const serveAt = (port: number) => runCli(['serve', '--log-format', 'json', '--listen', `127.0.0.1:${port}`])

  const isTaken = (protocol: string, port: number): string =>
    `asnzone: 127.0.0.1:${port} (${protocol}): another program listens there; stop it or choose another --listen`

  test('a TCP port in use: one line, exit 1', async () => {
    const [{ port }] = first.addresses
    const outcome = await serveAt(port)
    expect([outcome.code, complaints(outcome)]).toEqual([1, [isTaken('TCP', port)]])
  })

  test('a UDP port in use: one line, exit 1', async () => {
    // Its number may be that of somebody's TCP connection, now or until the server binds it.
    for (let attempt = 1; ; attempt++) {
      const { port, close } = await takeUdpPort()
      const outcome = await serveAt(port)
      close()
      const told = complaints(outcome)
      if (attempt < 10 && told[0] === isTaken('TCP', port)) continue
      expect([outcome.code, told]).toEqual([1, [isTaken('UDP', port)]])
      return
    }
  })

  test('an address of another host alone: one line, exit 1', async () => {
    const outcome = await runCli(['serve', '--log-format', 'json', '--listen', '192.0.2.1:5300'])
    expect(outcome.code).toBe(1)
    expect(complaints(outcome)).toEqual([
      'asnzone: 192.0.2.1:5300 (TCP): this host has no such address; choose another --listen',
    ])
  })
})

describe.concurrent('settings', () => {
  test('from the command line, the environment and asnzone.yaml', async () => {
    const cwd = temporaryFolder({
      'asnzone.yaml': 'nameservers: [ns1.example.test, ns2.example.test]\ndomain: file.test\n',
    })
    const env = { ASNZONE_DOMAIN: 'example.test', ASNZONE_DISABLE: 'cymru, nerd-dk-list' }
    const server = await start(['--zones', ownZonesFolder()], { env, cwd })
    for (const asker of overBoth(server.addresses[0])) {
      const ask = async (name: string, type: number = TYPE.TXT) => asker.ask(name, { type, edns: {} })
      expect(answersOf(await ask('8.8.8.8.geo.example.test'))).toEqual(['"15169 | Google LLC | US | -- | 0"'])
      expect((await ask('8.8.8.8.long.example.test')).answers).toHaveLength(1)
      expect(answersOf(await ask('example.test', TYPE.NS))).toEqual([
        'ns1.example.test.',
        'ns2.example.test.',
      ])
      expect(answersOf(await ask('example.test', TYPE.SOA))[0]).toMatch(
        /^ns1\.example\.test\. nobody\.invalid\. /,
      )
      expect((await ask(NAME)).rcode).toBe(RCODE.REFUSED)
      expect((await ask('8.8.8.8.geo.file.test')).rcode).toBe(RCODE.REFUSED)
      expect((await ask('8.8.8.8.origin.asn.cymru.com')).rcode).toBe(RCODE.REFUSED)
      expect((await ask('8.8.8.8.us.countries.nerd.dk', TYPE.A)).rcode).toBe(RCODE.NXDOMAIN)
      expect(answersOf(await ask('8.8.8.8.zz.countries.nerd.dk', TYPE.A))).toEqual(['127.0.3.72'])
    }
  })

  test.each([
    [
      'a wrong zone file',
      { 'z.yaml': 'zones:\n  mine:\n    apex: a.test\n    owner: ip\n    txt: "{asn}"\n' },
      ['--zones', '.'],
      'z.yaml:3: zone mine, example: a zone needs an example: a question and its answer',
    ],
    [
      'an unknown setting in asnzone.yaml',
      { 'asnzone.yaml': 'domain: a.test\nlistn: x' },
      [],
      "asnzone.yaml:2: no such setting as 'listn'; did you mean 'listen'?",
    ],
    [
      'no address',
      {},
      ['--listen', 'localhost'],
      "--listen: 'localhost' is not an address; write 127.0.0.1:5300",
    ],
    ['a wrong domain', {}, ['--domain', 'a..b'], "--domain: 'a..b' has an empty label"],
  ] as const)('%s: one line, exit 1', async (_, files, args, message) => {
    const cwd = temporaryFolder(files)
    const outcome = await runCli(['serve', '--log-format', 'json', '--listen', '127.0.0.1:0', ...args], {
      cwd,
    })
    expect(outcome).toMatchObject({ code: 1, stdout: '' })
    expect(complaints(outcome)).toEqual([expect.stringContaining(`asnzone: ${message}`)])
  })

  test('an unknown variable: one line, exit 1', async () => {
    const outcome = await runCli(['serve'], { env: { ASNZONE_LISTN: '127.0.0.1:0' } })
    expect(outcome).toMatchObject({
      code: 1,
      stderr: "asnzone: ASNZONE_LISTN: no such setting; did you mean 'ASNZONE_LISTEN'?\n",
    })
  })

  test('an unknown option: exit 1 and a hint', async () => {
    const outcome = await runCli(['serve', '--listne', 'x'])
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toMatch(/^error: unknown option '--listne'\n\(Did you mean --listen\?\)\n/)
  })
})

describe.concurrent('the end', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s: exit 0, connections closed, the ports free',
    async (signal) => {
      const server = await start([])
      const [address] = server.addresses
      const client = await TcpClient.connect(address)
      // A reply over TCP comes from the thread that takes signals: it is ready for one.
      client.send(query(NAME))
      expect(await client.receive()).not.toBeNull()
      const { code, signal: killedBy } = await server.stop(signal)
      expect({ code, killedBy }).toEqual({ code: 0, killedBy: null })
      expect(await client.receive()).toBeNull()
      expect(server.log.slice(-2).map(({ msg }) => msg)).toEqual([`${signal}: stopping`, 'stopped'])
      await expect(TcpClient.connect(address)).rejects.toThrow('ECONNREFUSED')
      const socket = createSocket('udp4').bind(address.port, address.host)
      await once(socket, 'listening')
      socket.close()
    },
  )

  test('a second signal right after the first, as npm passes one on: exit 0 all the same', async () => {
    const server = await start([])
    const outcome = server.stop('SIGTERM')
    void server.stop('SIGINT')
    expect(await outcome).toMatchObject({ code: 0, signal: null })
    expect(server.log.at(-1)?.msg).toBe('stopped')
  })
})

test('the library of databases is loaded where there are statistics, and nowhere else', async () => {
  const hasLibrary = ({ pid }: RunningServer): boolean =>
    readFileSync(`/proc/${pid}/maps`, 'utf8').includes('libsql')
  const http = ['--http', '127.0.0.1:0']
  expect(hasLibrary(await start(http))).toBe(false)
  const counting = await start([...http, '--stats'])
  await vi.waitFor(() => expect(hasLibrary(counting)).toBe(true), PATIENCE)
})

/** A port that something is bound to over UDP. */
async function takeUdpPort(): Promise<{ port: number; close: () => void }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { port: socket.address().port, close: () => socket.close() }
}
