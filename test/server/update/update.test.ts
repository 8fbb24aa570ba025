// Updates from a server that publishes as ip-location-db does: what is new counts only when it is no worse.

import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { planOf } from '../../../src/app/data-sources.ts'
import type { DataPlan } from '../../../src/data/sources/plan.ts'
import { resolveSources } from '../../../src/data/sources/sources.ts'
import { Store } from '../../../src/data/sources/store.ts'
import { type UpdateOptions, type UpdateResult, update } from '../../../src/data/update/update.ts'
import { listenOnPath } from '../../../src/system/unix-socket.ts'
import { addressAttributes } from '../../../src/table/attributes.ts'
import { parseCidr } from '../../../src/table/cidr-text.ts'
import type { Table } from '../../../src/table/table.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { loadSmall } from '../../support/load-small.ts'
import { ReleaseServer } from '../../support/release-server.ts'

const MB = 2 ** 20
const FILES = ['origin-asn-ipv4.csv', 'origin-asn-ipv6.csv', 'user-country-ipv4.csv', 'user-country-ipv6.csv']

let server: ReleaseServer
let plan: DataPlan
let store: Store
/** What became of the tables that were compiled. */
let fates: string[]

beforeAll(async () => {
  server = await ReleaseServer.start()
  plan = planOf({ sources: [], feed: 'ip-location-db', feedUrl: server.url })
})
afterAll(() => server.stop())
beforeEach(() => {
  store = new Store(join(temporaryFolder(), 'data'))
  fates = []
  publish(15169)
  server.requests.length = 0
})

/** Publishes all files of the feed; 8.8.8.8 is of this AS. */
function publish(asn: number, date = '2026-11-20T06:00:00Z'): void {
  server.publish(FILES[0], `8.8.8.0,8.8.8.255,${asn},AS ${asn}\n`, date)
  server.publish(FILES[1], '2001:db8::,2001:db8::ff,64500,Six\n', date)
  server.publish(FILES[2], '8.8.8.0,8.8.8.255,US\n', date)
  server.publish(FILES[3], '2001:db8::,2001:db8::ff,DE\n', date)
}

function run(options: Partial<UpdateOptions> = {}): Promise<UpdateResult> {
  return update({
    plan,
    store,
    maxOctets: MB,
    compile: async (sources) => ({
      table: await loadSmall(sources, { maxOctets: MB }),
      accept: async () => void fates.push('accepted'),
      refuse: async () => void fates.push('refused'),
    }),
    checkTable: async () => null,
    retry: { attempts: 2, pause: 1 },
    ...options,
  })
}

const asnOf = (table: Table | null): number | null | undefined =>
  table === null ? null : addressAttributes(table, parseCidr('8.8.8.8').start)?.asn

/** What a server would start with. */
async function inService(): Promise<number | null | undefined> {
  const { sources, embedded } = resolveSources(plan, store.manifest(), (file) => store.pathOf(file))
  return embedded ? null : asnOf(await loadSmall(sources))
}

