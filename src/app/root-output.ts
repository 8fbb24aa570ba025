// A file that root wants in a folder of root's is made there by root, and written by the service's user: the command is
// started once more, with the file as its standard output, as a shell does for `> FILE`. Root reads and compiles nothing.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fsyncSync, lstatSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { syncDirectory, TEMPORARY, uniqueName } from '../system/atomic-file.ts'
import { handedOver } from '../system/handed-over.ts'
import { createFile } from '../system/safe-file.ts'
import { strangerAbove } from '../system/stranger-above.ts'

/** Tells the command that was started so. */
const VARIABLE = '_ASNZONE_STANDARD_OUTPUT'

/** Who else may not write into a folder that root trusts. */
const WRITABLE_BY_OTHERS = 0o022

/** Descriptors from here on are not passed on: no shell hands over as many. */
const MAX_DESCRIPTORS = 1024

/** Whether this is the command whose standard output is the file. */
export const hasFileForRoot = (): boolean => process.env[VARIABLE] !== undefined

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
  if (process.geteuid?.() !== 0 || hasFileForRoot() || !isForRootAlone(file)) return null
  const target = isLink(file) ? realpathSync(file) : file
  const temporary = join(dirname(target), `${TEMPORARY}${uniqueName()}`)
  const fd = createFile(temporary, mode)
  try {
    const code = await runInto(fd)
    if (code === 0) {
      fsyncSync(fd)
      renameSync(temporary, target)
      syncDirectory(dirname(target))
    }
    return code
  } finally {
    closeSync(fd)
    rmSync(temporary, { force: true })
  }
}

/** Whether nobody but root could put a link, or another file, where the file is to be. */
function isForRootAlone(file: string): boolean {
  const isRoots = (path: string): boolean => {
    const { uid, mode } = statSync(dirname(path))
    return uid === 0 && (mode & WRITABLE_BY_OTHERS) === 0 && strangerAbove(dirname(path), 0) === null
  }
  try {
    if (!isRoots(file)) return false
    const stats = statSync(file, { throwIfNoEntry: false })
    // A device, a directory or a link to nothing is refused by who writes.
    if (stats === undefined) return !isLink(file)
    return stats.isFile() && isRoots(realpathSync(file))
  } catch {
    return false
  }
}

const isLink = (file: string): boolean =>
  lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false

/** Runs this command with another standard output, and what the shell has handed to it by name. */
async function runInto(fd: number): Promise<number> {
  const stdio: ('ignore' | 'inherit' | number)[] = ['inherit', fd, 'inherit']
  for (const handed of handedOver(process.argv).sort((a, b) => a - b)) {
    if (handed < stdio.length || handed >= MAX_DESCRIPTORS) continue
    while (stdio.length < handed) stdio.push('ignore')
    stdio.push(handed)
  }
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio,
    env: { ...process.env, [VARIABLE]: '1' },
  })
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal)
  for (const signal of signals) process.on(signal, pass)
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    return code ?? 1
  } finally {
    for (const signal of signals) process.off(signal, pass)
  }
}
