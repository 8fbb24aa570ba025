// A log that is followed: what is added, a new file of its name, and one that was cut short.

import { appendFileSync, openSync, renameSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { follow } from '../../src/learn/follow.ts'
import { linesOf } from '../../src/learn/lines.ts'
import { temporaryFolder } from '../support/folders.ts'

/** Follows a log that has a line already; `lines` are the others as they come. */
function following() {
  const name = join(temporaryFolder({ log: 'old\n' }), 'log')
  const ended = new AbortController()
  let stream!: AsyncIterable<Buffer>
  const began = new Promise<void>((onFollowing) => {
    stream = follow({ name, open: (path) => openSync(path, 'r'), signal: ended.signal, onFollowing })
  })
  const lines: string[] = []
  let wake = () => {}
  const done = (async () => {
    for await (const some of linesOf(stream)) {
      lines.push(...some)
      wake()
    }
  })()
  const comes = async (line: string) => {
    while (!lines.includes(line)) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  const end = () => {
    ended.abort()
    return done
  }
  return { name, lines, comes, began, end }
}

test('what is added comes, and what was there does not', async () => {
  const { name, lines, comes, began, end } = following()
  await began
  appendFileSync(name, 'a\nb')
  await comes('a')
  appendFileSync(name, 'c\n')
  await comes('bc')
  appendFileSync(name, 'last')
  await end()
  expect(lines).toEqual(['a', 'bc', 'last'])
})

test('a new file of the name is read from its beginning, after the end of the old one', async () => {
  const { name, lines, comes, began, end } = following()
  await began
  const old = `${name}.1`
  renameSync(name, old)
  appendFileSync(old, 'a\nhalf')
  await comes('a')
  writeFileSync(name, 'c\n')
  await comes('c')
  unlinkSync(name)
  writeFileSync(name, 'd\n')
  await comes('d')
  await end()
  expect(lines).toEqual(['a', 'half', 'c', 'd'])
})

test('a log that was cut short is read from its beginning', async () => {
  const { name, lines, comes, began, end } = following()
  await began
  appendFileSync(name, 'a long line\nhalf')
  await comes('a long line')
  truncateSync(name, 0)
  appendFileSync(name, 'b\n')
  await comes('b')
  await end()
  expect(lines).toEqual(['a long line', 'half', 'b'])
})

test('a file that is not there is an error', async () => {
  const nowhere = join(temporaryFolder({}), 'none')
  const stream = follow({
    name: nowhere,
    open: (path) => openSync(path, 'r'),
    signal: new AbortController().signal,
  })
  await expect(stream.next()).rejects.toThrow('ENOENT')
})
