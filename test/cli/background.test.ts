// Commands beside a server that answers: they don't take its snapshot. For the processor see
// test/server/compile-process.test.ts.

import { copyFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
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
  expect(elsewhere).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^ {2}Distance {3}about \d+ km, by the point of a country$/m),
  })
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
