// A log as it grows, as `tail -F` follows it: through rotation by a new file of the name, and by cutting the file short.

import { closeSync, fstatSync, read as readAt, type Stats, statSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

const read = promisify(readAt)

/** Milliseconds between two looks at a file that brings nothing. */
const LOOK_MS = 500

const PIECE = 1 << 16

/** What ends the last line of a file that goes on in another one. */
const END_OF_LINE = Buffer.from('\n')

/** What is followed. */
export interface Followed {
  readonly name: string
  /** Opens the file of the name. */
  readonly open: (name: string) => number
  /** Ends it. */
  readonly signal: AbortSignal
  /** Called when what is added from now on will be read. */
  readonly onFollowing?: () => void
}

/**
 * What is added to a file from now on. A file that is gone is waited for.
 *
 * @throws {Error} when the file can't be opened at first, or be read.
 */
export async function* follow({
  name,
  open,
  signal,
  onFollowing = () => {},
}: Followed): AsyncGenerator<Buffer, void, undefined> {
  let fd = open(name)
  try {
    let at = fstatSync(fd).size
    let endsLine = true
    let wasNamedSo = true
    onFollowing()
    for (;;) {
      // What was there when it is told to end is read.
      const isLast = signal.aborted
      const isNamedSo = isSameFile(fd, name)
      for await (const piece of from(fd, at)) {
        at += piece.length
        endsLine = piece.at(-1) === 0x0a
        yield piece
      }
      if (isLast) return
      // Who writes the log goes on with the old file until somebody tells him of the new one: it gets one look more.
      const next = isNamedSo || wasNamedSo ? fd : (opened(name, open) ?? fd)
      wasNamedSo = isNamedSo
      if (next !== fd || fstatSync(fd).size < at) {
        if (!endsLine) yield END_OF_LINE
        if (next !== fd) closeSync(fd)
        fd = next
        at = 0
        endsLine = true
        wasNamedSo = true
        continue
      }
      await pause(LOOK_MS, undefined, { signal, ref: true }).catch(() => {})
    }
  } finally {
    closeSync(fd)
  }
}

/** Null between two files, or for one that may not be read yet: the next look may find it. */
function opened(name: string, open: (name: string) => number): number | null {
  try {
    return open(name)
  } catch {
    return null
  }
}

/** What a file has from an offset on. */
async function* from(fd: number, offset: number): AsyncGenerator<Buffer> {
  let at = offset
  for (;;) {
    const { bytesRead, buffer } = await read(fd, Buffer.allocUnsafe(PIECE), 0, PIECE, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

function isSameFile(fd: number, name: string): boolean {
  const named = statOf(name)
  if (named === null) return true
  const { dev, ino } = fstatSync(fd)
  return named.dev === dev && named.ino === ino
}

function statOf(name: string): Stats | null {
  try {
    return statSync(name)
  } catch {
    return null
  }
}
