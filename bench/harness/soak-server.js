// The server of a soak, in a process of its own: it replaces its service whenever it is told to, each time by a table
// in new memory, as a reload does.

import { once } from 'node:events'
import { Server } from '../../dist/server/server.js'
import { parseListenAddress } from '../../dist/system/listen-address.js'
import { letV8GiveWay } from '../../dist/system/thread-priority.js'
import { soakServices } from './soak-services.js'

/** @typedef {{ workers: number, dataDirectory: string }} SoakServerOptions */
/** @typedef {'swap' | 'compile'} SoakServerOrder `compile` does all that a reload does and then swaps */
/** @typedef {{ port: number } | { reloads: number }} SoakServerReport */

// As `asnzone serve` does first.
letV8GiveWay()
/** @type {SoakServerOptions} */
const { workers, dataDirectory } = JSON.parse(process.argv[2])
const { definitions, serviceOf, compile } = await soakServices(dataDirectory)
const server = await Server.bind({
  listen: [parseListenAddress('127.0.0.1:0')],
  inherited: [],
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
let reloads = 0
/** One replacement at a time. */
let turn = Promise.resolve()
process.on('message', (/** @type {SoakServerOrder} */ order) => {
  turn = turn.then(async () => {
    if (order === 'compile') await compile()
    reloads++
    await server.replace(serviceOf(reloads % 2 === 1))
    await server.releaseMemory()
    report({ reloads })
  })
})
report({ port: server.addresses[0].port })
await once(process, 'SIGTERM')
await server.stop()
process.exit()

/** @param {SoakServerReport} message */
function report(message) {
  process.send?.(message)
}
