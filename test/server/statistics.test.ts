// Statistics of the running server: what is counted, who can read it meanwhile, and what a crash leaves.

import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/folders.ts'
import { dig, type RunningServer, runCli, startServer } from '../support/programs.ts'
import { sqlite3 } from '../support/sqlite3.ts'

const servers: RunningServer[] = []
/** Has the snapshot of the bundled data, so that only the first server compiles them. */
const warm = temporaryFolder()
beforeAll(async () => {
  await (await startServer(['--data-dir', warm])).stop()
})
afterAll(() => Promise.all(servers.map((server) => server.stop('SIGKILL'))))

/** A data folder without statistics. */
function dataFolder(): string {
  const folder = temporaryFolder()
  copyFileSync(join(warm, 'table.snapshot'), join(folder, 'table.snapshot'))
  return folder
}

async function started(folder: string, args: readonly string[] = []): Promise<RunningServer> {
  const options = ['--data-dir', folder, '--stats', '--stats-interval', '0.2', ...args]
  const server = await startServer(options)
  servers.push(server)
  return server
}

const fileIn = (folder: string): string => join(folder, 'stats.sqlite')

const shell = (folder: string, sql: string): string => sqlite3(fileIn(folder), sql)

const COUNTRIES = "SELECT country, counter FROM GEO_STATS WHERE interval = 'total' ORDER BY country"
const ASES = "SELECT asn, name, counter FROM ASN_STATS WHERE interval = 'total' ORDER BY asn"

/** Asks again and again until the answer is the one that is waited for. */
async function until(question: () => string, expected: string): Promise<void> {
  const answer = (): string => {
    try {
      return question()
    } catch (error) {
      return (error as Error).message
    }
  }
  await expect.poll(answer, { timeout: 20_000, interval: 50 }).toBe(expected)
}

async function ask(
  server: RunningServer,
  names: readonly string[],
  args: readonly string[] = [],
): Promise<void> {
  for (const name of names) await dig(server.addresses[0], [...args, name, 'TXT'])
}

const GOOGLE = '8.8.8.8.geo.asnzone.internal'

describe.each(['mmsg', 'dgram'])('--udp %s', (udp) => {
  test('counts queries over UDP and TCP, and writes them while sqlite3 reads', async () => {
    const folder = dataFolder()
    const server = await started(folder, ['--udp', udp])
    await ask(server, [GOOGLE, GOOGLE, '1.0.0.194.score.asnzone.internal', '1.0.0.10.geo.asnzone.internal'])
    await ask(server, [GOOGLE], ['+tcp'])
    await until(() => shell(folder, COUNTRIES), '--|1\nDE|1\nUS|3')
    expect(shell(folder, ASES)).toBe('0||1\n15169|Google LLC|3\n31529|DENIC eG|1')
    expect(shell(folder, 'SELECT count(DISTINCT interval), sum(counter) FROM GEO_STATS')).toBe('4|20')
    await ask(server, [GOOGLE])
    await until(() => shell(folder, COUNTRIES), '--|1\nDE|1\nUS|4')
  })
})

test('what is not a question about an address is not counted', async () => {
  const folder = dataFolder()
  const server = await started(folder)
  const names = [
    'AS15169.as.asnzone.internal',
    'geo.asnzone.internal',
    '8.geo.asnzone.internal',
    'example.com',
  ]
  await ask(server, [...names, 'x.geo.asnzone.internal', '2.0.0.127.score.asnzone.internal', GOOGLE])
  await until(() => shell(folder, COUNTRIES), 'US|1')
})

test('what is counted survives kill -9, and the next server goes on', async () => {
  const folder = dataFolder()
  const server = await started(folder)
  await ask(server, [GOOGLE, GOOGLE])
  await until(() => shell(folder, COUNTRIES), 'US|2')
  expect((await server.stop('SIGKILL')).signal).toBe('SIGKILL')
  expect(shell(folder, 'PRAGMA integrity_check')).toBe('ok')
  expect(shell(folder, COUNTRIES)).toBe('US|2')
  const next = await started(folder)
  await ask(next, [GOOGLE])
  await until(() => shell(folder, COUNTRIES), 'US|3')
})

