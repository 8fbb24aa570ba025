// What is begun over HTTP, by a running server: an update, a reload, and what its status tells of them; and the clients
// that it refuses.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from '../support/folders.ts'
import { dig, type RunningServer, runCli, startServer } from '../support/programs.ts'
import { ReleaseServer } from '../support/release-server.ts'
import { until } from '../support/until.ts'

const folder = temporaryFolder()
let release: ReleaseServer
let server: RunningServer
let url: string

interface Status {
  readonly update: {
    readonly last: { readonly kind: string; readonly reason: string | null } | null
    readonly next: string | null
    readonly since: string | null
    readonly canFetch: boolean
  }
  readonly reload: { readonly trigger: string; readonly kind: string; readonly changed: string[] } | null
  readonly reloads: { readonly replaced: number }
  readonly refused: { readonly every: number; readonly clients: { client: string; asked: string }[] } | null
  readonly settings: { readonly name: string; readonly value: string | null; readonly place: string | null }[]
}

const status = async (): Promise<Status> => (await (await fetch(`${url}/api/status`)).json()) as Status

const post = async (path: string): Promise<number> =>
  (await fetch(`${url}${path}`, { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } })).status

const publish = (asn: number, date: string): void =>
  release.publish('asn.csv', `8.8.8.0,8.8.8.255,${asn},GOOGLE\n`, date)

function configure(more = ''): void {
  const lines = [
    'listen: 127.0.0.1:0',
    'http: 127.0.0.1:0',
    `query-log: ${join(folder, 'queries.log')}`,
    'sentinels: []',
    'refresh: 1d',
    'feed: none',
    `sources: [{ what: asn, format: ip-location-db, from: '${release.url}/latest/asn.csv' }]`,
  ]
  writeFileSync(join(folder, 'asnzone.yaml'), `${lines.join('\n')}\n${more}`)
}

beforeAll(async () => {
  release = await ReleaseServer.start()
  publish(64496, '2026-11-20T06:00:00Z')
  configure()
  const data = ['--data-dir', join(folder, 'data')]
  const config = ['--config', join(folder, 'asnzone.yaml')]
  expect((await runCli(['update', ...config, ...data])).code).toBe(0)
  server = await startServer([...config, ...data])
  url = /http:\/\/[\d.:]+/.exec(server.log.find(({ msg }) => msg.startsWith('pages'))?.msg ?? '')?.[0] ?? ''
})
afterAll(async () => {
  await server?.stop()
  await release?.stop()
})

const asnOf = () => dig(server.addresses[0], ['+short', 'TXT', '8.8.8.8.asn.ip.asnzone.internal'])

test('an update fetches what is not due, and puts it into service', async () => {
  const before = await status()
  expect(before.update).toMatchObject({ last: { kind: 'updated' }, since: null, canFetch: true })
  expect(Date.parse(before.update.next ?? '')).toBeGreaterThan(Date.now())
  publish(64497, '2026-11-21T06:00:00Z')
  release.fail('/latest/asn.csv', { kind: 'hold' })
  const isAsked = new Promise<void>((resolve) => {
    release.onRequest = resolve
  })
  expect(await post('/api/update')).toBe(202)
  await isAsked
  expect((await status()).update.since).not.toBeNull()
  // One is going on: another one is not begun beside it.
  expect(await post('/api/update')).toBe(202)
  release.release()
  await until(async () => (await status()).update.since === null)
  expect(await asnOf()).toContain('64497')
  const after = await status()
  expect(after.update.last).toMatchObject({ kind: 'updated', reason: null })
  expect(after.reloads.replaced - before.reloads.replaced).toBe(1)
})

test('an update that fails says why, and the data stays', async () => {
  release.fail('/latest/asn.csv', { kind: 'status', status: 404 })
  expect(await post('/api/update')).toBe(202)
  await until(async () => (await status()).update.last?.kind === 'failed')
  expect((await status()).update.last?.reason).toContain('404')
  expect(await asnOf()).toContain('64497')
})

test('a reload reads the config again', async () => {
  configure('too-far: 5000\n')
  expect(await post('/api/reload')).toBe(202)
  await until(async () => (await status()).reload?.changed.includes('too-far') === true)
  const { reload, settings } = await status()
  expect(reload).toMatchObject({ trigger: 'POST /api/reload', kind: 'unchanged' })
  expect(settings).toContainEqual({
    name: 'too-far',
    value: '5000',
    place: `${join(folder, 'asnzone.yaml')}:8`,
  })
  expect(settings.find(({ name }) => name === 'sources')?.value).toBeNull()
})

test('clients that were refused are told of, as the query log has them', async () => {
  await dig(server.addresses[0], ['TXT', 'refused.example'])
  await until(async () => (await status()).refused?.clients.length === 1)
  expect((await status()).refused).toMatchObject({
    every: 1,
    clients: [{ client: '127.0.0.1', outcome: 'refused', asked: 'refused.example TXT' }],
  })
})
