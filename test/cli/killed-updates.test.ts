// Updates that are killed at any moment leave the old data or the new, whole and working.
//
// UPDATE_KILLS says how often; `npm run test:kills` does it 200 times.

import { spawn } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { planOf } from '../../src/app/data-sources.ts'
import { loadSettings } from '../../src/config/load.ts'
import { loadTable } from '../../src/data/compile/load.ts'
import { readSnapshot, SNAPSHOT_FILE } from '../../src/data/snapshot/snapshot.ts'
import { resolveSources } from '../../src/data/sources/sources.ts'
import { Store } from '../../src/data/sources/store.ts'
import { addressAttributes } from '../../src/table/attributes.ts'
import { parseCidr } from '../../src/table/cidr-text.ts'
import { temporaryFolder } from '../support/folders.ts'
import { ReleaseServer } from '../support/release-server.ts'

const KILLS = Number(process.env.UPDATE_KILLS ?? 12)
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** Rows besides the one that is looked at, so that each step of an update takes a while. */
const ROWS = 20_000

const folder = temporaryFolder()
const directory = join(folder, 'data')
const configFile = join(folder, 'asnzone.yaml')
let server: ReleaseServer

beforeAll(async () => {
  server = await ReleaseServer.start()
  const files = ['one.csv', 'two.csv'].map((file) => `'${server.url}/latest/${file}'`)
  writeFileSync(
    configFile,
    `feed: none\nsentinels: []\ndata-dir: ${directory}\nsources:\n  - what: asn\n    format: ip-location-db\n` +
      `    from: [${files}]\n    checksum: '${server.url}/checksum/{file}.sha256'\n`,
  )
})
afterAll(() => server.stop())

/** Publishes version n: both files name AS n. */
function publish(version: number): void {
  const date = new Date(Date.UTC(2026, 10, 1) + version * 60_000).toISOString()
  const rows = Array.from(
    { length: ROWS },
    (_, n) => `${256 * n + 1},${256 * n + 1},${version},AS ${version}\n`,
  )
  server.publish('one.csv', `134744072,134744072,${version},AS ${version}\n${rows.join('')}`, date)
  server.publish('two.csv', `2001:db8::,2001:db8::1,${version},AS ${version}\n`, date)
}

/** How an update ended, and how many milliseconds it took from its first request on. */
interface Ended {
  readonly code: number | null
  readonly span: number
}

/** Starts an update and kills it so many milliseconds after its first request. */
function update(killAfter: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, 'update', '--config', configFile], {
      cwd: folder,
      stdio: 'ignore',
    })
    let begun = 0
    let timer: NodeJS.Timeout | undefined
    server.onRequest = () => {
      if (begun > 0) return
      begun = performance.now()
      timer = setTimeout(() => child.kill('SIGKILL'), killAfter)
    }
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve({ code, span: performance.now() - begun })
    })
  })
}

/** The versions that a server would start with: of both files, and of the snapshot if it has one. */
async function versions(): Promise<{
  asns: (number | null | undefined)[]
  snapshot: number | null | undefined
}> {
  const settings = loadSettings({ configFile })
  const store = new Store(directory)
  const manifest = store.manifest()
  for (const file of manifest.values()) expect(await store.isIntact(file)).toBe(true)
  const { sources, absent } = resolveSources(planOf(settings), manifest, (file) => store.pathOf(file))
  expect(absent).toEqual([])
  const table = await loadTable(sources)
  const asnOf = (of: typeof table, address: string) => addressAttributes(of, parseCidr(address).start)?.asn
  const snapshot = readSnapshot(join(directory, SNAPSHOT_FILE))
  return {
    asns: ['8.8.8.8', '2001:db8::'].map((address) => asnOf(table, address)),
    snapshot: snapshot === null ? null : asnOf(snapshot, '8.8.8.8'),
  }
}

test(
  `${KILLS} updates, each killed at another moment`,
  async () => {
    let version = 1
    publish(version)
    const first = await update(600_000)
    expect(first.code).toBe(0)
    let { span } = first
    let [old, killed, finished] = [version, 0, 0]
    for (let kill = 0; kill < KILLS; kill++) {
      publish(++version)
      // Moments spread over the whole of an update, as long as the quickest was until now.
      const { code, span: took } = await update((span * (kill + Math.random())) / KILLS)
      if (code === 0) finished++
      else killed++
      if (code === 0) span = Math.min(span, took)
      const { asns, snapshot } = await versions()
      expect(
        [
          [old, old],
          [version, version],
        ],
        `version ${version}, ended with ${code}`,
      ).toContainEqual(asns)
      if (code === 0) expect(asns).toEqual([version, version])
      expect(snapshot).toBeGreaterThanOrEqual(1)
      old = asns[0] ?? 0
    }
    // What the killed ones have left is no hindrance.
    publish(++version)
    expect((await update(600_000)).code).toBe(0)
    expect(await versions()).toEqual({ asns: [version, version], snapshot: version })
    expect(readdirSync(directory).sort()).toEqual(
      expect.arrayContaining(['files', 'last-update.json', 'manifest.json', 'parts', 'table.snapshot']),
    )
    console.log(`${killed} updates killed, ${finished} finished before`)
    expect(killed).toBeGreaterThan(0)
  },
  60_000 + KILLS * 20_000,
)
