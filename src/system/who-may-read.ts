// Which group would let this process read a file: logs of mail servers are for root and the group adm.

import { accessSync, constants, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, resolve } from 'node:path'
import { readNamedText } from './safe-file.ts'

const GROUP_READS = 0o040
const GROUP_ENTERS = 0o010

/**
 * What gives the right to read a file, as a sentence; null where no group but root's has it, or it can be read.
 *
 * @param groups where the names of groups stand
 * @param may whether this process may do something, as access(2) tells
 */
export function groupAdvice(file: string, groups = '/etc/group', may = access): string | null {
  try {
    const path = resolve(file)
    const locked = ancestors(path).find((directory) => !may(directory, constants.X_OK))
    if (locked === undefined && may(path, constants.R_OK)) return null
    const { gid, mode } = statSync(locked ?? path)
    if (gid === 0 || (mode & (locked === undefined ? GROUP_READS : GROUP_ENTERS)) === 0) return null
    const group = nameOf(gid, groups)
    return `the group ${group} may: usermod --append --groups ${group} ${userInfo().username}, or SupplementaryGroups=${group} in a unit`
  } catch {
    // A file that is gone, a user without a name: what went wrong is told by who has tried.
    return null
  }
}

/** The directories that a path leads through, from the root on. */
function ancestors(path: string): string[] {
  const parent = dirname(path)
  return parent === path ? [] : [...ancestors(parent), parent]
}

function access(path: string, what: number): boolean {
  try {
    accessSync(path, what)
    return true
  } catch {
    return false
  }
}

function nameOf(gid: number, groups: string): string {
  const found = new RegExp(`^([^:\\n]+):[^:\\n]*:${gid}:`, 'm').exec(readNamedText(groups))
  return found?.[1] ?? String(gid)
}
