// A reload looks for new addresses of the host, whatever comes of the data.

import { join } from 'node:path'
import pino from 'pino'
import { expect, test, vi } from 'vitest'
import { keepAlive } from '../../src/app/live-data.ts'
import { Serials } from '../../src/app/serials.ts'
import { servedBy, setupOf } from '../../src/app/setup.ts'
import { loadSettings } from '../../src/config/load.ts'
import { askControl } from '../../src/server/control.ts'
import type { Server } from '../../src/server/server.ts'
import { ZoneRows } from '../../src/server/zone-rows.ts'
import { onSignal } from '../../src/system/early-signals.ts'
import { temporaryFolder } from '../support/folders.ts'
import { fakeServer } from '../support/running.ts'
import { smallTable } from '../support/small-table.ts'

vi.mock('../../src/system/early-signals.ts', () => ({ onSignal: vi.fn() }))

test('asnzone reload and SIGHUP let the server follow the addresses of the host', async () => {
  const config = 'feed: none\nsources: [{ what: override, format: overrides, from: none.csv }]\n'
  const directory = temporaryFolder({ 'asnzone.yaml': config })
  const followAddresses = vi.fn(async () => {})
  const server = { ...fakeServer().running.server, followAddresses, releaseMemory: async () => {} }
  const readSettings = () =>
    loadSettings({ options: { 'data-dir': directory }, configFile: join(directory, 'asnzone.yaml') })
  const setup = setupOf(readSettings())
  const rows = new ZoneRows(setup.definitions.length)
  const table = smallTable()
  const live = await keepAlive(
    {
      setup,
      readSettings,
      serials: new Serials(directory, () => {}),
      rows,
      server: server as unknown as Server,
      recorder: null,
      policy: null,
      whois: null,
      log: pino({ enabled: false }),
      notifier: null,
      reopenLogs: async () => null,
      updateCommand: 'asnzone update',
      httpConnections: 256,
      started: '2026-11-20T05:00:00.000Z',
    },
    table,
    servedBy(setup, table),
  )
  try {
    await askControl(join(directory, 'control.sock'), { command: 'reload' })
    expect(followAddresses).toHaveBeenCalledTimes(1)
    const [, hangUp] = vi.mocked(onSignal).mock.calls.find(([signal]) => signal === 'SIGHUP') ?? []
    hangUp?.()
    await vi.waitFor(() => expect(followAddresses).toHaveBeenCalledTimes(2), 20_000)
  } finally {
    await live.stop()
  }
})
