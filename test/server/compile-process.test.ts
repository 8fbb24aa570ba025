// The process that compiles dies: the server answers all the same, and what killed it twice is not tried again.

import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { childrenOf } from '../support/child-process.ts'
import { type LaunchedServer, launch, serveCommand } from '../support/conformance/launch.ts'
import { temporaryFolder } from '../support/folders.ts'
import { dig, runCli } from '../support/programs.ts'

const ENTRY = 'compile-process.js'

/** The most memory that a process has had, in octets. */
function peakOf(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
}

/** How much higher the peak of a first start is than that of the next one, in octets. */
async function extraPeak(): Promise<number> {
  const data = temporaryFolder()
  const command = serveCommand(['--data-dir', data, '--listen', '127.0.0.1:0', '--workers', '1'])
  const peaks: number[] = []
  for (let start = 0; start < 2; start++) {
    const server = launch(command)
    await server.ready
    await vi.waitFor(() => expect(existsSync(join(data, 'table.snapshot'))).toBe(true), PATIENCE)
    peaks.push(peakOf(server.pid))
    await server.stop()
  }
  return peaks[0] - peaks[1]
}

test('a first start takes hardly more memory than later ones: of the table that comes through a pipe, no second copy', async () => {
  // When garbage is collected moves a peak by some MB, up only: the least of a few counts. The table has 18 MB.
  const most = 8 << 20
  let least = await extraPeak()
  for (let more = 0; more < 3 && least >= most; more++) least = Math.min(least, await extraPeak())
  expect(least).toBeLessThan(most)
})

/** How long what has to happen may take. */
const PATIENCE = { timeout: 30_000 }

const pipes: string[] = []
afterEach(() => {
  // Who waits for somebody to write to it reads nothing and ends.
  for (const pipe of pipes.splice(0)) closeSync(openSync(pipe, 'r+'))
})

