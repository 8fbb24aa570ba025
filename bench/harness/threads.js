// The threads of a server: how long each has run.

import { readdirSync, readFileSync } from 'node:fs'

/**
 * Nanoseconds that each thread of a process has run, by its number.
 *
 * @param {number} pid
 * @returns {Map<string, number>}
 */
export function threadTimes(pid) {
  return new Map(readdirSync(`/proc/${pid}/task`).map((thread) => [thread, threadTime(pid, thread)]))
}

/**
 * Nanoseconds that a thread has run.
 *
 * @param {number} pid
 * @param {string} thread
 */
export function threadTime(pid, thread) {
  return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
}

/**
 * The thread that has run the longest while something was done: of a server that was asked over UDP meanwhile, the
 * one that answers.
 *
 * @template T
 * @param {number} pid
 * @param {() => Promise<T>} act
 * @returns {Promise<{ thread: string, result: T }>}
 */
export async function busiestDuring(pid, act) {
  const before = threadTimes(pid)
  const result = await act()
  const after = threadTimes(pid)
  const busy = (thread) => after.get(thread) - (before.get(thread) ?? 0)
  const [thread] = [...after.keys()].sort((a, b) => busy(b) - busy(a))
  return { thread, result }
}
