// A program on the server's core that answers policy requests and does nothing else: what such requests cost DNS without asnzone.

import { join } from 'node:path'
import { askPolicy, policyRequest } from './policy-client.js'
import { CORES, freePort, startProcess } from './processes.js'

const DUNNO = new URL('./dunno.js', import.meta.url).pathname

/** @param {string} directory for its log */
export async function startDunno(directory) {
  const port = await freePort()
  return startProcess({
    command: [process.execPath, DUNNO, String(port)],
    directory,
    port,
    core: CORES.server,
    ready: () => answersPolicy(port),
    log: join(directory, 'dunno.log'),
  })
}

/**
 * Waits until a policy server answers.
 *
 * @param {number} port of 127.0.0.1
 */
export async function answersPolicy(port) {
  for (;;) {
    try {
      await askPolicy({ port, connections: 1, requests: [policyRequest(0, 0, 'first')] })
      return
    } catch {
      await new Promise((done) => setTimeout(done, 20))
    }
  }
}
