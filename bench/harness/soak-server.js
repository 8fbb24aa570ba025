// The server of a soak, in a process of its own: it replaces its service again and again, each time by a table in
// new memory, as a reload does.

import { setTimeout as sleep } from 'node:timers/promises'
import { parseListenAddress } from '../../dist/server/listen-address.js'
import { Server } from '../../dist/server/server.js'
import { soakServices } from './soak-services.js'

/** @typedef {{ workers: number, reload: number, dataDirectory: string }} SoakServerOptions `reload` in seconds */
/** @typedef {{ port: number } | { reloads: number, milliseconds: number }} SoakServerReport */

/** @type {SoakServerOptions} */
const { workers, reload, dataDirectory } = JSON.parse(process.argv[2])
const { definitions, policy, serviceOf } = await soakServices(dataDirectory)
const server = await Server.bind({
  listen: [parseListenAddress('127.0.0.1:0')],
  inherited: [],
  policy,
  tcp: { connections: 256, perClient: 64, idle: 10_000 },
  udp: 'mmsg',
  workers,
  zones: definitions.length,
  queryLog: null,
  onMissingAddress: () => {},
  onFallback: (reason) => {
    throw new Error(`no recvmmsg here: ${reason}`)
  },
  onWorkerDeath: (worker, reason) => {
    console.error(`worker ${worker} died: ${reason.stack}`)
    process.exit(1)
  },
})
await server.start(serviceOf(false))
await server.releaseMemory()
const stopped = new AbortController()
process.once('SIGTERM', () => stopped.abort())
report({ port: server.addresses[0].port })
for (let reloads = 1; !stopped.signal.aborted; reloads++) {
  await sleep(reload * 1000, undefined, { signal: stopped.signal }).catch(() => {})
  const started = performance.now()
  await server.replace(serviceOf(reloads % 2 === 1))
  await server.releaseMemory()
  report({ reloads, milliseconds: performance.now() - started })
}
await server.stop()
process.disconnect()

/** @param {SoakServerReport} message */
function report(message) {
  process.send?.(message)
}
