// HTTP in a thread of its own: what ends it, and what goes on.

import type { Worker } from 'node:worker_threads'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { zoneSetOptions } from '../../src/app/zone-set.ts'
import { loadSettings } from '../../src/config/load.ts'
import { readZoneDefinitions } from '../../src/config/zone-files.ts'
import type { HttpService, HttpServiceOptions } from '../../src/http/http-service.ts'
import type { HttpData, MainFigures } from '../../src/http/task.ts'
import { Counters } from '../../src/server/counters.ts'
import { collectGarbage } from '../../src/system/collect-garbage.ts'
import { HEADER } from '../../src/table/layout.ts'
import type { Table } from '../../src/table/table.ts'
import { fakeServer, OWN_HOST } from '../support/running.ts'
import { smallTable } from '../support/small-table.ts'

// Threads are started from dist/.
const built = (await import(new URL('../../dist/http/http-service.js', import.meta.url).href)) as {
  HttpService: typeof HttpService
}

const definitions = readZoneDefinitions(undefined, [])
const { server, reloader } = fakeServer().running

const dataOf = (table: Table, buffer = table.buffer): HttpData => ({
  table: buffer,
  zones: fakeServer().running.zones,
  definitions,
  zoneSetOptions: zoneSetOptions(loadSettings({}), table.metadata()),
  originPoint: null,
  learned: null,
  learn: null,
  maxAge: { text: '45d', milliseconds: 45 * 86_400_000 },
  settings: [],
  rules: {},
  policyd: {
    token: null,
    login: null,
    getReload: true,
    dovecot: { isProven: false, tarpit: 5, onError: 'dunno' },
    timeout: 2000,
    tls: null,
  },
})

const figures = (): MainFigures => ({
  addresses: server.addresses,
  udpKind: server.udpKind,
  tcpConnections: server.tcpConnections,
  receiveDrops: 0,
  queryLog: null,
  refused: null,
  update: { last: null, next: null, since: null, canFetch: false },
  reloads: reloader.counts,
  lastReload: null,
  currentReload: null,
  statisticsFailures: null,
  policy: null,
  whois: null,
  snapshot: null,
})

let service: HttpService | undefined
let workers: Worker[]
let deaths: string[]
let onDeath: () => void

const onWorker = (worker: Worker): void => {
  workers.push(worker)
}
beforeAll(() => {
  process.on('worker', onWorker)
  return () => process.off('worker', onWorker)
})
afterEach(async () => {
  vi.useRealTimers()
  await service?.stop()
})

async function start(options: Partial<HttpServiceOptions> = {}): Promise<string> {
  workers = []
  deaths = []
  service = await built.HttpService.start({
    task: {
      doors: [{ setting: 'http', host: '127.0.0.1', port: 0, rule: OWN_HOST }],
      connections: 16,
      counters: new Counters(definitions.length),
      statistics: null,
      snapshots: null,
      learned: '/nowhere/learned.sqlite',
      proxies: null,
      started: '2026-11-20T05:00:00.000Z',
    },
    data: dataOf(smallTable()),
    figures,
    calls: {
      figures,
      logError: (message) => deaths.push(message),
      reload: () => {},
      update: () => true,
      policy: async () => null,
    },
    onDeath: ({ message }) => {
      deaths.push(message)
      onDeath()
    },
    onStuck: () => deaths.push('stuck'),
    ...options,
  })
  return `http://127.0.0.1:${service.doors[0].port}`
}

const lookup = async (url: string): Promise<unknown> => (await fetch(`${url}/api/lookup/8.8.8.8`)).json()

/** Waits until the thread after a death answers. */
async function answered(url: string): Promise<void> {
  await vi.waitFor(() => lookup(url), { timeout: 30_000, interval: 100 })
}

const OTHER = smallTable([{ cidr: '8.8.8.0/24', asn: 64496, name: 'Another', country: 'DE' }])

describe('a thread that ends', () => {
  test('is told, started again at the same port, and shows the newest data', async () => {
    const url = await start()
    expect(await lookup(url)).toMatchObject({ asn: 15169 })
    const died = new Promise<void>((resolve) => {
      onDeath = resolve
    })
    void workers[0].terminate()
    await died
    expect(deaths).toEqual(['it ended unexpectedly'])
    // It is between two threads.
    await service?.replace(dataOf(OTHER))
    await service?.collect()
    await answered(url)
    expect(await lookup(url)).toMatchObject({ asn: 64496, name: 'Another' })
    expect(workers).toHaveLength(2)
  })

  test('has a heap of its own that is bounded', async () => {
    await start()
    expect(workers[0].resourceLimits).toMatchObject({
      maxOldGenerationSizeMb: 96,
      maxYoungGenerationSizeMb: 4,
    })
  })

  test('is not started again when it is told to', async () => {
    const url = await start()
    await service?.stop()
    expect(deaths).toEqual([])
    await expect(lookup(url)).rejects.toThrow()
  })
})

test('the figures of the main thread are those of now', async () => {
  let open = 1
  const url = await start({
    calls: {
      figures: () => ({ ...figures(), tcpConnections: { ...server.tcpConnections, open } }),
      logError: () => {},
      reload: () => {},
      update: () => true,
      policy: async () => null,
    },
  })
  const tcpOf = async () => ((await (await fetch(`${url}/api/status`)).json()) as { tcp: object }).tcp
  expect(await tcpOf()).toMatchObject({ open: 1 })
  open = 2
  expect(await tcpOf()).toMatchObject({ open: 2 })
})

test('an address that is taken refuses the start, and no thread stays behind', async () => {
  const url = await start()
  const first = service
  const { doors } = service!
  const { code, message } = await start({
    task: {
      doors,
      connections: 16,
      counters: new Counters(definitions.length),
      statistics: null,
      snapshots: null,
      learned: '/nowhere/learned.sqlite',
      proxies: null,
      started: '2026-11-20T05:00:00.000Z',
    },
  }).then(
    () => ({ code: '', message: '' }),
    (error: { code: string; message: string }) => error,
  )
  service = first
  expect([code, message]).toEqual([
    'ASNZONE_LISTEN',
    expect.stringMatching(/^127\.0\.0\.1:\d+ \(TCP\): another program .* another --http$/),
  ])
  expect(workers[0].threadId).toBe(-1)
  expect(await lookup(url)).toMatchObject({ asn: 15169 })
})

const TABLE_OCTETS = 16 << 20
const SWAPS = 16

test(`memory is flat over ${SWAPS} tables that it shows and publishes`, async () => {
  const small = smallTable()
  /** A table as big as a real one, all its pages in use; each has a checksum of its own. */
  const bigTable = (number: number): SharedArrayBuffer => {
    const table = new SharedArrayBuffer(TABLE_OCTETS)
    new Uint8Array(table).fill(1 + number).set(new Uint8Array(small.buffer))
    new Uint32Array(table)[HEADER.byteLength] = TABLE_OCTETS
    return table
  }
  const url = await start({ data: dataOf(small, bigTable(0)) })
  const show = async (): Promise<void> => {
    expect(await lookup(url)).toMatchObject({ asn: 15169 })
    expect((await fetch(`${url}/asn-ipv4.csv`)).status).toBe(200)
    await service?.collect()
    collectGarbage()
  }
  await show()
  const before = process.memoryUsage().rss
  for (let swap = 1; swap <= SWAPS; swap++) {
    await service?.replace(dataOf(small, bigTable(swap)))
    await show()
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(8 * TABLE_OCTETS)
})
