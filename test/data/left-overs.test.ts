// What killed processes have left in the data directory goes, as soon as nobody writes it any more.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { removeLeftOvers } from '../../src/data/left-overs.ts'
import { Store } from '../../src/data/sources/store.ts'
import { UNIQUE, uniqueName } from '../../src/system/atomic-file.ts'
import { temporaryFolder } from '../support/folders.ts'

const MINUTE_MS = 60_000
const SUM = '0123456789ab'

/** The number of a process that has ended. */
const DEAD = spawnSync(process.execPath, ['-e', '']).pid

/** Each of these names, last written so many minutes ago. */
function folderWith(names: readonly string[], minutes: number): string {
  const folder = temporaryFolder(Object.fromEntries(names.map((name) => [name, 'x'])))
  const then = new Date(Date.now() - minutes * MINUTE_MS)
  for (const name of names) utimesSync(join(folder, name), then, then)
  return folder
}

const namesOf = (pid: number | string): string[] => [
  `.new-${pid}${SUM}`,
  `other.snapshot.${pid}${SUM}.tmp`,
  `table.snapshot.${pid}${SUM}.tmp`,
]

test.each([
  ['of a dead process', `${DEAD}-`, 2, true],
  ['of a dead process, or one that we can’t see, just now', `${DEAD}-`, 0, false],
  ['of a living process', `${process.pid}-`, 50, false],
  ['of a living process that has another’s number', `${process.pid}-`, 90, true],
  ['of an older asnzone', '', 50, false],
  ['of an older asnzone, long ago', '', 90, true],
])('%s', (_, pid, minutes, isGone) => {
  const names = namesOf(pid)
  const folder = folderWith(names, minutes)
  removeLeftOvers(folder)
  expect(readdirSync(folder).sort()).toEqual(isGone ? [] : names)
})

test('all else stays, however old', () => {
  const names = [
    '.new-thesis',
    `.new-${DEAD}-${SUM}.odt`,
    'my.snapshot.1-0123456789ab.tmp',
    'table.snapshot',
    'table.snapshot.backup.tmp',
    `tableXsnapshot.${SUM}.tmp`,
  ]
  const folder = folderWith(names, 5000)
  mkdirSync(join(folder, `.new-${DEAD}-${SUM}`))
  utimesSync(join(folder, `.new-${DEAD}-${SUM}`), new Date(0), new Date(0))
  removeLeftOvers(folder)
  expect(readdirSync(folder).sort()).toEqual([`.new-${DEAD}-${SUM}`, ...names].sort())
})

test('an update does so before it begins', () => {
  const folder = folderWith(namesOf(`${DEAD}-`), 2)
  new Store(folder).prepare()
  expect(readdirSync(folder).sort()).toEqual(['files', 'parts'])
})

test('a folder that is not there is none', () => {
  const folder = join(temporaryFolder(), 'none')
  removeLeftOvers(folder)
  expect(existsSync(folder)).toBe(false)
})

test('what is written now has such a name', () => {
  const pattern = new RegExp(`^${UNIQUE}$`)
  expect(pattern.exec(uniqueName())?.[1]).toBe(String(process.pid))
})
