// A reload looks for new addresses of the host, whatever comes of the data.

import { join } from 'node:path'
import pino from 'pino'
import { expect, test, vi } from 'vitest'
import { keepAlive } from '../../src/app/live-data.ts'
import { Serials } from '../../src/app/serials.ts'
import { loadSettings } from '../../src/config/load.ts'
import { OPEN_POLICY } from '../../src/dns/treatment.ts'
import { askControl } from '../../src/server/control.ts'
import type { Server } from '../../src/server/server.ts'
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
  const settings = loadSettings({
    options: { 'data-dir': directory },
    configFile: join(directory, 'asnzone.yaml'),
  })
  const log = pino({ enabled: false })
  const parts = {
    settings,
    definitions: [],
    server: server as unknown as Server,
    recorder: null,
    policy: null,
    log,
  }
  const live = await keepAlive(
    {
      ...parts,
      serials: new Serials(settings, () => {}),
      notifier: null,
      reopenLogs: async () => null,
      treatment: OPEN_POLICY,
      httpConnections: 256,
    },
    smallTable(),
  )
  try {
    await askControl(join(directory, 'control.sock'), { command: 'reload' })
    expect(followAddresses).toHaveBeenCalledTimes(1)
    const [, hangUp] = vi.mocked(onSignal).mock.calls.find(([signal]) => signal === 'SIGHUP') ?? []
    hangUp?.()
    await vi.waitFor(() => expect(followAddresses).toHaveBeenCalledTimes(2))
  } finally {
    await live.stop()
  }
})
