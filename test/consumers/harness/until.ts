// Waits for something that nobody announces, such as a daemon's port.

import { setTimeout as pause } from 'node:timers/promises'

/** Seconds until it is given up. */
const PATIENCE = 60

/** Milliseconds between two looks. */
const INTERVAL = 50

/** Looks again and again until `look` finds something, and returns it. */
export async function until<Found>(
  what: string,
  look: () => Promise<Found | undefined> | Found | undefined,
): Promise<Found> {
  const deadline = performance.now() + PATIENCE * 1000
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`waited ${PATIENCE} s in vain for ${what}`)
    await pause(INTERVAL)
  }
}
