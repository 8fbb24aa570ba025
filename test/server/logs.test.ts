// The log and the query log of the running server: what they tell, and that nothing stops answers.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { askControl } from '../../src/server/control.ts'
import { VERSION } from '../../src/version.ts'
import { Asker, answersOf } from '../support/asker.ts'
import { compiledData } from '../support/compiled-data.ts'
import { type LaunchedServer, launch, serveCommand } from '../support/conformance/launch.ts'
import { temporaryFolder } from '../support/folders.ts'
import { query } from '../support/message.ts'
import { runCli } from '../support/programs.ts'
import { type Address, overTcp, overUdp } from '../support/transports.ts'

const NAME = '8.8.8.8.geo.asnzone.internal'
const ANSWER = '"15169 | Google LLC | US | -- | 0"'

const servers: LaunchedServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
})

function start(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
  data = compiledData(),
): LaunchedServer {
  const listen = ['--listen', '127.0.0.1:0', '--data-dir', data]
  const server = launch(serveCommand([...listen, ...args]), { cwd: temporaryFolder(files) })
  servers.push(server)
  return server
}

const asking = (address: Address): Asker[] =>
  [overUdp(address), overTcp(address)].map((transport) => new Asker(() => transport))

/** Asks the same over UDP and TCP. */
async function ask(address: Address, name = NAME): Promise<void> {
  for (const asker of asking(address)) expect(answersOf(await asker.ask(name))).toEqual([ANSWER])
}

/** The lines of a file that hold a text, once there are so many. The askers end each exchange with another query. */
async function linesOf(path: string, count: number, text = NAME): Promise<string[]> {
  for (;;) {
    const all = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
    const lines = all.filter((line) => line.includes(text))
    if (lines.length >= count) return lines
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('one line at the start tells what a report of a fault has to tell', async () => {
  const data = compiledData()
  const server = start(['--workers', '2'], { 'asnzone.yaml': 'disable: [nerd-dk]\n' }, data)
  const [{ port }] = await server.ready
  const line = server.log.find(({ listen }) => Array.isArray(listen))
  expect(line).toMatchObject({
    level: 30,
    msg: `asnzone ${VERSION} answers on 127.0.0.1:${port}`,
    version: VERSION,
    node: process.version,
    platform: expect.stringMatching(new RegExp(`^linux \\S+ ${process.arch}$`)),
    udp: 'mmsg',
    koffi: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    workers: 2,
    listen: [`127.0.0.1:${port}`],
    zones: expect.any(Number),
    serial: 2026061719,
    days: expect.any(Number),
    rows: 725347,
    sources: 4,
    directory: data,
    config: expect.stringMatching(/^\/.*\/asnzone\.yaml$/),
    ownZones: null,
    queryLog: null,
    pid: server.pid,
  })
})

/** Starts it as people do, and gives what it says until it answers; `{DATA}` is its data directory. */
async function firstScreen(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  data = compiledData(),
): Promise<string[]> {
  const log = join(temporaryFolder(), 'log')
  const descriptor = openSync(log, 'w')
  const { dev, ino } = fstatSync(descriptor)
  const env = { ...process.env, JOURNAL_STREAM: `${dev}:${ino}`, ...environment }
  const child = spawn(
    process.execPath,
    ['dist/cli/main.js', 'serve', '--listen', '127.0.0.1:0', '--data-dir', data, ...args],
    { stdio: ['ignore', 'ignore', descriptor], env },
  )
  const closed = once(child, 'close')
  closeSync(descriptor)
  try {
    const [trial] = await linesOf(log, 1, 'try: dig')
    expect(trial).toContain(' +short TXT 8.8.8.8.geo.asnzone.internal')
  } finally {
    child.kill('SIGTERM')
    await closed
  }
  return readFileSync(log, 'utf8').replaceAll(data, '{DATA}').split('\n').slice(0, -1)
}

const OLD =
  'data of 2026-06-17 is N days old, more than max-age 45d; asnzone update --data-dir {DATA} fetches new data'
const TRIAL = 'try: dig @127.0.0.1 -p PORT +short TXT 8.8.8.8.geo.asnzone.internal'

/** What varies, as a word. */
const general = (line: string): string =>
  line.replace(/\b\d+(?= days)/, 'N').replace(/(?<=-p |127\.0\.0\.1:)\d+/, 'PORT')

describe('what it says when it starts', () => {
  test('to the journal: three lines with their priorities, and the end', async () => {
    expect((await firstScreen([])).map(general)).toEqual([
      `<6>asnzone ${VERSION} answers on 127.0.0.1:PORT`,
      `<4>${OLD}`,
      `<6>${TRIAL}`,
      '<6>SIGTERM: stopping',
      '<6>stopped',
    ])
  })

  test('to a file: the same, with time and level', async () => {
    const lines = await firstScreen(['--max-age', '9999d'], {
      JOURNAL_STREAM: '1:1',
      npm_lifecycle_event: 'x',
    })
    const withoutTime = lines.map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /, ''))
    expect(withoutTime.slice(0, 3).map(general)).toEqual([
      `INFO: asnzone ${VERSION} answers on 127.0.0.1:PORT`,
      'INFO: data of 2026-06-17, N days old',
      `INFO: ${TRIAL}`,
    ])
  })

  test('the first time: before them, that it compiles, and why it takes a while', async () => {
    const lines = await firstScreen([], {}, join(temporaryFolder(), 'data'))
    expect(lines[0]).toMatch(/^<6>compiling 4 data files, \d+ MB; later starts read the snapshot$/)
    expect(lines.slice(1, 4).map(general)).toEqual([
      `<6>asnzone ${VERSION} answers on 127.0.0.1:PORT`,
      `<4>${OLD}`,
      `<6>${TRIAL}`,
    ])
  })

  test('at debug: with what a report of a fault has to tell', async () => {
    const lines = await firstScreen(['--log-level', 'debug'])
    expect(lines.filter((line) => line.includes(', from the snapshot'))).toHaveLength(4)
    expect(lines.find((line) => line.includes('answers on'))).toContain(`"node":"${process.version}"`)
  })

  test('a command of a clone is one that a clone has', async () => {
    const lines = await firstScreen([], { npm_lifecycle_event: 'start' })
    expect(lines[1]).toContain('; npx --no-install asnzone update --data-dir {DATA} fetches new data')
  })

  test('who would not be answered is told of no query', async () => {
    const server = start(['--allow', '192.0.2.0/24'])
    await server.ready
    await server.stop()
    expect(server.output()).not.toContain('dig')
  })

  test('a failure of the start is an error for the journal', async () => {
    const log = join(temporaryFolder(), 'log')
    const descriptor = openSync(log, 'w')
    const { dev, ino } = fstatSync(descriptor)
    const env = { ...process.env, JOURNAL_STREAM: `${dev}:${ino}` }
    const child = spawn(process.execPath, ['dist/cli/main.js', 'serve', '--listen', 'x'], {
      stdio: ['ignore', 'ignore', descriptor],
      env,
    })
    closeSync(descriptor)
    expect(await once(child, 'close')).toEqual([1, null])
    expect(readFileSync(log, 'utf8')).toMatch(/^<3>asnzone: --listen: 'x' is not like .*\n$/)
  })
})