/** A server with a source that is packed, and a program to unpack it that takes for ever. */
function endlessSource(feed = 'ip-location-db') {
  const folder = temporaryFolder()
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  pipes.push(pipe)
  writeFileSync(join(folder, 'bzip2'), `#!/bin/sh\nexec cat '${pipe}'\n`, { mode: 0o755 })
  const source = join(folder, 'asn.csv')
  writeFileSync(source, 'BZh')
  const data = join(folder, 'data')
  const config = join(folder, 'asnzone.yaml')
  writeFileSync(
    config,
    `feed: ${feed}\nsources:\n  - what: asn\n    format: ip-location-db\n    from: ${source}\n`,
  )
  const options = ['--config', config, '--data-dir', data, '--listen', '127.0.0.1:0', '--workers', '1']
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` }
  const start = (...more: string[]) => launch(serveCommand([...options, ...more]), { env })
  return { source, data, config, start }
}

/** Resolves with the process that compiles for a server. */
function compilerOf(server: LaunchedServer): Promise<number> {
  return vi.waitFor(() => {
    const [compiler] = childrenOf(server.pid, ENTRY)
    expect(compiler).toBeDefined()
    return compiler
  }, PATIENCE)
}

/** Resolves when the process that has compiled for a server is gone: it writes the snapshot while that answers. */
const hasCompiled = (server: LaunchedServer): Promise<void> =>
  vi.waitFor(() => expect(childrenOf(server.pid, ENTRY)).toEqual([]), PATIENCE)

/** Resolves when it does what it begins with. */
async function isReady(compiler: number): Promise<number> {
  await vi.waitFor(() => expect(scoreOf(compiler)).toBe('1000'), PATIENCE)
  return compiler
}

/** Resolves when a process is there no more. */
const isGone = (pid: number) =>
  vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), PATIENCE)

const scoreOf = (pid: number): string => readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim()

async function answer(server: LaunchedServer, name = '8.8.8.8'): Promise<string> {
  const [address] = await server.ready
  return dig(address, ['+short', 'TXT', `${name}.origin.asnzone.internal`])
}

const errorsOf = (server: LaunchedServer): string[] =>
  server.log.filter(({ level }) => level >= 50).map(({ msg }) => msg)

test.skipIf(process.platform !== 'linux')(
  'a server whose compiling process is killed answers from older data, and tries the same data twice at most',
  async () => {
    const { source, data, start } = endlessSource()
    const killed = 'the process that compiles the data was killed, as happens where memory is short'

    const first = start()
    process.kill(await compilerOf(first), 'SIGKILL')
    expect(await answer(first)).toMatch(/^"15169 \|/)
    expect(errorsOf(first)).toEqual([
      expect.stringContaining(`answers from the embedded data, because ${killed}`),
    ])
    expect(await first.stop()).toBe(0)

    const second = start()
    process.kill(await compilerOf(second), 'SIGKILL')
    expect(await answer(second)).toMatch(/^"15169 \|/)
    expect(errorsOf(second)).toEqual([
      expect.stringMatching(/^answers from the old snapshot, of data of 2026-/),
    ])
    expect(await second.stop()).toBe(0)

    const third = start()
    expect(await answer(third)).toMatch(/^"15169 \|/)
    expect(errorsOf(third)).toEqual([
      expect.stringMatching(
        /a process twice, and is not tried again automatically: asnzone reload --force tries it$/,
      ),
    ])
    expect(childrenOf(third.pid, ENTRY)).toEqual([])
    const reload = (...args: string[]) => runCli(['reload', '--data-dir', data, ...args])
    expect(await reload()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('automatically: asnzone reload --force tries it'),
    })

    const forced = reload('--force')
    process.kill(await compilerOf(third), 'SIGKILL')
    expect(await forced).toMatchObject({ code: 1, stderr: expect.stringContaining(killed) })
    expect(await answer(third)).toMatch(/^"15169 \|/)

    writeFileSync(source, '9.9.9.0,9.9.9.255,64500,Another\n')
    expect(await reload()).toMatchObject({ code: 0 })
    expect(await answer(third, '9.9.9.9')).toMatch(/^"64500 \|/)
    expect(existsSync(join(data, 'compiling.json'))).toBe(false)
    expect(await third.stop()).toBe(0)
  },
)

test.skipIf(process.platform !== 'linux')(
  'the process that compiles goes first where memory is short, and last where the processor is',
  async () => {
    const { data, start } = endlessSource()
    const server = start()
    const compiler = await isReady(await compilerOf(server))
    expect(scoreOf(server.pid)).toBe(scoreOf(process.pid))
    /** The nice values that threads of a process have. */
    const prioritiesOf = (pid: number): number[] => [
      ...new Set(readdirSync(`/proc/${pid}/task`).map((thread) => getPriority(Number(thread)))),
    ]
    expect(prioritiesOf(compiler)).toEqual([getPriority()])
    process.kill(compiler, 'SIGKILL')
    await server.ready
    await hasCompiled(server)

    const reload = runCli(['reload', '--data-dir', data, '--force'])
    const inBackground = await compilerOf(server)
    await vi.waitFor(() => expect(prioritiesOf(inBackground)).toEqual([19]), PATIENCE)
    // Main thread and workers first, V8's own after them.
    expect(getPriority(server.pid)).toBe(getPriority())
    expect(prioritiesOf(server.pid)).toEqual([...new Set([getPriority(), Math.max(getPriority(), 10)])])
    process.kill(inBackground, 'SIGKILL')
    await reload
    await server.stop()
  },
)

test.skipIf(process.platform !== 'linux')(
  'the process that compiles ends with its server, however that ends, and a stop is not held against the data',
  async () => {
    const { data, start } = endlessSource()
    const stopped = start()
    const compiler = await isReady(await compilerOf(stopped))
    // As systemd does, which tells every process of a service.
    process.kill(compiler, 'SIGTERM')
    expect(childrenOf(stopped.pid, ENTRY)).toEqual([compiler])
    expect(await stopped.stop()).toBe(0)
    await isGone(compiler)
    expect(existsSync(join(data, 'compiling.json'))).toBe(false)

    const killed = start()
    const left = await isReady(await compilerOf(killed))
    process.kill(killed.pid, 'SIGKILL')
    await killed.stop()
    await isGone(left)
    expect(JSON.parse(readFileSync(join(data, 'compiling.json'), 'utf8'))).toMatchObject({ tries: 1 })
  },
)

test.skipIf(process.platform !== 'linux')(
  'the embedded data, which are all that there is, are tried however often that ended in a death',
  async () => {
    const data = temporaryFolder()
    const start = () =>
      launch(serveCommand(['--data-dir', data, '--listen', '127.0.0.1:0', '--workers', '1']))
    for (let time = 0; time < 2; time++) {
      const server = start()
      await isReady(await compilerOf(server))
      process.kill(server.pid, 'SIGKILL')
      await server.stop()
    }
    expect(JSON.parse(readFileSync(join(data, 'compiling.json'), 'utf8'))).toMatchObject({ tries: 2 })
    const server = start()
    expect(await answer(server)).toMatch(/^"15169 \|/)
    expect(errorsOf(server)).toEqual([expect.stringContaining('tries the embedded data all the same')])
    expect(await server.stop()).toBe(0)
    expect(existsSync(join(data, 'compiling.json'))).toBe(false)
  },
)

test.skipIf(process.platform !== 'linux')(
  'a process that takes longer than max-time is ended with what it has started, though it be stopped',
  async () => {
    const { source, data, config, start } = endlessSource('none')
    const endless = readFileSync(source)
    writeFileSync(source, '8.8.8.0,8.8.8.255,15169,Google\n')
    const server = start()
    await server.ready
    await hasCompiled(server)
    const reload = () => runCli(['reload', '--data-dir', data])
    const late =
      'the process that compiles the data took longer than max-time and was ended; does a disk hang'

    writeFileSync(source, endless)
    const settings = readFileSync(config, 'utf8')
    // On a busy machine a process in the background hardly gets a turn, and may be ended before it has started any.
    let unpackers: number[] = []
    for (let seconds = 5; unpackers.length === 0; seconds *= 2) {
      writeFileSync(config, `${settings}max-time: ${seconds}s\n`)
      let isOver = false
      const first = reload().finally(() => {
        isOver = true
      })
      const compiler = await compilerOf(server)
      await vi.waitFor(() => {
        unpackers = childrenOf(compiler, join(source, '..', 'pipe'))
        expect(isOver || unpackers.length === 1).toBe(true)
      }, PATIENCE)
      expect(await first).toMatchObject({ code: 1, stderr: expect.stringContaining(late) })
      expect(await answer(server)).toMatch(/^"15169 \|/)
      await isGone(compiler)
    }
    await isGone(unpackers[0])

    const second = reload()
    const stopped = await isReady(await compilerOf(server))
    process.kill(stopped, 'SIGSTOP')
    expect(await second).toMatchObject({ code: 1, stderr: expect.stringContaining(late) })
    await isGone(stopped)

    writeFileSync(source, '8.8.8.0,8.8.8.255,15169,Google\n9.9.9.0,9.9.9.255,64500,Another\n')
    expect(await reload()).toMatchObject({ code: 0 })
    expect(await answer(server, '9.9.9.9')).toMatch(/^"64500 \|/)
    expect(await server.stop()).toBe(0)
  },
  180_000,
)

test.skipIf(process.platform !== 'linux')(
  'status and the next reload tell of one that is going on',
  async () => {
    const { source, data, start } = endlessSource()
    const endless = readFileSync(source)
    writeFileSync(source, '9.9.9.0,9.9.9.255,64500,Another\n')
    const server = start()
    await server.ready
    const run = (...args: string[]) => runCli([...args, '--data-dir', data])
    const reloading = async () => JSON.parse((await run('status', '--json')).stdout).server.reloading
    expect(await reloading()).toBeNull()

    writeFileSync(source, endless)
    const first = run('reload')
    const compiler = await compilerOf(server)
    const since = expect.stringMatching(/^20\d\d-/)
    expect(await reloading()).toEqual({ trigger: 'asnzone reload', since, waiting: [] })
    const second = run('reload', '--force')
    await server.printed('asnzone reload --force: waits for the reload by asnzone reload, which began 20')
    expect(await reloading()).toMatchObject({ waiting: ['asnzone reload --force'] })
    expect((await run('status')).stdout).toMatch(
      /^reload {3}going on since 20.* UTC, for \d+ s, by asnzone reload; asnzone reload --force after it$/m,
    )
    process.kill(compiler, 'SIGKILL')
    expect(await first).toMatchObject({ code: 1, stderr: expect.stringContaining('was killed') })
    process.kill(await compilerOf(server), 'SIGKILL')
    const { code, stderr } = await second
    expect(code).toBe(1)
    expect(stderr).toMatch(/^asnzone: the server has a reload going on since 20.*; this one comes after it\n/)
    expect(await reloading()).toBeNull()
    expect(await server.stop()).toBe(0)
  },
)

test.skipIf(process.platform !== 'linux')(
  'the process that compiles ends with its server even when it can do nothing',
  async () => {
    const { start } = endlessSource()
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const server = start()
      const compiler = await isReady(await compilerOf(server))
      process.kill(compiler, 'SIGSTOP')
      process.kill(server.pid, signal)
      await server.stop()
      await isGone(compiler)
    }
  },
)

test.skipIf(process.platform !== 'linux')('a folder that can’t be made is not an endless loop', async () => {
  const cwd = temporaryFolder({
    'one.csv': '9.9.9.0,9.9.9.255,64500,Another\n',
    'asnzone.yaml': 'feed: none\nsources: [{ what: asn, format: ip-location-db, from: one.csv }]\n',
  })
  const { code, stderr } = await runCli(['check', '--data-dir', '/proc/1/asnzone/data'], { cwd })
  expect([code, stderr]).toEqual([0, expect.stringContaining('no snapshot')])
})

test.skipIf(process.platform !== 'linux')(
  'where nothing else can be answered, the start that is refused names what lets it be tried',
  async () => {
    const { data, start } = endlessSource('none')
    for (let time = 0; time < 2; time++) {
      const server = start()
      process.kill(await compilerOf(server), 'SIGKILL')
      await expect(server.ready).rejects.toThrow('was killed')
    }
    await expect(start().ready).rejects.toThrow(
      'automatically: asnzone update --force lets the next start try it',
    )
    const update = await runCli(['update', '--force', '--feed', 'embedded', '--data-dir', data])
    expect(update).toMatchObject({
      code: 0,
      stdout:
        'there is nothing to fetch: no source is a URL, and feed is not one\n' +
        'no server runs with this data directory; the next one compiles what is here\n',
    })
    const server = start()
    process.kill(await compilerOf(server), 'SIGKILL')
    await expect(server.ready).rejects.toThrow('was killed')
  },
)
