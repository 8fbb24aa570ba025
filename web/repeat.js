// Doing something again and again, while the page is seen.

/** How many times longer the pause becomes, at most, while it fails. */
const MOST = 8

/**
 * Does something each interval while the page is seen, at once when it is seen again, and less often while it fails.
 *
 * @param {() => Promise<boolean>} task tells whether it went well
 * @param {number} interval milliseconds
 * @returns {() => Promise<void>} does it now; it is never done twice at a time
 */
export function repeat(task, interval) {
  let factor = 1
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  /** @type {Promise<void> | null} */
  let current = null
  let isAskedAgain = false

  async function run() {
    clearTimeout(timer)
    do {
      isAskedAgain = false
      factor = (await task()) ? 1 : Math.min(MOST, factor * 2)
    } while (isAskedAgain)
    current = null
    timer = setTimeout(whileSeen, interval * factor)
  }

  function now() {
    isAskedAgain = current !== null
    current ??= run()
    return current
  }

  function whileSeen() {
    if (!document.hidden) void now()
  }

  document.addEventListener('visibilitychange', whileSeen)
  return now
}
