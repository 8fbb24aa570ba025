// Commands and threads beside a server that answers: they take neither its snapshot nor its processor.

import { once } from 'node:events'
import { copyFileSync, readdirSync, statSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { COMPILED_DATA } from '../support/conformance/launch.ts'
import { temporaryFolder } from '../support/folders.ts'
import { runCli } from '../support/programs.ts'

test("lookup with other settings leaves the server's snapshot and has one of its own", async () => {
  const folder = temporaryFolder()
  copyFileSync(join(COMPILED_DATA, 'table.snapshot'), join(folder, 'table.snapshot'))
  /** A file that was written anew is another one. */
  const fileOf = (name: string): number => statSync(join(folder, name)).ino
  const served = fileOf('table.snapshot')
  const lookup = (...args: string[]) => runCli(['lookup', '8.8.8.8', '--data-dir', folder, ...args])

  const elsewhere = await lookup('--here', '52.52,13.40')
  expect(elsewhere).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ {2}Distance {3}\d+ km$/m) })
  expect(readdirSync(folder).sort()).toEqual(['other.snapshot', 'table.snapshot'])
  const own = fileOf('other.snapshot')

  expect(await lookup('--here', '52.52,13.40')).toEqual(elsewhere)
  expect(await lookup()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ {2}Distance {3}--$/m) })
  expect([fileOf('table.snapshot'), fileOf('other.snapshot')]).toEqual([served, own])
})

test('without a snapshot, what lookup compiles is what the server starts from', async () => {
  const folder = temporaryFolder()
  expect(await runCli(['lookup', '8.8.8.8', '--data-dir', folder])).toMatchObject({ code: 0 })
  expect(readdirSync(folder)).toEqual(['table.snapshot'])
})

test.skipIf(process.platform !== 'linux')(
  'a thread that compiles for a running server lets others go first (Linux alone)',
  async () => {
    const module = new URL('../../dist/data/low-priority.js', import.meta.url).href
    const source = `
      const { readlinkSync } = require('node:fs')
      const { getPriority } = require('node:os')
      const { parentPort, workerData } = require('node:worker_threads')
      import(workerData).then(({ yieldToOthers }) => {
        yieldToOthers()
        parentPort.postMessage(getPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1))))
      })`
    const before = getPriority()
    const thread = new Worker(source, { eval: true, workerData: module })
    const [priority] = (await once(thread, 'message')) as [number]
    await thread.terminate()
    expect(priority).toBe(19)
    expect(getPriority()).toBe(before)
  },
)
