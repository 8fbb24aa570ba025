// Waits for what comes true by itself, and says what did not.

/** Asks again until something holds. */
export async function until(holds: () => Promise<boolean>, seconds = 20): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    try {
      if (await holds()) return
    } catch {
      // Not yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`it didn't come true within ${seconds} s: ${holds}`)
}
