// A Unix socket that clients connect to, bound under a name in the file system by the calls of libc: its descriptor can
// be handed to a thread, and to the process that takes this one's place.

import { chmodSync, chownSync, lstatSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { failureOf, type Libc } from './libc.ts'
import { checkSocket } from './safe-file.ts'
import { removeDead } from './unix-socket.ts'

const AF_UNIX = 1
const SOCK_STREAM = 1
const SOCK_CLOEXEC = 0x80000
const F_DUPFD_CLOEXEC = 1030
/** Connections that may wait to be accepted, as Node has it. */
const BACKLOG = 511

/** Octets of a path that the kernel takes, its NUL not among them. */
const MAX_PATH_OCTETS = 107

/** Who may connect. */
export interface UnixListenerOptions {
  readonly path: string
  /** Permissions. */
  readonly mode: number
  /** The group that it belongs to; null for that of the process. */
  readonly gid: number | null
}

/**
 * Sees that there can be a socket of this path, as far as that can be seen without making one.
 *
 * @throws {Error} with the reason when there can't.
 */
export function checkPath(path: string): void {
  if (Buffer.byteLength(path) > MAX_PATH_OCTETS) {
    throw new Error(`a socket's path may have ${MAX_PATH_OCTETS} octets`)
  }
  const directory = dirname(path)
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new Error(`the directory ${directory} does not exist`)
  }
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === false) {
    throw new Error(`${path} is not a socket, and stays as it is`)
  }
}

/**
 * Binds a path, in place of a process that has died there.
 *
 * @throws {Error} with a Node error code or a reason, when a living process listens there for instance.
 */
export async function openUnixListener(libc: Libc, options: UnixListenerOptions): Promise<number> {
  const { path, mode, gid } = options
  checkPath(path)
  try {
    return bindPath(libc, path, mode, gid)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    // The path is anybody's: what isn't a dead socket of ours is left as it is.
    if (!(await removeDead(path, () => checkSocket(path)))) throw error
    return bindPath(libc, path, mode, gid)
  }
}

/**
 * Another descriptor for the same socket: who gets it may close it.
 *
 * @throws {Error} with a Node error code.
 */
export function duplicate(libc: Libc, fd: number): number {
  const copy = libc.fcntl(fd, F_DUPFD_CLOEXEC, 0)
  if (copy < 0) throw failed(libc, 'fcntl')
  return copy
}

function bindPath(libc: Libc, path: string, mode: number, gid: number | null): number {
  const fd = libc.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)
  if (fd < 0) throw failed(libc, 'socket')
  // Nobody may connect before the mode and the group are what they are to be.
  const umask = process.umask(0o777)
  try {
    const name = Buffer.concat([Buffer.from([AF_UNIX, 0]), Buffer.from(`${path}\0`)])
    if (libc.bind(fd, name, name.length) !== 0) throw failed(libc, 'bind')
    if (gid !== null) chownSync(path, -1, gid)
    chmodSync(path, mode)
    if (libc.listen(fd, BACKLOG) !== 0) throw failed(libc, 'listen')
    return fd
  } catch (error) {
    libc.close(fd)
    throw error
  } finally {
    process.umask(umask)
  }
}

function failed(libc: Libc, call: string): Error {
  const code = failureOf(libc)
  return Object.assign(new Error(`${call}: ${code}`), { code })
}
