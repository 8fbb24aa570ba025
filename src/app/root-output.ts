// A file that root wants in a folder of root's is made there by root, and written by the service's user: the command is
// started once more, with the file as its standard output, as a shell does for `> FILE`. Root reads and compiles nothing.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  fsyncSync,
  lstatSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { modeOfReplaced, syncDirectory, TEMPORARY, uniqueName } from '../system/atomic-file.ts'
import { dieWithParent } from '../system/die-with-parent.ts'
import { handedOver } from '../system/handed-over.ts'
import { createFile } from '../system/safe-file.ts'
import { strangerAbove } from '../system/stranger-above.ts'

/** Tells the command that was started so, by the number of its parent. */
const VARIABLE = '_ASNZONE_STANDARD_OUTPUT'

/** Who else may not write into a folder that root trusts. */
const WRITABLE_BY_OTHERS = 0o022

/** Descriptors from here on are not passed on: no shell hands over as many. */
const MAX_DESCRIPTORS = 1024

const hasFileForRoot = (): boolean => process.env[VARIABLE] !== undefined

/** Whether this is the command whose standard output is the file. It ends with the one that has made the file. */
export async function isWriterForRoot(): Promise<boolean> {
  if (hasFileForRoot()) await dieWithParent(Number(process.env[VARIABLE]))
  return hasFileForRoot()
}

/** Signals that end a command: they are for who writes. */
const ENDING = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** How a command has ended. */
interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/**
 * Has this command write a file as the service's user into a folder that only root can write into. The file replaces the
 * old one when the command has done its work. Nothing may have been read yet: a config from a pipe is for the other.
 *
 * @param file the file, or a link to it
 * @returns the exit code of the command; null where this isn't root, or the folder is not root's alone: then the user
 *   who writes opens the file
 * @throws {Error} of the system when the file can't be made.
 */
export async function writeForRoot(file: string, mode: number): Promise<number | null> {
  if (process.geteuid?.() !== 0 || hasFileForRoot()) return null
  const target = targetForRootAlone(resolve(file))
  if (target === null) return null
  const end = await replaceByCommand(target, mode)
  return codeOf(end)
}

async function replaceByCommand(target: string, mode: number): Promise<End> {
  let child: ChildProcess | null = null
  // Before the file is there: nothing is left of it when a signal comes. Until the child is, no signal is looked at.
  const pass = (signal: NodeJS.Signals): void => void child?.kill(signal)
  for (const signal of ENDING) process.on(signal, pass)
  try {
    const temporary = join(dirname(target), `${TEMPORARY}${uniqueName()}`)
    const fd = createFile(temporary, modeOfReplaced(target, mode))
    try {
      child = startInto(fd)
      const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
      if (code === 0) {
        fsyncSync(fd)
        renameSync(temporary, target)
        syncDirectory(dirname(target))
      }
      return { code, signal }
    } finally {
      closeSync(fd)
      rmSync(temporary, { force: true })
    }
  } finally {
    for (const signal of ENDING) process.off(signal, pass)
  }
}

/** Who is ended by a signal ends so itself: a shell and systemd tell that from a failure. */
function codeOf({ code, signal }: End): number {
  if (signal === null) return code ?? 1
  if (ENDING.some((it) => it === signal)) process.kill(process.pid, signal)
  throw new Error(`the process that writes it was ended by ${signal}`)
}

/**
 * The file that a path leads to, through links or none, where nobody but root could put another link, or another file, on
 * the way to it; else null.
 */
function targetForRootAlone(path: string): string | null {
  const isRoots = (folder: string): boolean => {
    const { uid, mode } = statSync(folder)
    return uid === 0 && (mode & WRITABLE_BY_OTHERS) === 0 && strangerAbove(folder, 0) === null
  }
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    // A device, a directory or a link to nothing is refused by who writes; links in a ring have thrown.
    if (stats === undefined ? isLink(path) : !stats.isFile()) return null
    for (let hop = path; ; ) {
      const folder = realpathSync(dirname(hop))
      if (!isRoots(dirname(hop))) return null
      hop = join(folder, basename(hop))
      if (!isLink(hop)) return hop
      hop = resolve(folder, readlinkSync(hop))
    }
  } catch {
    return null
  }
}

const isLink = (file: string): boolean =>
  lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false

/** Runs this command with another standard output, and what the shell has handed to it by name. */
function startInto(fd: number): ChildProcess {
  const stdio: ('ignore' | 'inherit' | number)[] = ['inherit', fd, 'inherit']
  for (const handed of handedOver(process.argv).sort((a, b) => a - b)) {
    if (handed < stdio.length || handed >= MAX_DESCRIPTORS) continue
    while (stdio.length < handed) stdio.push('ignore')
    stdio.push(handed)
  }
  return spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio,
    env: { ...process.env, [VARIABLE]: String(process.pid) },
  })
}
