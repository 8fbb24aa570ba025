// A file that lines are appended to, and that can be opened anew after it was moved away. What can't be written
// is counted and told once; it is never an error, and it takes little time.

import { accessSync, closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileReason } from './file-reason.ts'

/** Milliseconds that a slow reader, of a pipe say, is waited for. */
const PATIENCE_MS = 100

const WAIT_MS = 5

/** Who is told of trouble. */
export interface LineFileEvents {
  /** Called when a line can't be written, once until one can be written again. */
  readonly onFailure: (reason: string) => void
  /** Called when lines can be written again, with the number of those that were lost in between. */
  readonly onRecovery: (lost: number) => void
}

/** A file, or a descriptor that is open already. */
export class LineFile {
  readonly #path: string | null
  readonly #events: LineFileEvents
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(4))
  #fd: number
  #failing = false
  #lostInARow = 0
  /** A part of a line was written. */
  #torn = false
  /** How many lines could not be written. */
  lost = 0

  /**
   * @param target the path of a file, which is created when it isn't there; or a descriptor
   * @throws {Error} of the system when the file can't be opened.
   */
  constructor(target: string | number, events: LineFileEvents) {
    this.#path = typeof target === 'string' ? target : null
    this.#fd = typeof target === 'string' ? openFile(target) : withoutWaiting(target)
    this.#events = events
  }

  /** Writes whole lines; `count` says how many they are. */
  write(lines: string, count = 1): void {
    const octets = Buffer.from(this.#torn ? `\n${lines}` : lines)
    let written = 0
    try {
      written = this.#writeAll(octets)
    } catch (error) {
      this.#fail((error as Error).message, count)
      return
    }
    if (written < octets.length) {
      this.#torn = written === 0 ? this.#torn : octets[written - 1] !== 0x0a
      this.#fail('the reader is too slow', count)
      return
    }
    this.#torn = false
    if (!this.#failing) return
    const lost = this.#lostInARow
    this.#failing = false
    this.#lostInARow = 0
    this.#events.onRecovery(lost)
  }

  /**
   * Reopens the file, as it is now called; when that fails, the old one is kept.
   *
   * @returns why it was kept; null when it was not, or when there is nothing to open anew
   */
  reopen(): string | null {
    if (this.#path === null) return null
    try {
      const fd = openFile(this.#path)
      closeSync(this.#fd)
      this.#fd = fd
      this.#torn = false
      return null
    } catch (error) {
      const reason = `it can't be reopened: ${fileReason(error)}`
      this.#events.onFailure(reason)
      return reason
    }
  }

  /** Closes a file that was opened by its path. */
  close(): void {
    if (this.#path !== null) closeSync(this.#fd)
  }

  /** How many octets could be written; fewer than all when a reader is too slow. */
  #writeAll(octets: Buffer): number {
    let written = 0
    for (let waited = 0; written < octets.length; ) {
      try {
        written += writeSync(this.#fd, octets, written)
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'EINTR') continue
        if (code !== 'EAGAIN') {
          if (written > 0) this.#torn = octets[written - 1] !== 0x0a
          throw error
        }
        if (waited >= PATIENCE_MS) break
        Atomics.wait(this.#sleeper, 0, 0, WAIT_MS)
        waited += WAIT_MS
      }
    }
    return written
  }

  #fail(reason: string, lines: number): void {
    this.lost += lines
    this.#lostInARow += lines
    if (this.#failing) return
    this.#failing = true
    this.#events.onFailure(reason)
  }
}

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY, W_OK, X_OK } = constants

/** For appending, readable by the group as logs are; a FIFO without a reader is an error and nothing to wait for. */
function openFile(path: string, isMade = true): number {
  const links = isLedAstray(path) ? O_NOFOLLOW : 0
  const made = isMade ? O_CREAT : 0
  return openSync(path, O_WRONLY | O_APPEND | O_NONBLOCK | made | links, 0o640)
}

/**
 * Sees that a `LineFile` of this path could be opened now; makes nothing.
 *
 * @throws {Error} of the system when it couldn't.
 */
export function checkAppendable(path: string): void {
  try {
    closeSync(openFile(path, false))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    accessSync(dirname(path), W_OK | X_OK)
  }
}

/** Whether a link of this name would be another user's, and root's to follow. */
function isLedAstray(path: string): boolean {
  return process.geteuid?.() === 0 && (statSync(dirname(path), { throwIfNoEntry: false })?.uid ?? 0) !== 0
}

/**
 * The same, but a pipe doesn't block for ever when its reader stands still. Its flag is shared with all others who
 * has it, so that it is opened once more instead of being changed; where that isn't possible, it may block.
 */
function withoutWaiting(fd: number): number {
  try {
    return fstatSync(fd).isFIFO() ? openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK) : fd
  } catch {
    return fd
  }
}
