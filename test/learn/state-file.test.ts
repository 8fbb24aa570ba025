// What is said of a state that can't be used: only one that is damaged is to be moved away.

import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { expect, test } from 'vitest'
import { stateFault } from '../../src/learn/state-file.ts'
import { temporaryFolder } from '../support/folders.ts'

const PAGE = 4096
const MEND = '; move it away: what was learned begins anew'

/** A database with some pages of rows. */
function filled(): string {
  const file = join(temporaryFolder(), 'x.sqlite')
  const database = new Database(file)
  database.exec(`PRAGMA page_size = ${PAGE}; CREATE TABLE T (a)`)
  for (let i = 0; i < 20; i++) database.prepare('INSERT INTO T VALUES (?)').run('x'.repeat(1000))
  database.close()
  return file
}

const FAILURES: Readonly<Record<string, readonly [() => void, string]>> = {
  'a full disk': [
    () => {
      const database = new Database(filled())
      database.exec('PRAGMA max_page_count = 1')
      database.prepare('INSERT INTO T VALUES (?)').run('x'.repeat(10 * PAGE))
    },
    'the disk is full',
  ],
  'another process that writes': [
    () => {
      const file = filled()
      new Database(file).exec('BEGIN EXCLUSIVE')
      new Database(file).exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
    },
    'database is locked',
  ],
  'a file that may only be read': [
    () => new Database(filled()).exec('PRAGMA query_only = 1; DELETE FROM T'),
    'attempt to write a readonly database',
  ],
  'a page of something else': [
    () => {
      const file = filled()
      const fd = openSync(file, 'r+')
      writeSync(fd, Buffer.alloc(PAGE, 0xaa), 0, PAGE, PAGE)
      closeSync(fd)
      new Database(file).prepare('SELECT a FROM T').all()
    },
    `database disk image is malformed${MEND}`,
  ],
  'octets of anything': [
    () => {
      const file = filled()
      writeFileSync(file, 'x'.repeat(2 * PAGE))
      new Database(file).prepare('SELECT a FROM T').all()
    },
    `file is not a database${MEND}`,
  ],
}

test.each(Object.entries(FAILURES))('%s', (_, [fail, said]) => {
  let error: unknown = null
  try {
    fail()
  } catch (caught) {
    error = caught
  }
  expect(stateFault('learned.sqlite', error).message).toBe(`learned.sqlite: ${said}`)
})

test('what the system says is told once', () => {
  const reason = (error: Error) => stateFault('/d/learned.sqlite', error).message
  expect(reason(new Error('/d/learned.sqlite is not a file'))).toBe('/d/learned.sqlite is not a file')
  const full = Object.assign(new Error('ENOSPC: no space left on device, open'), { code: 'ENOSPC' })
  expect(reason(full)).toBe('/d/learned.sqlite: the disk is full')
})
