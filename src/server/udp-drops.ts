// Packets that the kernel dropped because a socket's receive buffer was full: queries that nobody has answered.

import { fstatSync, readFileSync } from 'node:fs'

/** Where the kernel lists the UDP sockets of this network namespace; see proc_net(5). */
const LISTS = ['/proc/self/net/udp', '/proc/self/net/udp6']

/** Columns of a list. */
const INODE = 9
const DROPS = 12

/** Packets dropped at the sockets with these descriptors; null where the kernel doesn't tell. */
export function dropsOf(descriptors: Iterable<number>): number | null {
  try {
    const inodes = new Set(Array.from(descriptors, (fd) => String(fstatSync(fd).ino)))
    let drops = 0
    for (const list of LISTS) {
      for (const line of readFileSync(list, 'latin1').trimEnd().split('\n').slice(1)) {
        const columns = line.trim().split(/\s+/)
        if (inodes.has(columns[INODE])) drops += Number(columns[DROPS])
      }
    }
    return drops
  } catch {
    return null
  }
}
