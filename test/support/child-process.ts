// Finds the processes that a program has started, in /proc (Linux alone).

import { readdirSync, readFileSync } from 'node:fs'

/** The numbers of the processes that a process has started and that run this file. */
export function childrenOf(pid: number, file: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => {
      try {
        const [, parent] = /\nPPid:\t(\d+)/.exec(readFileSync(`/proc/${child}/status`, 'utf8')) ?? []
        return Number(parent) === pid && readFileSync(`/proc/${child}/cmdline`, 'utf8').includes(file)
      } catch {
        // It has ended meanwhile.
        return false
      }
    })
}
