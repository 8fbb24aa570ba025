// A Unix socket under a name in the file system: what it may take the place of.

import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadLibc } from '../../src/system/libc.ts'
import { checkPath, openUnixListener } from '../../src/system/unix-listener.ts'
import { isAnswered, isSomebody, listenOnPath, removeDead } from '../../src/system/unix-socket.ts'
import { temporaryFolder } from '../support/folders.ts'

const OPTIONS = { mode: 0o600, gid: null }

test('a socket takes the place of one that nobody listens on', async () => {
  const libc = await loadLibc()
  const path = join(temporaryFolder(), 'p.sock')
  libc.close(await openUnixListener(libc, { path, ...OPTIONS }))
  checkPath(path)
  libc.close(await openUnixListener(libc, { path, ...OPTIONS }))
  expect(statSync(path).isSocket()).toBe(true)
})

test('what is not a socket stays, ours or not: the path is what somebody has written into the settings', async () => {
  const libc = await loadLibc()
  const folder = temporaryFolder()
  const [file, link] = [join(folder, 'main.cf'), join(folder, 'link')]
  writeFileSync(file, 'myhostname = mail')
  symlinkSync(file, link)
  for (const path of [file, link, folder]) {
    expect(() => checkPath(path)).toThrow(`${path} is not a socket, and stays as it is`)
    await expect(openUnixListener(libc, { path, ...OPTIONS })).rejects.toThrow('is not a socket')
  }
  expect(readFileSync(link, 'utf8')).toBe('myhostname = mail')
})

test('a process that takes no more connections, because it is stopped say, lives', async () => {
  const libc = await loadLibc()
  const path = join(temporaryFolder(), 'p.sock')
  const fd = await openUnixListener(libc, { path, ...OPTIONS })
  libc.listen(fd, 0)
  const waiting = connect(path)
  await once(waiting, 'connect')
  try {
    expect([await isAnswered(path), await isAnswered(path)]).toEqual([true, true])
    await expect(openUnixListener(libc, { path, ...OPTIONS })).rejects.toThrow()
  } finally {
    waiting.destroy()
    libc.close(fd)
  }
  expect(await isAnswered(path)).toBe(false)
})

test('whether somebody listens is not guessed of what does not tell', () => {
  for (const code of ['ECONNREFUSED', 'ENOENT', 'ENOTSOCK']) expect(isSomebody(code)).toBe(false)
  for (const code of ['EAGAIN', 'EPROTOTYPE']) expect(isSomebody(code)).toBe(true)
  for (const code of ['EACCES', 'EPERM', 'EMFILE', '']) expect(isSomebody(code)).toBeNull()
})

test('what a dead process has left goes, and nothing else has its name or another', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'p.sock')
  const libc = await loadLibc()
  libc.close(await openUnixListener(libc, { path, ...OPTIONS }))
  writeFileSync(join(folder, 'beside'), '')
  expect(await removeDead(path, () => {})).toBe(true)
  expect(readdirSync(folder)).toEqual(['beside'])
  expect(await removeDead(path, () => {})).toBe(true)
})

test('who has taken the path meanwhile keeps it', async () => {
  const path = join(temporaryFolder(), 'p.sock')
  const libc = await loadLibc()
  libc.close(await openUnixListener(libc, { path, ...OPTIONS }))
  let other = -1
  // It is asked between the look at the dead one and the end of that.
  const replaced = (): void => {
    rmSync(path)
    writeFileSync(path, 'another')
    other = statSync(path).ino
  }
  expect(await removeDead(path, replaced)).toBe(false)
  expect([statSync(path).ino, readFileSync(path, 'utf8')]).toEqual([other, 'another'])
  const living = join(temporaryFolder(), 'p.sock')
  const fd = await openUnixListener(libc, { path: living, ...OPTIONS })
  expect(await removeDead(living, () => {})).toBe(false)
  expect(await isAnswered(living)).toBe(true)
  libc.close(fd)
})

test('an error of accept ends nobody', async () => {
  const server = await listenOnPath(join(temporaryFolder(), 'control.sock'), () => {})
  expect(server?.emit('error', new Error('accept EMFILE'))).toBe(true)
  server?.close()
})

test('what leads nowhere is nobody who lives', async () => {
  const folder = temporaryFolder()
  const loop = join(folder, 'loop')
  symlinkSync('loop', loop)
  expect([await isAnswered(loop), await isAnswered(join(folder, 'none')), await isAnswered(folder)]).toEqual([
    false,
    false,
    false,
  ])
})
