// asnzone probe against a running server, a silent one, and one that refuses.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatListenAddress } from '../../src/system/listen-address.ts'
import { temporaryFolder } from '../support/folders.ts'
import { type RunningServer, runCli, startServer } from '../support/programs.ts'

let server: RunningServer
let address: string

beforeAll(async () => {
  server = await startServer()
  address = formatListenAddress(server.addresses[0])
})
afterAll(() => server.stop())

test('a server that answers: one line, exit 0', async () => {
  const outcome = await runCli(['probe', '--listen', address])
  expect(outcome).toMatchObject({ code: 0, stderr: '' })
  expect(outcome.stdout).toMatch(new RegExp(`^ok: ${address} answers for asnzone\\.internal in \\d+ ms\\n$`))
})

test('the address and the zone are those of the config', async () => {
  const cwd = temporaryFolder({ 'asnzone.yaml': `listen: ["${address}"]\ndisable: [asnzone]\n` })
  const outcome = await runCli(['probe'], { cwd })
  expect(outcome).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(' answers for origin.asn.cymru.com in '),
  })
})

test('a wildcard is reached on loopback, and one address that answers is enough', async () => {
  const { port } = server.addresses[0]
  const outcome = await runCli(['probe', '--listen', '127.0.0.1:1', '--listen', `0.0.0.0:${port}`])
  expect(outcome).toMatchObject({ code: 0, stdout: expect.stringContaining(`ok: 127.0.0.1:${port} answers`) })
})

test('a zone that is not served: one line, exit 1', async () => {
  expect(await runCli(['probe', '--listen', address, '--domain', 'other.test'])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: `asnzone: ${address} replies REFUSED for other.test\n`,
  })
})

test('no reply: one line, exit 1', async () => {
  const silent = createSocket('udp4').bind(0, '127.0.0.1')
  await once(silent, 'listening')
  const to = `127.0.0.1:${silent.address().port}`
  const outcome = await runCli(['probe', '--listen', to])
  silent.close()
  expect(outcome).toMatchObject({ code: 1, stdout: '' })
  expect(outcome.stderr).toMatch(new RegExp(`^asnzone: ${to} does not reply: .*\\n$`))
})
