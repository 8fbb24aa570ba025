// Tables that were replaced leave memory, whichever thread held them last.

import { afterEach, describe, expect, test } from 'vitest'
import { zoneSetOptions } from '../../src/app/zone-set.ts'
import { loadSettings } from '../../src/config/load.ts'
import { readZoneDefinitions } from '../../src/config/zone-files.ts'
import { OPEN_POLICY } from '../../src/dns/treatment.ts'
import type { Server } from '../../src/server/server.ts'
import type { Service } from '../../src/server/service.ts'
import { HEADER } from '../../src/table/layout.ts'
import { Asker, answersOf } from '../support/asker.ts'
import { smallTable } from '../support/small-table.ts'
import { overUdp } from '../support/transports.ts'

// Threads are started from dist/.
const built = (await import(new URL('../../dist/server/server.js', import.meta.url).href)) as {
  Server: typeof Server
}

const SWAPS = 25
const TABLE_OCTETS = 16 << 20
/** Memory that may come and go besides; all the tables together have 400 MB. */
const MAX_GROWTH = 5 * TABLE_OCTETS

const definitions = readZoneDefinitions(undefined, [])
const small = smallTable()

/** A service whose table is as big as a real one, all its pages in use. */
function bigService(): Service {
  const table = new SharedArrayBuffer(TABLE_OCTETS)
  new Uint8Array(table).fill(1).set(new Uint8Array(small.buffer))
  new Uint32Array(table)[HEADER.byteLength] = TABLE_OCTETS
  const options = zoneSetOptions(loadSettings({}), small.metadata())
  return { table, definitions, zoneSetOptions: options, treatment: OPEN_POLICY }
}

let server: Server | undefined
afterEach(() => server?.stop())

describe.each(['mmsg', 'dgram'] as const)('UDP by %s', (udp) => {
  test(`memory is flat over ${SWAPS} swaps`, async () => {
    server = await built.Server.bind({
      listen: [{ host: '127.0.0.1', port: 0, family: 4 }],
      inherited: [],
      tcp: { connections: 16, perClient: 16, idle: 10_000 },
      udp,
      workers: 2,
      zones: definitions.length,
      queryLog: null,
      onMissingAddress: () => {},
      onFallback: (reason) => {
        throw new Error(reason)
      },
      onWildcard: () => {},
      onWorkerDeath: (_, reason) => {
        throw reason
      },
    })
    await server.start(bigService())
    await server.releaseMemory()
    const before = process.memoryUsage.rss()
    for (let swap = 0; swap < SWAPS; swap++) {
      await server.replace(bigService())
      await server.releaseMemory()
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(MAX_GROWTH)
    const reply = await new Asker(() => overUdp(server!.addresses[0])).ask('8.8.8.8.origin.asnzone.internal')
    expect(answersOf(reply)).toHaveLength(1)
  }, 180_000)
})
