// What one's own mail teaches, from the command that learns to the answers of a server that goes on answering.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { PRODUCT_FILE } from '../../src/learn/product.ts'
import { STATE_FILE } from '../../src/learn/state-file.ts'
import { Asker, answersOf } from '../support/asker.ts'
import { temporaryFolder } from '../support/folders.ts'
import { RCODE, TYPE } from '../support/message.ts'
import { type RunningServer, runCli, startServer } from '../support/programs.ts'
import { overUdp } from '../support/transports.ts'

/** What of /api/lookup is looked at. */
interface LookedUp {
  readonly learned?: { readonly levels: readonly { readonly name: string; readonly spam: number }[] }
}

/** What of /api/learned is looked at. */
interface LearnedList {
  readonly enabled: boolean
  readonly ases: readonly { readonly asn: number; readonly decibels: number; readonly country: string }[]
}

const PATIENCE = { timeout: 40_000, interval: 50 }

let folder: string
let config: string
let server: RunningServer
const asker = new Asker(() => overUdp(server.addresses[0]))

/** What dig +short prints of a name below the domain; the RCODE where that is nothing. */
async function ask(name: string, type: 'A' | 'TXT' | 'SOA' = 'TXT'): Promise<string> {
  const reply = await asker.ask(`${name}.asnzone.internal`, { type: TYPE[type] })
  const code = Object.entries(RCODE).find(([, value]) => value === reply.rcode)?.[0] ?? ''
  return answersOf(reply).join(' / ') || code
}

/** Its answer, unless it is a certain one. */
const asked = async (name: string, but: string): Promise<string[]> => {
  const answer = await ask(name)
  return answer === but ? [] : [answer]
}

const serialOf = async (): Promise<number> => Number((await ask('reputation', 'SOA')).split(' ')[2])

function configure(more: string): void {
  writeFileSync(
    config,
    `feed: none\nsources: [{ what: override, format: overrides, from: '${folder}/ours.csv' }]\n${more}`,
  )
}

const start = () => startServer(['--config', config, '--data-dir', join(folder, 'data')])

const reload = () => runCli(['reload', '--config', config, '--data-dir', join(folder, 'data')])

/** Lets the command learn verdicts of now. */
async function teach(...verdicts: readonly [address: string, kind: 'spam' | 'ham', times: number][]) {
  const now = Math.floor(Date.now() / 1000)
  const lines = verdicts.flatMap(([address, kind, times]) =>
    Array.from({ length: times }, () => `${now} ${address} ${kind}\n`),
  )
  const file = join(folder, 'verdicts')
  writeFileSync(file, lines.join(''))
  expect(await runCli(['learn', '--config', config, '--data-dir', join(folder, 'data'), file])).toMatchObject(
    { code: 0 },
  )
}

beforeAll(async () => {
  folder = temporaryFolder()
  config = join(folder, 'asnzone.yaml')
  writeFileSync(
    join(folder, 'ours.csv'),
    'cidr,asn,name,country\n192.0.2.0/24,64500,Bad,DE\n198.51.100.0/24,64501,Good,NL\n203.0.113.0/24,64502,New,FR\n',
  )
  configure('learn: {}\nlearn-interval: 1s\nhttp: 127.0.0.1:0\n')
  server = await start()
})
afterAll(() => server.stop())

test('answers change while queries come, none of which is lost, and so does the serial', async () => {
  const before = await serialOf()
  expect(await ask('7.2.0.192.reputation', 'A')).toBe('NXDOMAIN')
  expect(await ask('7.2.0.192.geo')).toBe('"64500 | Bad | DE | -- | 0"')
  const first = await ask('7.2.0.192.geo')
  /** Asks without a pause until the answer is another one. */
  const asking = (async () => {
    const answers = [first]
    while (answers.length === 1) answers.push(...(await asked('7.2.0.192.geo', first)))
    return answers
  })()
  await teach(['192.0.2.7', 'spam', 6], ['192.0.2.8', 'spam', 6], ['198.51.100.1', 'ham', 30])
  expect((await asking)[1]).toMatch(/^"64500 \| Bad \| DE \| -- \| -\d+"$/)
  // One thread after the other answers from the new data.
  await vi.waitFor(async () => {
    expect(await ask('7.2.0.192.reputation', 'A')).toMatch(/^127\.4\.1\./)
    expect(await ask('7.2.0.192.reputation')).toMatch(
      /^"-\d+ \| AS64500 \| \d+ spam, 0 ham \| 192\.0\.2\.0\/24 \| \d+ spam, 0 ham \| \d{4}-\d\d-\d\d"$/,
    )
    expect(await ask('7.2.0.192.score')).toMatch(
      /^"-\d+ \| learned AS64500 \d+ spam, 192\.0\.2\.0\/24 \d+ spam -\d+"$/,
    )
    expect(await ask('1.100.51.198.reputation', 'A')).toMatch(/^127\.4\.2\./)
    expect(await serialOf()).toBeGreaterThan(before)
  }, PATIENCE)
  expect(await ask('1.113.0.203.reputation', 'A')).toBe('NXDOMAIN')
  // It is told when the memory is free again.
  await vi.waitFor(
    () =>
      expect(server.log.map(({ msg }) => msg)).toContainEqual(
        expect.stringMatching(/^new data in service \(learn\)/),
      ),
    PATIENCE,
  )
  expect(server.log.filter(({ level }) => Number(level) >= 50)).toEqual([])
})

