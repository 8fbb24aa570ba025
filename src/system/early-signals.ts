// What signals do from the first moment on. The program loads this before all else: it imports nothing, because what
// comes while the rest is being read would open the debugger of Node.js (SIGUSR1) or end the process (SIGHUP).

/** The signals that a server takes. */
export type ServerSignal = 'SIGHUP' | 'SIGUSR1' | 'SIGTERM' | 'SIGINT'

/** What a signal does, once there is something to do it with. */
const actions = new Map<ServerSignal, () => unknown>()

/** What came before its action was there, or while it ran. */
const waiting = new Set<ServerSignal>()

/** Whose actions run, or are about to. */
const running = new Set<ServerSignal>()

/** Milliseconds from one time that a signal's action is done to the next, however often the signal comes. */
const APART_MS = 100

/** Milliseconds after which a debugger that was being opened is open. */
const OPENED_MS = 500

// In every command, because opening the debugger is what Node.js does without a listener.
process.on('SIGUSR1', () => take('SIGUSR1'))
closeDebugger()
setImmediate(closeDebugger)
setTimeout(closeDebugger, OPENED_MS).unref()

if (process.argv[2] === 'serve') {
  process.on('SIGHUP', () => take('SIGHUP'))
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
}

/**
 * Sets what a signal does from now on. One that has come already does so soon; whether once or often is the same.
 *
 * @param action for SIGHUP and SIGUSR1, a promise of it says how long it takes: however many of these signals come
 *   meanwhile, or in the tenth of a second after it, it is done once more.
 */
export function onSignal(signal: ServerSignal, action: () => unknown): void {
  actions.set(signal, action)
  if (waiting.has(signal)) take(signal)
}

/** Lets the signals that end a process end this one at once. */
export function endAtOnce(): void {
  process.removeAllListeners('SIGTERM').removeAllListeners('SIGINT')
}

/**
 * Not done at once: Node.js reads signals for as long as some come, and would read nothing else if each of them took
 * longer than the next one to come.
 */
function take(signal: ServerSignal): void {
  waiting.add(signal)
  if (running.has(signal) || !actions.has(signal)) return
  running.add(signal)
  setImmediate(async () => {
    try {
      while (waiting.delete(signal)) {
        await actions.get(signal)?.()
        await new Promise((resolve) => setTimeout(resolve, APART_MS))
      }
    } finally {
      // Whatever the action has thrown, which is told elsewhere, the next signal is taken.
      running.delete(signal)
      if (waiting.has(signal)) take(signal)
    }
  })
}

/** As long as there is nothing to stop, the process just ends; a service manager takes that for well done. */
function stop(signal: ServerSignal): void {
  const action = actions.get(signal)
  if (action === undefined) process.exit(0)
  void action()
}

/**
 * Closes a debugger that nobody asked for on the command line. Node.js holds a SIGUSR1 back while it starts, and then
 * opens the debugger before the first line of the program runs, or soon afterwards.
 */
function closeDebugger(): void {
  const options = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)]
  if (!process.features.inspector || options.some((it) => /^--inspect(-brk|-wait)?(=|$)/.test(it))) return
  const inspector = process.getBuiltinModule('node:inspector')
  if (inspector.url() !== undefined) inspector.close()
}
