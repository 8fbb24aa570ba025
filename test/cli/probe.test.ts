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

test('a mistake elsewhere in the config is told, and the server is as well as it is', async () => {
  const cwd = temporaryFolder({ 'asnzone.yaml': `listen: ["${address}"]\npolcy: 1\n` })
  const outcome = await runCli(['probe'], { cwd })
  expect(outcome).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(' answers for asnzone.internal in '),
  })
  expect(outcome.stderr).toMatch(/^asnzone: asnzone\.yaml:2: no such setting as 'polcy'; .*\n/)
})

test('so is one in a zone file', async () => {
  const zones = temporaryFolder({ 'a.yaml': 'zones: 7\n' })
  const cwd = temporaryFolder({ 'asnzone.yaml': `listen: ["${address}"]\nzones: ${zones}\n` })
  const outcome = await runCli(['probe'], { cwd })
  expect(outcome).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`ok: ${address} answers for asnzone.internal in `),
  })
  expect(outcome.stderr).toContain('a.yaml')
})

test('of a mistake in what tells where the server is nothing else is told', async () => {
  const cwd = temporaryFolder({ 'asnzone.yaml': `listen: ["${address}:x"]\n` })
  expect(await runCli(['probe'], { cwd })).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^asnzone: asnzone\.yaml:1: listen: [^\n]*\n$/),
  })
})

test.each([
  ['all presets', 'asnzone, cymru, nerd-dk, routeviews, rspamd, spameatingmonkey'],
  ['a zone of the file', 'mine'],
])('nor does it need to know what is left where %s is disabled', async (_, disable) => {
  const zones = temporaryFolder({ 'a.yaml': 'zones: 7\n' })
  const config = `listen: ["${address}"]\nzones: ${zones}\ndisable: [${disable}]\n`
  const cwd = temporaryFolder({ 'asnzone.yaml': config })
  const outcome = await runCli(['probe'], { cwd })
  expect(outcome.stderr).toContain('a.yaml')
  expect(outcome).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`ok: ${address} answers in `),
  })
})

test('a domain that is named is asked for, whatever the config is', async () => {
  const cwd = temporaryFolder({ 'asnzone.yaml': 'domain: [\n' })
  const outcome = await runCli(['probe', '--listen', address, '--domain', 'other.test'], { cwd })
  expect(outcome).toMatchObject({ code: 1, stdout: '' })
  expect(outcome.stderr).toContain(`asnzone: ${address} replies REFUSED for other.test\n`)
})

test('a config that can’t be read says nothing of a server that is named', async () => {
  const cwd = temporaryFolder({ 'asnzone.yaml': 'domain: [\n' })
  const outcome = await runCli(['probe', '--listen', address], { cwd })
  expect(outcome).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`ok: ${address} answers in `),
  })
  expect(outcome.stderr).toMatch(/^asnzone: asnzone\.yaml:\d: /)
  expect(await runCli(['probe'], { cwd })).toMatchObject({ code: 1, stdout: '' })
  const env = { ASNZONE_LISTEN: address }
  const { code, stderr } = await runCli(['probe'], { cwd, env })
  expect({ code, stderr }).toEqual({ code: outcome.code, stderr: outcome.stderr })
})

test('a variable that is nearly called like what is given is told, and hides nothing', async () => {
  for (const [args, env] of [
    [['probe', '--listen', address], { ASNZONE_LISTN: 'x' }],
    [['probe'], { ASNZONE_LISTN: 'x', ASNZONE_LISTEN: address }],
  ] as const) {
    const { code, stderr } = await runCli(args, { cwd: temporaryFolder(), env })
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining("ASNZONE_LISTN: no such setting; did you mean 'ASNZONE_LISTEN'?"),
    ])
  }
  expect(await runCli(['probe'], { cwd: temporaryFolder(), env: { ASNZONE_LISTN: 'x' } })).toMatchObject({
    code: 1,
  })
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