test('the rows are made anew of what is learned, whoever has removed them', async () => {
  const file = join(folder, 'data', PRODUCT_FILE)
  writeFileSync(file, '# learned by asnzone, version 1, 0 rows\n')
  await teach(['203.0.113.9', 'spam', 9])
  await vi.waitFor(
    async () => expect(await ask('9.113.0.203.reputation', 'A')).toMatch(/^127\.4\.1\./),
    PATIENCE,
  )
  expect(readFileSync(file, 'utf8')).toContain('192.0.2.0/24')
  const looked = await runCli([
    'lookup',
    '--config',
    config,
    '--data-dir',
    join(folder, 'data'),
    '203.0.113.9',
  ])
  expect(looked.stdout).toMatch(
    /\n {2}Reputation -\d+ \| AS64502 .*\n {4}all +.*\n {4}FR +.*\n {4}AS64502 +.*\n {4}203\.0\.113\.0\/24 .*dB\n {4}\+\d+\.\d dB: the answer is -\d+\n/,
  )
  const page = /http:\/\/[\d.:]+/.exec(server.log.find(({ msg }) => msg.startsWith('pages'))?.msg ?? '')
  const { learned } = (await (await fetch(`${page}/api/lookup/203.0.113.9`)).json()) as LookedUp
  expect(learned?.levels.map(({ name }) => name)).toEqual(['all', 'FR', 'AS64502', '203.0.113.0/24'])
  expect(learned?.levels[2].spam).toBeGreaterThan(1)
  expect(((await (await fetch(`${page}/api/lookup/AS64502`)).json()) as LookedUp).learned).toBeUndefined()
  const list = (await (await fetch(`${page}/api/learned`)).json()) as LearnedList
  expect(list.enabled).toBe(true)
  expect(list.ases.find(({ asn }) => asn === 64502)).toMatchObject({ name: 'New', country: 'FR', ham: 0 })
  expect(list.ases.find(({ asn }) => asn === 64502)?.decibels).toBeGreaterThan(3)
  expect(list.ases.find(({ asn }) => asn === 64501)?.decibels).toBeLessThan(-3)
  const { stdout } = await runCli(['status', '--data-dir', join(folder, 'data')])
  expect(stdout).toMatch(/^learned {2}\d+ keys, \d+ verdicts that still count, newest \d+ s ago$/m)
})

test('rows that are damaged are said once, and answers go on without them', async () => {
  // A server that bakes nothing meanwhile.
  await server.stop()
  configure('learn: {}\nlearn-interval: 1w\n')
  server = await start()
  writeFileSync(join(folder, 'data', PRODUCT_FILE), 'damaged\n')
  for (let times = 0; times < 2; times++) {
    expect(await reload()).toMatchObject({ code: 0 })
  }
  const said = server.log.filter(({ msg }) => msg.startsWith('answers are without what was learned: '))
  expect(said).toHaveLength(1)
  expect(await ask('7.2.0.192.geo')).toBe('"64500 | Bad | DE | -- | 0"')
})

test('a reload has what was learned since; without the setting there is nothing', async () => {
  await teach(['192.0.2.7', 'spam', 1])
  expect(await reload()).toMatchObject({ code: 0 })
  expect(await ask('7.2.0.192.reputation', 'A')).toMatch(/^127\.4\.1\./)
  configure('')
  expect(await reload()).toMatchObject({ code: 0 })
  expect(await ask('7.2.0.192.reputation', 'A')).toBe('NXDOMAIN')
  expect(await ask('7.2.0.192.geo')).toBe('"64500 | Bad | DE | -- | 0"')
})

test('a state that is damaged is said once by each that looks, and looking goes on without it', async () => {
  await server.stop()
  configure('learn: {}\nlearn-interval: 1w\nhttp: 127.0.0.1:0\n')
  server = await start()
  const file = join(folder, 'data', STATE_FILE)
  writeFileSync(file, 'x'.repeat(8192))
  const complaint = `${file}: file is not a database; move it away: what was learned begins anew`
  const page = /http:\/\/[\d.:]+/.exec(server.log.find(({ msg }) => msg.startsWith('pages'))?.msg ?? '')
  for (let times = 0; times < 2; times++) {
    const looked = (await (await fetch(`${page}/api/lookup/192.0.2.7`)).json()) as LookedUp
    expect(looked).toMatchObject({ found: true, learned: null })
    expect((await fetch(`${page}/api/learned`)).status).toBe(503)
  }
  const at = ['--config', config, '--data-dir', join(folder, 'data')]
  const { code, stdout, stderr } = await runCli(['lookup', ...at, '192.0.2.7', '192.0.2.8'])
  expect([code, stderr]).toEqual([0, `asnzone: ${complaint}\n`])
  expect(stdout.match(/^ {2}AS .*64500/gm)).toHaveLength(2)
  expect((await runCli(['status', ...at])).stderr).toContain(`asnzone: ${complaint}\n`)
  await vi.waitFor(() => {
    const said = server.log.filter(({ msg }) => msg.includes(complaint))
    expect(said.map(({ msg, stack }) => [msg, stack])).toEqual([
      [`an HTTP request failed: ${complaint}`, undefined],
    ])
  }, PATIENCE)
})
