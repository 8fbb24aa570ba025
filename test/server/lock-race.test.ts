// Several processes that find the same dead socket at once: one of them has the path afterwards, and it alone.

import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { isAnswered } from '../../src/system/unix-socket.ts'
import { temporaryFolder } from '../support/folders.ts'

const MODULE = pathToFileURL(join(import.meta.dirname, '../../dist/system/unix-socket.js')).href

/** Waits for its word, tries to listen at a path, and tells what came of it. */
const RACER = `import { listenOnPath } from ${JSON.stringify(MODULE)}
process.on('message', async (path) => {
  const server = await listenOnPath(path, () => {}).catch((error) => error)
  process.send(server instanceof Error ? server.message : server !== null)
})
process.send('ready')
`

const told = async (child: ChildProcess): Promise<unknown> => (await once(child, 'message'))[0]

test('beside what a killed process has left', async () => {
  const folder = temporaryFolder({ 'racer.mjs': RACER })
  const racers = [1, 2, 3].map(() => fork(join(folder, 'racer.mjs')))
  try {
    await Promise.all(racers.map(told))
    for (let round = 0; round < 20; round++) {
      const path = join(folder, `${round}.lock`)
      const script = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`
      await once(spawn(process.execPath, ['-e', script, path]), 'close')
      expect(await isAnswered(path)).toBe(false)
      const answers = Promise.all(racers.map(told))
      for (const racer of racers) racer.send(path)
      expect((await answers).toSorted()).toEqual([false, false, true])
      expect(await isAnswered(path)).toBe(true)
      expect(readdirSync(folder).toSorted()).toEqual(
        [...Array.from({ length: round + 1 }, (_, at) => `${at}.lock`), 'racer.mjs'].toSorted(),
      )
    }
  } finally {
    for (const racer of racers) racer.kill()
  }
})
