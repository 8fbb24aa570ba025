// When this process, and each of its threads, is given the processor.

import { readdirSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'
import { kernelThread } from './kernel-thread.ts'
import type { Libc } from './libc.ts'

/** The nice value of a thread whose work may wait for a moment. */
const GIVES_WAY = 10

/** Nanoseconds that a thread which answers works at a time while others wait: the least that Linux allows. */
const SHORT_SLICE = 100_000n

/** `struct sched_attr`, as sched_setattr(2) describes it: octets, and where in them what is. */
const SCHED_ATTR = { size: 48, flags: 8, nice: 16, runtime: 24 }

/** Of sched_setattr(2): the class of scheduling stays what it is. */
const SCHED_FLAG_KEEP_POLICY = 8n

/**
 * Lets every other process go first, for as long as this one lives. Linux gives each thread a priority of its own, by
 * its number: those that V8 collects garbage in are there already.
 */
export function yieldToOthers(): void {
  everyThread((thread) => setPriority(thread, constants.priority.PRIORITY_LOW))
}

/**
 * Lets the threads that answer DNS go before those in which V8 compiles code and collects garbage, which are the same for
 * all of the process: what they do for another thread's sake is not to keep a query waiting. To be called before the
 * process starts threads of its own, by the first of them.
 */
export function letV8GiveWay(): void {
  everyThread((thread) => {
    if (thread !== process.pid) lower(thread)
  })
}

/** Lets the threads that answer DNS go first, and others that have as much to do: for the thread that calls. */
export function giveWay(): void {
  ofThisThread(lower)
}

function lower(thread: number): void {
  if (getPriority(thread) < GIVES_WAY) setPriority(thread, GIVES_WAY)
}

/**
 * Lets the thread that calls have the processor as soon as there is something to do, rather than when whoever has it has
 * worked for some milliseconds: what works for a short time goes first, from Linux 6.12 on. Its share stays the same.
 */
export function answerSoon(libc: Libc): void {
  ofThisThread((thread) => {
    const attributes = new DataView(new ArrayBuffer(SCHED_ATTR.size))
    attributes.setUint32(0, SCHED_ATTR.size, true)
    attributes.setBigUint64(SCHED_ATTR.flags, SCHED_FLAG_KEEP_POLICY, true)
    attributes.setInt32(SCHED_ATTR.nice, getPriority(thread), true)
    attributes.setBigUint64(SCHED_ATTR.runtime, SHORT_SLICE, true)
    libc.sched_setattr(0, new Uint8Array(attributes.buffer), 0)
  })
}

/** Where it can't be had, without /proc, by an older kernel or in a sandbox that forbids it, a thread takes its turns as others do. */
function ofThisThread(change: (thread: number) => void): void {
  const thread = kernelThread()
  if (thread === null) return
  try {
    change(thread)
  } catch {
    // A sandbox forbids to read a priority, or to change it.
  }
}

function everyThread(change: (thread: number) => void): void {
  try {
    for (const thread of readdirSync('/proc/self/task')) change(Number(thread))
  } catch {
    // Without /proc, or where a sandbox forbids it, all threads are of the same importance.
  }
}
