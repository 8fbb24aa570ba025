// Signals from the first moment on: none opens the debugger of Node.js, and a server loses none.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { COMPILED_DATA, type LaunchedServer, launch, serveCommand } from '../support/conformance/launch.ts'
import { temporaryFolder } from '../support/folders.ts'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** Signals as bits of the masks in /proc. */
const BIT = { SIGHUP: 1 << 0, SIGUSR1: 1 << 9 } as const

const programs: LaunchedServer[] = []
afterEach(async () => {
  for (const program of programs.splice(0)) await program.stop()
})

/** A command that opens its debugger, if it does, on a port of its own. */
function start(command: readonly string[], options = ''): LaunchedServer {
  const env = { ...process.env, NODE_OPTIONS: `--inspect-port=0 ${options}`.trim() }
  const program = launch(command, { env })
  programs.push(program)
  return program
}

const startServer = (options?: string): LaunchedServer =>
  start(serveCommand(['--listen', '127.0.0.1:0', '--data-dir', COMPILED_DATA]), options)

/** Resolves once a process has signals in a mask of its first thread. */
async function untilMasked(pid: number, mask: 'SigBlk' | 'SigCgt', signal: keyof typeof BIT): Promise<void> {
  for (;;) {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const low = new RegExp(`^${mask}:\\s*[0-9a-f]{8}([0-9a-f]{8})$`, 'm').exec(status)?.[1] ?? ''
    if ((Number.parseInt(low, 16) & BIT[signal]) !== 0) return
    await setImmediate()
  }
}

/** The ports of this host that a process listens on over TCP. */
function listeningPorts(pid: number): number[] {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`)
    } catch {
      return ''
    }
  })
  const inodes = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]))
  const rows = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').trim().split('\n').slice(1)
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === '0A' && inodes.has(inode))
    .map(([, local]) => Number.parseInt(local.split(':')[1], 16))
}

/** Resolves once a process listens on these ports and no other. */
async function untilListeningOn(pid: number, ports: readonly number[]): Promise<void> {
  while (String(listeningPorts(pid)) !== String(ports)) await setImmediate()
}

test('the program reads nothing before it takes signals', () => {
  const importsOf = (path: string) =>
    [...readFileSync(path, 'utf8').matchAll(/^import\b[^(].*?["'](.+)["']/gm)].map(([, it]) => it)
  const [early, ...others] = importsOf(MAIN)
  expect(others).toEqual([])
  const path = join(dirname(MAIN), early)
  expect(readFileSync(path, 'utf8')).toContain('process.on("SIGUSR1"')
  expect(importsOf(path)).toEqual([])
})

describe('SIGUSR1 while the program starts: no debugger, and it lives', () => {
  test.each([
    ['while Node.js holds it back', (pid: number) => untilMasked(pid, 'SigBlk', 'SIGUSR1')],
    ['as soon as Node.js takes it', (pid: number) => untilMasked(pid, 'SigCgt', 'SIGUSR1')],
    ['as soon as the program takes signals', (pid: number) => untilMasked(pid, 'SigCgt', 'SIGHUP')],
  ])('%s', async (_, moment) => {
    const server = startServer()
    await moment(server.pid)
    process.kill(server.pid, 'SIGUSR1')
    const [{ port }] = await server.ready
    await untilListeningOn(server.pid, [port])
    expect(await server.stop()).toBe(0)
  })

  test('again and again, from the first moment on', async ({ signal }) => {
    const server = startServer()
    await untilMasked(server.pid, 'SigBlk', 'SIGUSR1')
    let isReady = false
    void server.ready.then(() => {
      isReady = true
    })
    while (!isReady && !signal.aborted) {
      process.kill(server.pid, 'SIGUSR1')
      // Not faster than they are read: Node.js reads on for as long as some come, and drops whatever comes behind 4,096.
      await setTimeout(1)
    }
    const [{ port }] = await server.ready
    await untilListeningOn(server.pid, [port])
    await server.printed('SIGUSR1: logs reopened')
  })

  test('where the debugger can’t listen, as in the unit, it is not even opened for a moment', async () => {
    const options = /^Environment=NODE_OPTIONS=(.*)$/m.exec(
      readFileSync(new URL('../../docs/asnzone.service', import.meta.url), 'utf8'),
    )?.[1]
    const server = startServer(options)
    await untilMasked(server.pid, 'SigBlk', 'SIGUSR1')
    process.kill(server.pid, 'SIGUSR1')
    await server.ready
    expect(server.output()).not.toContain('Debugger listening')
  })

  test('nor does the process that compiles', async () => {
    const data = temporaryFolder()
    const server = start(serveCommand(['--listen', '127.0.0.1:0', '--data-dir', data]))
    let child = ''
    // Before its exec it is a copy of the server, with all signals held back.
    while (child === '' || !readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('compile-process.js')) {
      child = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim()
      await setImmediate()
    }
    await untilMasked(Number(child), 'SigBlk', 'SIGUSR1')
    process.kill(Number(child), 'SIGUSR1')
    const seen = new Set<number>()
    try {
      for (;;) {
        for (const port of listeningPorts(Number(child))) seen.add(port)
        await setImmediate()
      }
    } catch {
      // It has ended.
    }
    await server.ready
    expect([...seen]).toEqual([])
  })

  test('a debugger that is asked for stays', async () => {
    const server = startServer('--inspect')
    await server.ready
    expect(listeningPorts(server.pid)).toHaveLength(2)
  })
})

describe('what a server was told while it started', () => {
  test('SIGHUP: it goes on, and looks at its data once it has some', async () => {
    const server = startServer()
    await untilMasked(server.pid, 'SigCgt', 'SIGHUP')
    process.kill(server.pid, 'SIGHUP')
    await server.printed('nothing is new (SIGHUP)')
  })

  test.each(['SIGTERM', 'SIGINT'] as const)('%s: it ends with 0 as soon as it can', async (signal) => {
    const server = startServer()
    await untilMasked(server.pid, 'SigCgt', 'SIGHUP')
    process.kill(server.pid, signal)
    // Whether it still says that it answers depends on how far it is.
    await expect(server.printed('no line says this')).rejects.toThrow('it ended with 0')
  })
})

describe('a command that is not a server', () => {
  /** A query that nobody answers, once it was asked. */
  async function asking(): Promise<LaunchedServer> {
    const silent = createSocket('udp4').bind(0, '127.0.0.1')
    await once(silent, 'listening')
    const asked = once(silent, 'message')
    const at = `127.0.0.1:${silent.address().port}`
    const program = start([process.execPath, MAIN, 'query', 'example.com', '--server', at])
    await asked
    silent.close()
    return program
  }

  test('SIGUSR1 opens no debugger', async () => {
    const program = await asking()
    process.kill(program.pid, 'SIGUSR1')
    await untilListeningOn(program.pid, [])
    await expect(program.ready).rejects.toThrow('it ended with 9: asnzone: no reply')
    expect(program.output()).not.toContain('Debugger')
  })

  test.each(['SIGHUP', 'SIGINT', 'SIGTERM'] as const)('%s ends it', async (signal) => {
    const program = await asking()
    process.kill(program.pid, signal)
    await expect(program.ready).rejects.toThrow('it ended with null')
  })
})
