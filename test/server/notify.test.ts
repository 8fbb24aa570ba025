// What systemd is told: the words of sd_notify(3), and when a running server says them.

import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Notifier } from '../../src/system/sd-notify.ts'
import { COMPILED_DATA, launch, serveCommand } from '../support/conformance/launch.ts'
import { temporaryFolder } from '../support/folders.ts'
import { NotifySocket } from '../support/notify-socket.ts'

const sockets: NotifySocket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close()
})

function listen(abstract = false): NotifySocket {
  const socket = new NotifySocket(abstract)
  sockets.push(socket)
  return socket
}

const unexpected = (reason: string): void => {
  throw new Error(reason)
}

test.each([
  ['in the file system', false],
  ['in the abstract namespace', true],
])('a socket %s', async (_, abstract) => {
  const socket = listen(abstract)
  const environment = { NOTIFY_SOCKET: socket.name, OTHER: 'stays' }
  const notifier = await Notifier.of(environment, unexpected)
  expect(environment).toEqual({ OTHER: 'stays' })
  notifier?.ready('answers\nWATCHDOG=trigger')
  expect(await socket.until('READY=1')).toEqual(['READY=1', 'STATUS=answers\\u{a}WATCHDOG=trigger'])
  notifier?.reloading()
  expect(await socket.until('RELOADING=1')).toEqual([
    'RELOADING=1',
    expect.stringMatching(/^MONOTONIC_USEC=\d+$/),
    expect.stringMatching(/^STATUS=/),
  ])
  notifier?.stopping()
  expect(await socket.until('STOPPING=1')).toHaveLength(2)
})

test('without a service manager there is nobody to tell', async () => {
  expect(await Notifier.of({}, unexpected)).toBeNull()
})

test('a service manager that is gone: told once', async () => {
  const reasons: string[] = []
  const notifier = await Notifier.of({ NOTIFY_SOCKET: '/no/such/socket' }, (reason) => reasons.push(reason))
  notifier?.ready('')
  notifier?.stopping()
  expect(reasons).toEqual(['/no/such/socket: sendto: ENOENT'])
})

test('where libc can’t be called, systemd-notify tells', async () => {
  const folder = temporaryFolder({
    'systemd-notify': '#!/bin/sh\nprintf "%s " "$@" "$NOTIFY_SOCKET" > "$0.said"\n',
  })
  chmodSync(join(folder, 'systemd-notify'), 0o755)
  const { PATH } = process.env
  const { arch } = process
  try {
    process.env.PATH = `${folder}:${PATH}`
    Object.defineProperty(process, 'arch', { value: 'arm' })
    const notifier = await Notifier.of({ NOTIFY_SOCKET: '/run/notify' }, unexpected)
    notifier?.ready('answers on 127.0.0.1:53')
    const said = join(folder, 'systemd-notify.said')
    await vi.waitUntil(() => existsSync(said) && readFileSync(said, 'utf8').endsWith('notify '), 30_000)
    expect(readFileSync(said, 'utf8')).toBe('READY=1 STATUS=answers on 127.0.0.1:53 /run/notify ')
  } finally {
    process.env.PATH = PATH
    Object.defineProperty(process, 'arch', { value: arch })
  }
})

describe('the watchdog', () => {
  const watchdog = (socket: NotifySocket, more = {}) =>
    Notifier.of({ NOTIFY_SOCKET: socket.name, WATCHDOG_USEC: '30000', ...more }, unexpected)

  test('is fed for as long as the server is alive, and no longer', async () => {
    const socket = listen()
    const notifier = await watchdog(socket)
    let alive = true
    const told = new Promise<void>((resolve) => notifier?.watch(async () => alive, resolve))
    await socket.until('WATCHDOG=1')
    await socket.until('WATCHDOG=1')
    alive = false
    await told
    notifier?.stopping()
    const { messages } = socket
    await socket.until('STOPPING=1')
    expect(messages.at(-1)).toContain('STOPPING=1')
  })

  test('is not fed when there is no word of the workers, which is told once', async () => {
    const socket = listen()
    const notifier = await watchdog(socket)
    let times = 0
    let asked = 0
    await new Promise<void>((resolve) => {
      notifier?.watch(
        () => {
          asked++
          return new Promise<boolean>(() => {})
        },
        () => {
          times++
          setTimeout(resolve, 100)
        },
      )
    })
    notifier?.stopping()
    await socket.until('STOPPING=1')
    expect({ times, asked, messages: socket.messages.length }).toEqual({ times: 1, asked: 1, messages: 1 })
  })

  test('of another process is not ours', async () => {
    const socket = listen()
    const notifier = await watchdog(socket, { WATCHDOG_PID: '1' })
    notifier?.watch(
      () => Promise.reject(new Error('asked')),
      () => {},
    )
    notifier?.stopping()
    expect(await socket.until('STOPPING=1')).toHaveLength(2)
  })
})

test.each(['mmsg', 'dgram'])('a server tells systemd of its life, UDP by %s', async (udp) => {
  const socket = listen()
  const server = launch(
    serveCommand(['--listen', '127.0.0.1:0', '--udp', udp, '--workers', '2', '--data-dir', COMPILED_DATA]),
    { env: { ...process.env, NOTIFY_SOCKET: socket.name, WATCHDOG_USEC: '300000' }, cwd: temporaryFolder() },
  )
  const [, status] = await socket.until('READY=1')
  const [{ port }] = await server.ready
  expect(status).toBe(`STATUS=answers on 127.0.0.1:${port}; data of 2026-06-17 19:00 UTC, 91064 ASes`)
  await socket.until('WATCHDOG=1')
  process.kill(server.pid, 'SIGHUP')
  await socket.until('RELOADING=1')
  await socket.until('READY=1')
  await socket.until('WATCHDOG=1')
  const [, stopped] = await Promise.all([socket.until('STOPPING=1'), server.stop()])
  expect(stopped).toBe(0)
})
