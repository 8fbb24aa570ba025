// An error that nobody has caught, in the thread that looks after the others: DNS is answered all the same.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test, vi } from 'vitest'
import { temporaryFolder } from '../support/folders.ts'
import { dig, startServer } from '../support/programs.ts'

/** What a stream does to which nobody listens, and a promise that nobody waits for. */
const THROWER = `import { isMainThread } from 'node:worker_threads'
import { EventEmitter } from 'node:events'
let count = 0
if (isMainThread) process.on('SIGUSR2', () => {
  if (count++ % 2 === 0) new EventEmitter().emit('error', new Error('nobody listens'))
  else Promise.reject('nobody waits')
})
`

test.each(['mmsg', 'dgram'])('goes on, tells of ten a minute, and stops as ever (UDP by %s)', async (udp) => {
  const thrower = join(temporaryFolder({ 'thrower.mjs': THROWER }), 'thrower.mjs')
  const env = { NODE_OPTIONS: `--import ${pathToFileURL(thrower).href}` }
  const server = await startServer(['--udp', udp, '--workers', '1'], { env })
  const told = () => server.log.filter(({ msg }) => msg.includes('a fault of asnzone'))
  const ask = () => dig(server.addresses[0], ['+short', 'TXT', '8.8.8.8.geo.asnzone.internal'])
  try {
    for (let sent = 1; sent <= 10; sent++) {
      process.kill(server.pid, 'SIGUSR2')
      await vi.waitFor(() => expect(told()).toHaveLength(sent), 20_000)
    }
    expect(await ask()).toMatch(/^"15169 \|/)
    const [first, second] = told()
    const fault = 'nobody has caught this, which is a fault of asnzone: '
    expect(first).toMatchObject({
      level: 50,
      msg: `${fault}nobody listens; DNS goes on, and a restart mends what else hangs by it`,
    })
    expect(first.stack).toContain('thrower.mjs')
    expect(second.msg).toContain('nobody waits')
    process.kill(server.pid, 'SIGUSR2')
    expect(await ask()).toMatch(/^"15169 \|/)
    expect(told()).toHaveLength(10)
  } finally {
    expect((await server.stop()).code).toBe(0)
  }
})
