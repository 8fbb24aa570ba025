// Takes this process's place by a new one that is another user from its first instruction on: the same process to
// the one who started it, with the same number and the same sockets, but nothing of what root had, io_uring included.

import { accessSync, closeSync, constants, readdirSync, readFileSync, writeSync } from 'node:fs'
import { deserialize, serialize } from 'node:v8'
import {
  assume,
  type Identity,
  type IdentityCalls,
  letSigusr1Through,
  setInheritable,
  wrong,
} from '../system/identity.ts'
import type { InheritedSocket } from '../system/inherited-sockets.ts'
import { WITHOUT_DEBUGGER } from '../system/without-debugger.ts'

/** Names the process that a server's sockets were handed to, and the descriptor that it can be read from: `PID:FD`. */
const SERVER = '_ASNZONE_HANDOVER'

const STANDARD_STREAMS: readonly number[] = [0, 1, 2]

/** What a process hands to the one that takes its place. */
export interface Handover<Details> {
  readonly sockets: readonly InheritedSocket[]
  /** Whatever else: plain data. */
  readonly details: Details
}

/**
 * What the process whose place this one has taken has handed to it, null when there was none. What says so is taken
 * out of the environment.
 *
 * @param variable what the other has called it
 */
export function receiveHandover<Details>(
  environment: NodeJS.ProcessEnv,
  variable = SERVER,
): Handover<Details> | null {
  const [pid, fd] = (environment[variable] ?? '').split(':').map(Number)
  delete environment[variable]
  if (pid !== process.pid || !Number.isInteger(fd)) return null
  const handed = deserialize(readFileSync(fd)) as Handover<Details>
  closeSync(fd)
  return handed
}

/**
 * Becomes another user and group, and starts this program anew in this process. It returns never, unless by throwing,
 * and then the process has to end: it may have changed in part.
 *
 * @param names of user and group, for messages
 * @param alsoOpen descriptors to pass on besides those of the sockets; all others are closed
 * @param variable what is handed over is called so
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when this process may not change, or the user may not run the program.
 */
export function restartAs<Details>(
  calls: IdentityCalls,
  identity: Identity,
  names: { readonly user?: string | undefined; readonly group?: string | undefined },
  handover: Handover<Details>,
  alsoOpen: readonly number[],
  variable = SERVER,
): never {
  const fail = (reason: string): never => {
    throw wrong(names.user, names.group, reason)
  }
  const wasRoot = process.geteuid?.() === 0
  // Memory that has a descriptor: what it holds, secrets of the config too, can't be seen in the environment.
  const memory = calls.memfd_create('asnzone', 0)
  if (memory < 0) fail(`memfd_create: ${calls.strerror()}`)
  writeSync(memory, serialize(handover), 0, undefined, 0)
  const [program] = process.argv.slice(1)
  const failed = assume(calls, identity)
  if (failed !== null) {
    fail(
      wasRoot
        ? `${failed}; root may not become another user here (CAP_SETUID, CAP_SETGID): start asnzone as that user`
        : `${failed}; to change user or group, start asnzone as root`,
    )
  }
  for (const path of [process.execPath, program]) {
    try {
      accessSync(path, path === program ? constants.R_OK : constants.X_OK)
    } catch {
      fail(
        `it may not ${path === program ? 'read' : 'run'} ${path}: install Node.js and asnzone where it may`,
      )
    }
  }
  const open = [memory, ...handover.sockets.map(({ fd }) => fd), ...alsoOpen]
  keepOpenOnly(calls, [...STANDARD_STREAMS, ...open])
  const args = [process.execPath, ...process.execArgv, WITHOUT_DEBUGGER, ...process.argv.slice(1)]
  const variables = { ...process.env, UV_USE_IO_URING: '0', [variable]: `${process.pid}:${memory}` }
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
  // It would end the successor in its first milliseconds; this way it waits until there is somebody to take it.
  letSigusr1Through(calls, false)
  calls.execve(process.execPath, [...args, null], [...assignments, null])
  return fail(`${process.execPath}: ${calls.strerror()}`)
}

/** What Node.js has opened closes by itself; what root's shell has left open is nothing for the user. */
function keepOpenOnly(calls: IdentityCalls, open: readonly number[]): void {
  for (const fd of openDescriptors()) setInheritable(calls, fd, false)
  for (const fd of open) setInheritable(calls, fd, true)
}

/** None where /proc isn't mounted. */
function openDescriptors(): number[] {
  try {
    return readdirSync('/proc/self/fd').map(Number)
  } catch {
    return []
  }
}

/** Descriptors that were handed over are nothing for the children of this process. */
export function keepToOurselves(calls: IdentityCalls, sockets: readonly { readonly fd: number }[]): void {
  for (const { fd } of sockets) setInheritable(calls, fd, false)
}