describe('the query log', () => {
  test.each(['mmsg', 'dgram'])('has a line for each query, UDP by %s and TCP', async (udp) => {
    const file = join(temporaryFolder(), 'queries.log')
    const server = start(['--query-log', file, '--udp', udp])
    const [address] = await server.ready
    await ask(address)
    const lines = await linesOf(file, 2)
    const withoutTime = lines.map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /, ''))
    // Queries of different threads that come within some milliseconds are in no order.
    expect(withoutTime.sort()).toEqual([
      `127.0.0.1 tcp ${NAME} TXT IN NOERROR answer 91`,
      `127.0.0.1 udp ${NAME} TXT IN NOERROR answer 91`,
    ])
    await ask(address)
    await server.stop()
    expect(await linesOf(file, 4)).toHaveLength(4)
  })

  test('both logs go on in new files after SIGUSR1, and nothing is lost', async () => {
    const folder = temporaryFolder()
    const [file, log] = [join(folder, 'queries.log'), join(folder, 'asnzone.log')]
    const server = start(['--query-log', file, '--log-file', log])
    const [started] = await linesOf(log, 1, 'answers on')
    const { listen } = JSON.parse(started) as { listen: string[] }
    const address = { host: '127.0.0.1', port: Number(listen[0].split(':')[1]) }
    await ask(address)
    await linesOf(file, 2)
    renameSync(file, `${file}.1`)
    renameSync(log, `${log}.1`)
    process.kill(server.pid, 'SIGUSR1')
    await linesOf(log, 1, 'SIGUSR1: logs reopened')
    await ask(address)
    expect(await linesOf(file, 2)).toHaveLength(2)
    expect(await linesOf(`${file}.1`, 2)).toHaveLength(2)
    expect(server.output()).toBe('')
  })

  test('asnzone reopen does the same, and tells when an old log is kept', async () => {
    const folder = temporaryFolder()
    const data = temporaryFolder()
    const logs = join(folder, 'logs')
    mkdirSync(logs)
    const [file, log] = [join(logs, 'queries.log'), join(folder, 'asnzone.log')]
    start(['--query-log', file, '--log-file', log, '--data-dir', data])
    const reopen = () => runCli(['reopen', '--data-dir', data])
    await linesOf(log, 1, 'answers on')
    renameSync(file, `${file}.1`)
    renameSync(log, `${log}.1`)
    expect(await reopen()).toMatchObject({ code: 0, stdout: 'the logs are reopened\n', stderr: '' })
    expect(existsSync(file)).toBe(true)
    expect(await linesOf(log, 1, 'asnzone reopen: logs reopened')).toHaveLength(1)
    renameSync(logs, `${logs}.1`)
    const { code, stderr } = await reopen()
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^asnzone: the server keeps the old logs: query-log: it can't be reopened: there is no such file/,
    )
  })

  test('asnzone reopen without a server: one line, exit 1', async () => {
    const data = temporaryFolder()
    const { code, stderr } = await runCli(['reopen', '--data-dir', data])
    expect(code).toBe(1)
    expect(stderr).toBe(`asnzone: no server listens on ${data}/control.sock\n`)
  })

  test('SIGUSR1 without any file is harmless', async () => {
    const server = start([])
    const [address] = await server.ready
    process.kill(server.pid, 'SIGUSR1')
    await server.printed('SIGUSR1')
    await ask(address)
    expect(server.output()).not.toContain('Debugger')
  })

  test('a full disk: told once, counted, and every query is answered', async () => {
    const directory = temporaryFolder()
    const server = start(['--query-log', '/dev/full', '--log-file', '/dev/full', '--data-dir', directory])
    await server.printed('asnzone: log-file /dev/full: ENOSPC')
    const status = async () =>
      (await askControl(join(directory, 'control.sock'), { command: 'status' })) as unknown as {
        listen: string[]
        queries: Record<string, number>
        queryLog: { written: number; lost: number }
      }
    let listen: string[] = []
    while (listen.length === 0) listen = (await status())?.listen ?? []
    const address = { host: '127.0.0.1', port: Number(listen[0].split(':')[1]) }
    // Its own queries, at the start.
    const own = Object.values((await status()).queries).reduce((sum, count) => sum + count)
    // Two exchanges of two queries, twice.
    await ask(address)
    await ask(address)
    while ((await status()).queryLog.lost < own + 8);
    expect((await status()).queryLog).toEqual({ written: 0, lost: own + 8, dropped: 0 })
    expect(server.output().split('\n')).toHaveLength(1)
  })

  test('a reader who stands still stops neither answers nor the end', async () => {
    const fifo = join(temporaryFolder(), 'fifo')
    execFileSync('mkfifo', [fifo])
    const reader = openSync(fifo, 'r+')
    const server = start(['--query-log', fifo])
    const [address] = await server.ready
    // A query is some 90 octets of the log: this is more than the 64 KiB that the pipe holds.
    const many = Array.from({ length: 100 }, () => query(NAME))
    for (let i = 0; i < 10; i++) expect(await overTcp(address).exchange(many)).toHaveLength(100)
    await server.printed('the reader is too slow; queries are answered and not logged')
    await ask(address)
    expect(await server.stop()).toBe(0)
    closeSync(reader)
  })

  test.each([
    ['--query-log', 'query-log'],
    ['--log-file', 'log-file'],
  ])('%s in a folder that is not there: one line, exit 1', async (option, name) => {
    const outcome = await runCli([
      'serve',
      '--listen',
      '127.0.0.1:0',
      '--log-level',
      'error',
      option,
      '/no/such/log',
    ])
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toBe(`asnzone: ${name} /no/such/log: the folder /no/such does not exist\n`)
  })
})

test('what a file says can’t forge lines of the pretty log', async () => {
  const folder = temporaryFolder({ 'a\n\x1b[31mERROR: forged.csv': '8.8.8.8,x\n' })
  const sources = `sources: [{ what: override, from: ${JSON.stringify(`${folder}/a\n\x1b[31mERROR: forged.csv`)}, format: overrides }]\n`
  // The query log's thread is there when the file turns out to be wrong: it must not keep the process.
  const args = ['--log-format', 'pretty', '--listen', '127.0.0.1:0', '--query-log', join(folder, 'queries')]
  const outcome = await runCli(['serve', ...args], { cwd: temporaryFolder({ 'asnzone.yaml': sources }) })
  expect(outcome.code).toBe(1)
  expect(outcome.stderr).toContain('forged')
  expect(outcome.stderr).not.toMatch(/^ERROR|\p{Cc}\[31/mu)
})
