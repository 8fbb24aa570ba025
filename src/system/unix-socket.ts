// Unix sockets as names that belong to one living process: the kernel forgets a dead one's.

import { randomBytes } from 'node:crypto'
import { linkSync, lstatSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { renameIfThere } from './atomic-file.ts'
import { makeDirectory } from './make-directory.ts'
import { checkSocket, fileStats } from './safe-file.ts'

/** Octets that the path of a socket may have on every Unix; a longer one would be cut off without a word. */
const MAX_PATH_OCTETS = 103

/**
 * Listens on a path, in place of a process that has died there. Its directory is made where it is missing.
 *
 * @param onConnection told of each client
 * @returns null when a living process listens there
 * @throws {Error} when the path is too long or can't be bound, or its directory can't be made.
 * @throws {Error} as `isAnswered` does.
 */
export async function listenOnPath(
  path: string,
  onConnection: (socket: Socket) => void,
): Promise<Server | null> {
  if (Buffer.byteLength(path) > MAX_PATH_OCTETS) {
    throw new Error(`a socket's path may have ${MAX_PATH_OCTETS} octets; a shorter data-dir is needed`)
  }
  // bind() would fail, and Node.js would tell of EACCES where it is ENOENT.
  makeDirectory(dirname(path))
  const server = createServer({ allowHalfOpen: true }, onConnection)
  for (let attempt = 1; ; attempt++) {
    const code = await new Promise<string>((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException): void => {
        if (error.code === 'EADDRINUSE') resolve(error.code)
        else reject(error)
      }
      server.once('error', failed)
      server.listen({ path }, () => {
        server.off('error', failed)
        // An error of accept, such as too many open files, passes when connections close.
        server.on('error', () => {})
        resolve('')
      })
    })
    if (code === '') return server
    if (attempt > 1) return null
    const isFree = await removeDead(path, () => {
      // What isn't a dead socket, or a file of ours, is left as it is.
      if (fileStats(path) === null) checkSocket(path)
    })
    if (!isFree) return null
  }
}

/**
 * Removes what a process that has died has left at a path; what another one has put there meanwhile, which may have seen
 * the same dead one, stays.
 *
 * @param check throws when that is not to be removed
 * @returns whether nobody has the path
 * @throws {Error} as `isAnswered` does, of `check` and of the system.
 */
export async function removeDead(path: string, check: () => void): Promise<boolean> {
  const dead = versionOf(path)
  if (await isAnswered(path)) return false
  check()
  if (versionOf(path) !== dead) return false
  if (dead === null) return true
  // Another process may come between two calls of the system: what is taken away is looked at once more.
  const aside = nameBeside(path)
  if (!renameIfThere(path, aside)) return true
  let lives = true
  try {
    lives = await isAnswered(aside)
  } finally {
    if (lives) giveBack(aside, path)
    rmSync(aside, { force: true })
  }
  return !lives
}

/** A name that nothing has, in the same directory, no longer than the path of a socket may be where the path isn't. */
function nameBeside(path: string): string {
  const directory = dirname(path)
  const room = MAX_PATH_OCTETS - Buffer.byteLength(directory) - 1
  const length = Math.min(16, Math.max(basename(path).length, room))
  for (;;) {
    const name = join(directory, randomBytes(8).toString('hex').slice(0, length))
    if (versionOf(name) === null) return name
  }
}

/** Gives a path back to who has it, unless a third process has taken it meanwhile. */
function giveBack(aside: string, path: string): void {
  try {
    linkSync(aside, path)
  } catch (error) {
    // Where links are not to be had, as of files of others, what was there before counts.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') renameIfThere(aside, path)
  }
}

/** What tells a file from another one of the same name; null where there is none. */
function versionOf(path: string): string | null {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? null : `${stats.dev} ${stats.ino} ${stats.ctimeNs}`
}

/** Milliseconds for which whoever listens may say something, and the most characters of it. */
const PATIENCE_MS = 1000
const MAX_HEARD = 256

/** What whoever listens on a path says of itself, a short text; nothing where that doesn't come at once. */
export function heardAt(path: string): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ path }).setEncoding('utf8')
    const timer = setTimeout(() => socket.destroy(), PATIENCE_MS)
    socket.on('data', (piece: string) => {
      text += piece
      if (text.length > MAX_HEARD) socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(text)
    })
  })
}

/** Codes of a path that nobody listens on: a socket of a process that has died, another kind of file, or nothing. */
const NOBODY: readonly string[] = ['ECONNREFUSED', 'ELOOP', 'ENOENT', 'ENOTDIR', 'ENOTSOCK']

/** Codes of a process that lives: it is stopped and takes no more, or has a socket of another kind. */
const SOMEBODY: readonly string[] = ['EAGAIN', 'EPROTOTYPE']

/** Whether somebody listens, by the code of an attempt to connect that has failed; null where it doesn't tell. */
export function isSomebody(code: string): boolean | null {
  if (NOBODY.includes(code)) return false
  return SOMEBODY.includes(code) ? true : null
}

/**
 * Whether a living process listens on a path.
 *
 * @throws {Error} with the reason, not the path, when that can't be asked: who lives would lose his socket if it were guessed.
 */
export function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', ({ code = '', message }: NodeJS.ErrnoException) => {
      const lives = isSomebody(code)
      if (lives !== null) resolve(lives)
      else {
        const reason = code === 'EACCES' ? 'this user may not ask' : `${message}, so that nobody can tell`
        reject(new Error(`${reason} who listens; if nobody listens there, remove it`))
      }
    })
  })
}