test('goes on with a table that replaces the one in service, and with its countries and names', async () => {
  const folder = dataFolder()
  const ours = join(folder, 'ours.csv')
  const config = join(folder, 'asnzone.yaml')
  writeFileSync(config, `feed: none\nsources: [{ what: override, format: overrides, from: '${ours}' }]\n`)
  writeFileSync(ours, 'cidr,asn,name,country\n10.0.0.0/8,64512,our LAN,DE\n8.0.0.0/8,15169,Google LLC,US\n')
  const server = await started(folder, ['--config', config])
  const LAN = '1.0.0.10.geo.asnzone.internal'
  await ask(server, [LAN, LAN, GOOGLE])
  await until(() => shell(folder, COUNTRIES), 'DE|2\nUS|1')
  writeFileSync(
    ours,
    'cidr,asn,name,country\n10.0.0.0/8,64512,the LAN,AT\n8.0.0.0/8,15169,Google LLC,US\n11.0.0.0/8,64513,more,FR\n',
  )
  await ask(server, [LAN])
  expect((await runCli(['reload', '--data-dir', folder])).code).toBe(0)
  await ask(server, [LAN, GOOGLE])
  await ask(server, ['1.0.0.11.geo.asnzone.internal'], ['+tcp'])
  await until(() => shell(folder, COUNTRIES), 'AT|1\nDE|3\nFR|1\nUS|2')
  expect(shell(folder, ASES)).toBe('15169|Google LLC|2\n64512|the LAN|4\n64513|more|1')
})

test('the last queries are written when the server stops', async () => {
  const folder = dataFolder()
  const server = await started(folder, ['--stats-interval', '3600'])
  await ask(server, [GOOGLE, GOOGLE])
  expect(await server.stop()).toMatchObject({ code: 0 })
  expect(shell(folder, COUNTRIES)).toBe('US|2')
})

test('a locked database is logged, holds no answer up, and loses nothing', async () => {
  const folder = dataFolder()
  const server = await started(folder)
  await ask(server, [GOOGLE])
  await until(() => shell(folder, COUNTRIES), 'US|1')
  const other = new Database(fileIn(folder))
  other.exec('BEGIN EXCLUSIVE')
  await ask(server, [GOOGLE, GOOGLE])
  const trouble = (): string => server.log.find(({ level }) => level === 50)?.msg ?? ''
  await until(trouble, `statistics are not written: ${fileIn(folder)}: database is locked`)
  await ask(server, [GOOGLE])
  other.exec('ROLLBACK')
  other.close()
  await until(() => shell(folder, COUNTRIES), 'US|4')
  await until(() => server.log.at(-1)?.msg ?? '', 'statistics are written again')
})

test('without stats there is no database', async () => {
  const folder = dataFolder()
  const server = await startServer(['--data-dir', folder])
  servers.push(server)
  await ask(server, [GOOGLE])
  expect(await server.stop()).toMatchObject({ code: 0 })
  expect(existsSync(fileIn(folder))).toBe(false)
})