describe('an update', () => {
  test('fetches what the plan names, checks it and makes it count', async () => {
    const { table, files } = await run()
    expect(asnOf(table)).toBe(15169)
    expect(await inService()).toBe(15169)
    expect(fates).toEqual(['accepted'])
    expect(files).toMatchObject(
      FILES.map((file) => ({
        name: `${server.url}/latest/${file}`,
        kind: 'fetched',
        date: '2026-11-20T06:00:00.000Z',
        checked: true,
      })),
    )
    expect(table?.metadata()).toMatchObject({
      date: '2026-11-20T06:00:00.000Z',
      sources: [{ licence: 'PDDL-1.0', name: `${server.url}/latest/${FILES[0]}` }, {}, {}, {}],
    })
  })

  test('compiles nothing when nothing is new', async () => {
    await run()
    server.requests.length = 0
    const { table, files } = await run()
    expect(table).toBeNull()
    expect(files.map(({ kind }) => kind)).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged'])
    expect(server.requests.map(({ status }) => status)).toEqual([304, 304, 304, 304])
    expect(fates).toEqual(['accepted'])
  })

  test('asks a host that it does not reach for one file only, and says what else there is', async () => {
    const reasons: (string | null)[] = []
    const url = 'http://127.0.0.1:1'
    const onFile: UpdateOptions['onFile'] = ({ reason }) => void reasons.push(reason)
    const lost = run({ plan: planOf({ sources: [], feed: 'ip-location-db', feedUrl: url }), onFile })
    await expect(lost).rejects.toThrow(/ECONNREFUSED/)
    expect(reasons[0]).toMatch(
      /csv: connect ECONNREFUSED 127\.0\.0\.1:1; .* a mirror \(feed-url\), a proxy \(https_proxy\) or a file \(sources\)$/,
    )
    expect(reasons.slice(1)).toEqual(
      FILES.slice(1).map(
        (file) => `${url}/latest/${file}: not asked for, because 127.0.0.1:1 was not reached`,
      ),
    )
  })

  test('a file that its host has not leaves the others be', async () => {
    await run()
    publish(64496)
    server.fail(`/latest/${FILES[0]}`, { kind: 'status', status: 404 })
    const { files } = await run()
    expect(files.map(({ kind }) => kind)).toEqual(['failed', 'unchanged', 'unchanged', 'unchanged'])
  })

  test('takes the same contents under a new ETag for unchanged', async () => {
    await run()
    server.put(`/latest/${FILES[0]}`, '8.8.8.0,8.8.8.255,15169,AS 15169\n', {
      etag: '"another"',
      'last-modified': 'Sat, 21 Nov 2026 06:00:00 GMT',
    })
    const { table, files } = await run()
    expect(table).toBeNull()
    expect(files[0]).toMatchObject({ kind: 'unchanged', date: '2026-11-21T06:00:00.000Z' })
  })

  test('fetches only what is due', async () => {
    await run()
    publish(64496)
    server.requests.length = 0
    await run({ due: new Set([`${server.url}/latest/${FILES[2]}`]) })
    expect(server.requests.map(({ path }) => path)).toEqual([`/latest/${FILES[2]}`])
    expect(await inService()).toBe(15169)
  })

  test('fetches again what is damaged on the disk', async () => {
    await run()
    const [first] = store.manifest().values()
    writeFileSync(
      store.pathOf(first),
      readFileSync(store.pathOf(first)).map((byte) => byte ^ 1),
    )
    const { files } = await run()
    expect(files.map(({ kind }) => kind)).toEqual(['fetched', 'unchanged', 'unchanged', 'unchanged'])
    expect(await inService()).toBe(15169)
  })

  test('keeps the files of the last update, and removes older ones', async () => {
    const names = (): string[] => readdirSync(join(store.directory, 'files')).sort()
    await run()
    const first = names()
    publish(64496)
    await run()
    const second = names()
    expect(second).toEqual(expect.arrayContaining(first))
    publish(64497)
    const long = new Date(0)
    for (const name of second) utimesSync(join(store.directory, 'files', name), long, long)
    await run()
    const third = names()
    expect(third.filter((name) => name.includes(FILES[0]))).toHaveLength(2)
    expect(third).toHaveLength(5)
  })
})

describe('issue 14, item 1: a Last-Modified in the future', () => {
  const FUTURE = new Date(Date.now() + 3 * 3_600_000).toISOString()

  test('is no date: the time of fetching counts, and that is said once', async () => {
    publish(15169, FUTURE)
    const warnings: string[] = []
    const onWarning = (message: string): void => void warnings.push(message)
    const before = new Date().toISOString()
    const { files, table } = await run({ onWarning })
    for (const { date } of files) {
      expect(date && date >= before && date <= new Date().toISOString()).toBe(true)
    }
    expect(table?.metadata().date).toBe(
      files
        .map(({ date }) => date)
        .sort()
        .at(-1),
    )
    expect(warnings).toHaveLength(4)
    expect(warnings[0]).toMatch(
      /asn-ipv4\.csv says that it is of .*, which is in the future: the time of fetching/,
    )
    await run({ onWarning })
    expect(warnings).toHaveLength(4)
    // A server that compares with it would never have news.
    expect(server.requests.at(-1)?.headers['if-modified-since']).toBeUndefined()
    expect(server.requests.at(-1)?.headers['if-none-match']).toBeDefined()
  })

  test('that is in the manifest already counts no more', async () => {
    await run()
    const before = store.manifest()
    const after = [...before].map(([key, file]) => [key, { ...file, date: FUTURE }] as const)
    store.commit(new Map(after), before)
    const { sources, doubts } = resolveSources(plan, store.manifest(), (file) => store.pathOf(file))
    expect(sources.map(({ date }) => date)).toEqual([...before.values()].map(({ checked }) => checked))
    expect(doubts).toHaveLength(4)
  })
})

