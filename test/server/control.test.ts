// The control socket: one JSON line in, one out, and nothing that a client does can hurt the server.

import { once } from 'node:events'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { askControl, ControlSocket } from '../../src/server/control.ts'
import { temporaryFolder } from '../support/folders.ts'
import { runCli, startServer } from '../support/programs.ts'

let path: string
let socket: ControlSocket | null

beforeEach(async () => {
  path = join(temporaryFolder(), 'control.sock')
  socket = await ControlSocket.listen(path, {
    status: async () => ({ ok: true, pid: 7 }),
    reload: async ({ force = false }) => ({ ok: force, reason: 'it is worse' }),
    fail: async () => Promise.reject(new Error('no disk')),
  })
})
afterEach(() => socket?.close())

/** Sends octets and gives what comes back. */
function send(text: string): Promise<string> {
  return new Promise((resolve) => {
    const client = connect({ path })
    let reply = ''
    client.setEncoding('utf8').on('data', (chunk: string) => {
      reply += chunk
    })
    client.once('close', () => resolve(reply))
    client.once('error', () => {})
    client.end(text)
  })
}

test.each([
  [{ command: 'status' }, { ok: true, pid: 7 }],
  [{ command: 'reload' }, { ok: false, reason: 'it is worse' }],
  [
    { command: 'reload', force: true },
    { ok: true, reason: 'it is worse' },
  ],
  [{ command: 'fail' }, { ok: false, reason: 'no disk' }],
  [{ command: 'stop' }, { ok: false, reason: "no such command as 'stop'; known are status, reload, fail" }],
  [
    { command: 'toString' },
    { ok: false, reason: "no such command as 'toString'; known are status, reload, fail" },
  ],
])('%o', async (request, reply) => {
  expect(await askControl(path, request)).toEqual(reply)
})

test('a server that hangs is not waited for without end', async () => {
  const silent = join(temporaryFolder(), 'control.sock')
  const server = createServer(() => {}).listen(silent)
  await once(server, 'listening')
  await expect(askControl(silent, { command: 'status' }, 20)).rejects.toThrow(
    `${silent}: the server has not answered for 0.02 s: is it stopped, or the host too busy?`,
  )
  server.close()
})

describe('a data directory that is not there yet', () => {
  test('is made before the socket is bound in it', async () => {
    const absent = join(temporaryFolder(), 'state', 'asnzone', 'control.sock')
    const other = await ControlSocket.listen(absent, { status: async () => ({ ok: true }) })
    expect(await askControl(absent, { command: 'status' })).toEqual({ ok: true })
    await other?.close()
  })

  test('and can not be: the error names it', async () => {
    const file = join(temporaryFolder({ file: '' }), 'file')
    const reason = new RegExp(`ENOTDIR.*${file}`)
    await expect(ControlSocket.listen(join(file, 'data', 'control.sock'), {})).rejects.toThrow(reason)
  })

  test('a first start: status and reload, which update ends with, find the server', async () => {
    const directory = join(temporaryFolder(), 'state', 'asnzone')
    const files = { 'ours.csv': 'cidr,asn,name,country\n10.0.0.0/8,64512,our LAN,DE\n' }
    const cwd = temporaryFolder({
      ...files,
      'asnzone.yaml': 'feed: none\nsources: [{ what: override, format: overrides, from: ours.csv }]\n',
    })
    const args = ['--data-dir', directory]
    const server = await startServer(args, { cwd })
    expect(server.log.map(({ msg }) => msg)).not.toContainEqual(expect.stringContaining('control socket'))
    const status = await runCli(['status', ...args, '--json'], { cwd })
    expect(JSON.parse(status.stdout).server).toMatchObject({ ok: true })
    expect(await runCli(['reload', ...args], { cwd })).toMatchObject({ code: 0, stderr: '' })
    await server.stop()
  })
})

describe('what is not a request', () => {
  test.each(['null\n', '5\n', '[]\n', '{}\n'])('%j', async (text) => {
    expect(JSON.parse(await send(text))).toMatchObject({
      ok: false,
      reason: expect.stringContaining('no such command'),
    })
  })

  test('is told so when it is not JSON', async () => {
    expect(JSON.parse(await send('hello\n'))).toMatchObject({ ok: false })
  })

  test('is dropped when it never ends', async () => {
    expect(await send('x'.repeat(100_000))).toBe('')
    expect(await askControl(path, { command: 'status' })).toEqual({ ok: true, pid: 7 })
  })
})

test('only its user may open it', () => {
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('a second server is told that there is one', async () => {
  expect(await ControlSocket.listen(path, {})).toBeNull()
  expect(await askControl(path, { command: 'status' })).toEqual({ ok: true, pid: 7 })
})

test('what a dead server has left is replaced', async () => {
  const dead = join(temporaryFolder(), 'control.sock')
  writeFileSync(dead, '')
  const heir = await ControlSocket.listen(dead, { status: async () => ({ ok: true }) })
  expect(await askControl(dead, { command: 'status' })).toEqual({ ok: true })
  await heir?.close()
})

test('it is gone when it is closed, and nobody answers', async () => {
  await socket?.close()
  socket = null
  expect(existsSync(path)).toBe(false)
  expect(await askControl(path, { command: 'status' })).toBeNull()
})

test('a path that is too long for a socket is refused', async () => {
  const long = join(temporaryFolder(), 'x'.repeat(120))
  await expect(ControlSocket.listen(long, {})).rejects.toThrow('may have 103 octets; a shorter data-dir')
})
