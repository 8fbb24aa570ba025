// When this process, and each of its threads, is given the processor.

import { readdirSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'
import { kernelThread } from './kernel-thread.ts'

/** The nice value of a thread whose work may wait for a moment. */
const GIVES_WAY = 10

/**
 * Lets every other process go first, for as long as this one lives. Linux gives each thread a priority of its own, by
 * its number: those that V8 collects garbage in are there already.
 */
export function yieldToOthers(): void {
  try {
    for (const thread of readdirSync('/proc/self/task')) {
      setPriority(Number(thread), constants.priority.PRIORITY_LOW)
    }
  } catch {
    // Without /proc, or where a sandbox forbids it, compiling is as important as answering.
  }
}

/** Lets the threads that answer DNS go first, and others that have as much to do: for the thread that calls. */
export function giveWay(): void {
  const thread = kernelThread()
  if (thread === null) return
  try {
    if (getPriority(thread) < GIVES_WAY) setPriority(thread, GIVES_WAY)
  } catch {
    // A sandbox forbids it: it takes its turns as DNS does.
  }
}
