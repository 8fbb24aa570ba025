// A server whose snapshot somebody has changed, with a checksum that is right: it compiles the sources instead.

import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { SNAPSHOT_FILE } from '../../src/data/snapshot/snapshot.ts'
import { COLUMN, RECORD_WORDS } from '../../src/table/layout.ts'
import { temporaryFolder } from '../support/folders.ts'
import { changeSnapshot, type OpenedTable } from '../support/mutated-snapshot.ts'
import { dig, type RunningServer, runCli, startServer } from '../support/programs.ts'

const folder = temporaryFolder({
  'asnzone.yaml': 'feed: none\nsources:\n  - { what: asn, format: ip-location-db, from: asn.csv }\n',
  'asn.csv': '8.8.8.0,8.8.8.255,15169,Google LLC\n',
})
const right = join(folder, 'right')
let server: RunningServer | undefined

afterEach(() => server?.stop())

const CHANGES: readonly (readonly [string, (opened: OpenedTable) => void])[] = [
  // Searched for ever by each worker that was asked.
  [
    'index words beyond the count',
    (opened) => opened.words.fill(0xfffffff0, opened.at('v4Index') + 1, opened.at('v4Starts')),
  ],
  // Ended each worker that was asked.
  [
    'entries behind the records',
    (opened) => opened.words.fill(0xfffff018, opened.at('v4Entries'), opened.at('v6Groups')),
  ],
  // Wrote replies over the addresses that the kernel follows.
  ['offsets behind the strings', (opened) => opened.set('records', RECORD_WORDS + COLUMN.name, 1_000_000)],
  // Ended each start.
  ['metadata that is not JSON', (opened) => opened.metadata.fill(0x20)],
]

test.each(CHANGES)('%s', async (_, change) => {
  const data = join(folder, 'data')
  const options = { cwd: folder, env: { ASNZONE_DATA_DIR: data } }
  const snapshot = join(data, SNAPSHOT_FILE)
  mkdirSync(data, { recursive: true })
  await runCli(['lookup', '8.8.8.8'], options)
  copyFileSync(snapshot, right)
  changeSnapshot(right, snapshot, change)
  server = await startServer(['--listen', '127.0.0.1:0', '--workers', '1'], options)
  const warning = server.log.find(({ msg }) =>
    msg.startsWith('the snapshot is not used and will be written again'),
  )
  expect(warning?.msg).toContain(`${snapshot}: not a compiled table: `)
  for (let i = 0; i < 5; i++) {
    expect(await dig(server.addresses[0], ['+short', 'TXT', '8.8.8.8.geo.asnzone.internal'])).toBe(
      '"15169 | Google LLC | -- | -- | 0"',
    )
  }
  await server.stop()
  server = await startServer(['--listen', '127.0.0.1:0', '--workers', '1'], options)
  expect(server.log.some(({ msg }) => msg.startsWith('the snapshot is not used'))).toBe(false)
})
