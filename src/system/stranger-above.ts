// Whether somebody else than its owner could put another directory in the place of one: by owning what its path leads
// through, or by the right to rename there. OpenSSH looks at the files of keys like this.

import { lstatSync, readlinkSync, type Stats } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Links that a path may lead through, as in Linux. */
const MAX_LINKS = 40

const STICKY = 0o1000
const WRITABLE_BY_ALL = 0o002

/**
 * Looks at each directory and each link that a path leads through, the directory itself not among them.
 *
 * @param owner the user that the directory belongs to
 * @returns what is wrong, as `/srv/x belongs to user 33`; null when all of it is root's or the owner's
 * @throws {Error} of the system when a part isn't there any more.
 */
export function strangerAbove(path: string, owner: number): string | null {
  let links = 0
  const above = (path: string): string | null => {
    const parent = dirname(path)
    return parent === path ? null : at(parent)
  }
  const at = (path: string): string | null => {
    const stats = lstatSync(path)
    const wrong = above(path) ?? wrongWith(path, stats, owner)
    return wrong ?? (stats.isSymbolicLink() ? at(target(path)) : null)
  }
  const target = (link: string): string => {
    if (++links > MAX_LINKS) throw new Error(`${link} leads through too many links`)
    return resolve(dirname(link), readlinkSync(link))
  }
  /** The directory itself may be a link. */
  const last = (path: string): string | null => {
    const stats = lstatSync(path)
    if (!stats.isSymbolicLink()) return above(path)
    return above(path) ?? wrongWith(path, stats, owner) ?? last(target(path))
  }
  return last(resolve(path))
}

function wrongWith(path: string, stats: Stats, owner: number): string | null {
  const { uid, mode } = stats
  if (uid !== 0 && uid !== owner) return `${path} belongs to user ${uid}`
  // The mode of a link says nothing.
  const isOpen = !stats.isSymbolicLink() && (mode & WRITABLE_BY_ALL) !== 0 && (mode & STICKY) === 0
  return isOpen ? `everybody may write into ${path}` : null
}
