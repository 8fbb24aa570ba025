// A thread that is kept alive: what becomes of one that dies before it has begun.

import { afterEach, expect, test, vi } from 'vitest'
import { KeptThread } from '../../src/system/kept-thread.ts'

interface Theirs {
  ping(): void
  begin(): void
}

/** Does `first` when it is the first one; then answers each call. */
const entryOf = (first: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { workerData } from 'node:worker_threads'
      const { port, number } = workerData
      const refuse = number === 1 && ${JSON.stringify(first)} === 'refuse'
      if (number === 1 && !refuse) { ${first} }
      port.on('message', ({ call: answer }) =>
        port.postMessage(refuse ? { answer, error: 'the port is taken', code: 'ASNZONE_LISTEN' } : { answer, value: null }))
    `)}`,
  )

let kept: KeptThread<Theirs> | undefined
const deaths: string[] = []

async function start(first: string): Promise<void> {
  let number = 0
  deaths.length = 0
  kept = await KeptThread.start<Theirs>({
    entry: entryOf(first),
    resourceLimits: { maxOldGenerationSizeMb: 16 },
    data: () => ({ number: ++number }),
    offers: {},
    begin: (calls) => calls.callWithin(number === 1 && first.includes('Atomics') ? 50 : 60_000, 'begin'),
    onDeath: ({ message }) => deaths.push(message),
  })
}

afterEach(async () => {
  await kept?.stop()
  kept = undefined
})

test.each([
  ["throw new Error('out of memory')", 'out of memory'],
  ['process.exit(0)', 'the other thread has ended'],
  ['const all = []; for (;;) all.push(new Array(1000).fill({}))', expect.stringContaining('memory limit')],
  ['Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)', 'begin: no answer within 50 ms'],
])('the first one that does %s ends nothing else, and is started again', async (first, reason) => {
  await start(first)
  expect(kept?.calls).toBeNull()
  expect(deaths).toEqual([reason])
  await vi.waitFor(() => expect(kept?.calls).not.toBeNull(), 30_000)
  await kept?.calls?.call('ping')
})

test('what the first one refuses to begin with is told to who starts it', async () => {
  await expect(start('refuse')).rejects.toThrow('the port is taken')
  expect(deaths).toEqual([])
})