describe('the old data stay when', () => {
  beforeEach(async () => {
    await run()
    fates = []
    server.requests.length = 0
  })

  test('a checksum is stale; the other files are updated', async () => {
    publish(64496)
    server.put(`/checksum/${FILES[0]}.sha256`, `${'0'.repeat(64)}  ${FILES[0]}\n`)
    server.publish(FILES[2], '8.8.8.0,8.8.8.255,NL\n')
    const { table, files } = await run()
    expect(files.map(({ kind }) => kind)).toEqual(['failed', 'unchanged', 'fetched', 'unchanged'])
    expect(files[0].reason).toMatch(
      /origin-asn-ipv4\.csv: its SHA-256 sum is [\da-f]{12}…, but 000000000000… is published; the old file stays/,
    )
    expect(table === null ? null : addressAttributes(table, parseCidr('8.8.8.8').start)).toMatchObject({
      asn: 15169,
      country: 'NL',
    })
    expect(await inService()).toBe(15169)
  })

  test.each([
    [
      'there is no checksum',
      () => server.fail(`/checksum/${FILES[0]}.sha256`, { kind: 'status', status: 404 }),
    ],
    ['the checksum is a page of HTML', () => server.put(`/checksum/${FILES[0]}.sha256`, '<html></html>')],
    [
      'the server fails',
      () => server.fail(`/latest/${FILES[0]}`, ...Array(2).fill({ kind: 'status', status: 500 })),
    ],
    [
      'the body is cut off each time',
      () => server.fail(`/latest/${FILES[0]}`, ...Array(2).fill({ kind: 'break', octets: 3 })),
    ],
    ['the file is too large', () => server.publish(FILES[0], Buffer.alloc(MB + 1))],
  ])('%s', async (_name, breakIt) => {
    publish(64496)
    breakIt()
    const due = new Set([`${server.url}/latest/${FILES[0]}`])
    await expect(run({ due })).rejects.toMatchObject({ code: 'ASNZONE_FETCH' })
    expect(fates).toEqual([])
    expect(await inService()).toBe(15169)
  })

  test.each([
    [
      'a row can’t be right',
      () => server.publish(FILES[0], '8.8.8.0,8.8.8.255\n'),
      /origin-asn-ipv4\.csv:1: 2 columns/,
    ],
    [
      'a file is cut off, and its checksum agrees',
      () => server.publish(FILES[0], '8.8.8.0,8.8.8.255,64496,x\n9.9.'),
      /:2: 1 column/,
    ],
    [
      'a file unpacks to too much',
      () => server.publish(FILES[0], gzipSync(Buffer.alloc(MB + 1, '\n'))),
      /unpacks to more than 1 MB|1 column/,
    ],
    ['a file is empty', () => server.publish(FILES[0], ''), /the file is empty/],
  ])('%s', async (_name, breakIt, message) => {
    breakIt()
    await expect(run()).rejects.toThrow(message)
    expect(fates).toEqual([])
    expect(await inService()).toBe(15169)
  })

  test('the new table is worse', async () => {
    publish(64496)
    await expect(run({ checkTable: async () => 'it is worse' })).rejects.toMatchObject({
      code: 'ASNZONE_REFUSED',
      message: 'it is worse',
    })
    expect(fates).toEqual(['refused'])
    expect(await inService()).toBe(15169)
  })

  test('and it is tried again the next time', async () => {
    publish(64496)
    await expect(run({ checkTable: async () => 'it is worse' })).rejects.toThrow()
    expect(asnOf((await run()).table)).toBe(64496)
    expect(await inService()).toBe(64496)
  })
})

test('a feed of which one file could never be fetched leaves the embedded data in service', async () => {
  server.fail(`/latest/${FILES[3]}`, { kind: 'status', status: 404 })
  const { files } = await run({ compile: async () => Promise.reject(new Error('compiled')) }).catch(() => ({
    files: [],
  }))
  expect(files).toEqual([])
  expect(await inService()).toBeNull()
})

test('another process is updating', async () => {
  mkdirSync(store.directory, { recursive: true })
  const other = await listenOnPath(join(store.directory, 'update.lock'), (socket) => socket.destroy())
  await expect(run()).rejects.toThrow('another asnzone is updating this data directory')
  other?.close()
  expect(asnOf((await run()).table)).toBe(15169)
})

test('a process that was updating has died', async () => {
  store.prepare()
  writeFileSync(join(store.directory, 'update.lock'), '')
  expect(asnOf((await run()).table)).toBe(15169)
})

test('a damaged manifest is named', async () => {
  store.prepare()
  writeFileSync(join(store.directory, 'manifest.json'), '{"version":1,"files":[')
  expect(() => store.manifest()).toThrow(/manifest\.json is damaged; remove it and run asnzone update/)
})

test('a file that is missing or cut off does not count', async () => {
  await run()
  const [first, second] = store.manifest().values()
  writeFileSync(store.pathOf(first), '')
  expect(store.manifest().size).toBe(3)
  expect(store.manifest().has(second.source)).toBe(true)
})
