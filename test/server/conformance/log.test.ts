// What queries can't do to the log and to the disk, and how soon a port that is taken is told of.

import { readdirSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { Asker } from '../../support/asker.ts'
import { COMPILED_DATA, type LaunchedServer, launch, serveCommand } from '../../support/conformance/launch.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { header, query, RCODE } from '../../support/message.ts'
import { runCli } from '../../support/programs.ts'
import { TcpClient } from '../../support/tcp-client.ts'
import { overTcp, overUdp } from '../../support/transports.ts'

const servers: LaunchedServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
})

/** Labels that would be a line of the log, a command to a terminal, or the end of a string. */
const HOSTILE_LABELS = [
  '{"level":50,"msg":"forged"}',
  '\n{"level":50,"msg":"forged"}\n',
  '\x1b]0;forged\x07\x1b[2J',
  'forged\r\nforged',
  '%s%n%x',
  '"\\u0000"',
  'forged\0forged',
  'f\xf6rged',
]

test.each(['json', 'pretty'])('no name of a query is in the log, format %s', async (format) => {
  const args = [
    '--listen',
    '127.0.0.1:0',
    '--data-dir',
    COMPILED_DATA,
    '--log-level',
    'debug',
    '--log-format',
    format,
  ]
  // The options of the command line win over those in front of them.
  const server = launch(serveCommand(args))
  servers.push(server)
  // The last line of the start.
  await server.printed('try: dig ')
  const [, port] = /answers on 127\.0\.0\.1:(\d+)/.exec(server.output()) ?? []
  const address = { host: '127.0.0.1', port: Number(port) }
  const before = server.output()
  for (const transport of [overUdp(address), overTcp(address)]) {
    const asker = new Asker(() => transport)
    for (const label of HOSTILE_LABELS) {
      for (const zone of [['geo', 'asnzone', 'internal'], ['example', 'com'], []]) {
        for (const type of [16, 252, 255]) {
          const octets = query([label, ...zone], { type, edns: {} })
          expect([RCODE.NXDOMAIN, RCODE.REFUSED]).toContain((await asker.send(octets)).rcode)
        }
      }
      await asker.exchange([header(1, 0), query([label]).subarray(0, -3)])
    }
  }
  const garbage = await TcpClient.connect(address)
  await garbage.write(Buffer.from(`\0\x05${HOSTILE_LABELS[1]}`))
  expect(await garbage.receive()).toBeNull()
  garbage.destroy()
  expect(server.output()).toBe(before)
  await server.stop()
  expect(server.output().slice(before.length)).toMatch(/SIGTERM: stopping.*stopped/s)
  expect(server.output()).not.toMatch(/forged/)
})

test('nothing is written but in the data directory', async () => {
  const [cwd, home, temporary, data] = Array.from({ length: 4 }, () => temporaryFolder())
  const env = { PATH: process.env.PATH, HOME: home, XDG_CACHE_HOME: home, TMPDIR: temporary }
  const server = launch(serveCommand(['--listen', '127.0.0.1:0', '--data-dir', data]), { cwd, env })
  servers.push(server)
  const [address] = await server.ready
  await new Asker(() => overUdp(address)).ask('8.8.8.8.geo.asnzone.internal')
  expect(await server.stop()).toBe(0)
  for (const folder of [cwd, home, temporary]) expect(readdirSync(folder, { recursive: true })).toEqual([])
  expect(readdirSync(data).sort()).toEqual(['serial.json', 'sums.json', 'table.snapshot'])
})

test('a port in use ends a start before any data is read', async () => {
  const server = launch(serveCommand(['--listen', '127.0.0.1:0', '--data-dir', COMPILED_DATA]))
  servers.push(server)
  const [{ port }] = await server.ready
  const empty = temporaryFolder()
  const args = ['serve', '--log-format', 'json', '--listen', `127.0.0.1:${port}`, '--data-dir', empty]
  const outcome = await runCli(args)
  expect(outcome.code).toBe(1)
  expect(outcome.stderr).toBe(
    `asnzone: 127.0.0.1:${port} (TCP): another program listens there; stop it or choose another --listen\n`,
  )
  expect(readdirSync(empty)).toEqual([])
})