describe('asnzone stats', () => {
  const statsOf = (folder: string) => runCli(['stats', '--data-dir', folder, '--interval', 'total', '--csv'])

  test('shows what was asked just now, long before the next write', async () => {
    const folder = dataFolder()
    const server = await started(folder, ['--stats-interval', '3600'])
    await ask(server, [GOOGLE])
    expect(await statsOf(folder)).toMatchObject({ code: 0, stdout: 'total;US;1\n', stderr: '' })
    await ask(server, [GOOGLE], ['+tcp'])
    expect(await statsOf(folder)).toMatchObject({ code: 0, stdout: 'total;US;2\n', stderr: '' })
    rmSync(fileIn(folder))
    expect(await statsOf(folder)).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(await server.stop()).toMatchObject({ code: 0 })
    writeFileSync(fileIn(folder), 'no database')
    const next = await started(folder, ['--stats-interval', '3600'])
    await ask(next, [GOOGLE])
    const { code, stderr } = await statsOf(folder)
    expect([code, stderr]).toEqual([1, expect.stringContaining('what was counted last is not in these: ')])
  })

  test('says that the running server counts nothing', async () => {
    const folder = dataFolder()
    const server = await startServer(['--data-dir', folder])
    servers.push(server)
    const none = await statsOf(folder)
    expect([none.code, none.stderr]).toEqual([
      1,
      expect.stringContaining("the running server counts none; 'stats: true' and a restart make it"),
    ])
    expect(await server.stop()).toMatchObject({ code: 0 })
    const counting = await started(folder)
    await ask(counting, [GOOGLE])
    expect(await counting.stop()).toMatchObject({ code: 0 })
    expect(await statsOf(folder)).toMatchObject({ code: 0, stdout: 'total;US;1\n', stderr: '' })
    servers.push(await startServer(['--data-dir', folder]))
    expect(await statsOf(folder)).toMatchObject({
      code: 0,
      stdout: 'total;US;1\n',
      stderr: expect.stringMatching(/^asnzone: the running server counts nothing more: .*\n$/),
    })
  })

  test('shows countries and ASes, CSV and a proposal, while the server runs', async () => {
    const folder = dataFolder()
    const server = await started(folder)
    await ask(server, [GOOGLE, GOOGLE, GOOGLE, '1.0.0.194.geo.asnzone.internal'])
    await until(() => shell(folder, COUNTRIES), 'DE|1\nUS|3')
    const stats = async (...args: string[]): Promise<string> => {
      const outcome = await runCli(['stats', '--data-dir', folder, ...args])
      expect(outcome).toMatchObject({ code: 0, stderr: '' })
      return outcome.stdout
    }
    const table =
      'Countries, total: 4 queries\n' +
      '  US  United States  3   75.0 %  ███████████████████████\n' +
      '  DE  Germany        1   25.0 %  ████████\n'
    expect(await stats('--interval', 'total')).toBe(table)
    // At midnight there would be a day more.
    const intervals = shell(
      folder,
      'SELECT DISTINCT interval FROM GEO_STATS ORDER BY length(interval)',
    ).split('\n')
    const four = ['total', ...intervals.filter((interval) => interval !== 'total')].map((interval) =>
      table.replace('total', interval),
    )
    expect(await stats()).toBe(four.join('\n'))
    expect(await stats('--by', 'asn', '--limit', '1', '--interval', 'total')).toBe(
      'ASes, total: 4 queries\n' +
        '  AS15169  Google LLC  3   75.0 %  ███████████████████████\n' +
        '  …        1 more      1   25.0 %  ████████\n',
    )
    const year = String(new Date().getFullYear())
    expect(await stats('--interval', year, '--csv')).toBe(`${year};US;3\n${year};DE;1\n`)
    expect(await stats('--by', 'asn', '--csv', '--interval', 'total')).toBe(
      'total;15169;3;Google LLC\ntotal;31529;1;DENIC eG\n',
    )
    expect((await stats('--by', 'asn', '--csv')).split('\n')).toHaveLength(9)
    expect((await stats('--interval', 'all', '--csv')).split('\n')).toHaveLength(9)
    expect(await stats('--interval', '1999')).toBe('nothing was counted in 1999\n')
  })

  test.each([
    {
      name: 'no statistics',
      args: [],
      reason: "no statistics yet, and no server runs; serve counts with 'stats: true'",
    },
    {
      name: 'an interval that is none',
      args: ['--interval', 'today'],
      reason: "--interval: 'today' is not total",
    },
    { name: 'a limit that is none', args: ['--limit', '0'], reason: "--limit: '0' is not a number of lines" },
  ])('$name: one line and exit 1', async ({ args, reason }) => {
    const outcome = await runCli(['stats', '--data-dir', temporaryFolder(), ...args])
    expect(outcome).toMatchObject({ code: 1, stdout: '' })
    expect(outcome.stderr).toContain(reason)
    expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(1)
  })
})
