// Files that people write: never long, and read by a library that keeps more than a row of them.

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

/** More octets than anybody writes, and than a script makes for a million addresses. */
const MAX_OCTETS = 64 << 20

/** The most octets of a line. */
const MAX_LINE_OCTETS = 1 << 16

const LF = 0x0a

/**
 * The text of a file.
 *
 * @throws {Error} with the reason when it can't be read, is not a file or is too long.
 */
export function readHandwritten(path: string): string {
  // A pipe that nobody writes to must not hold us up.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new Error('not a file')
    // What has no size, such as a file of /proc, may grow while it is read.
    const bytes = Buffer.alloc(Math.min(stat.size, MAX_OCTETS) + 1)
    const octets = readSync(fd, bytes, 0, bytes.length, 0)
    if (octets === bytes.length) throw new Error(tooLong())
    return bytes.toString('utf8', 0, octets)
  } finally {
    closeSync(fd)
  }
}

/**
 * The chunks of such a file, checked.
 *
 * @throws {Error} when it is too long, or a line of it is.
 */
export async function* handwritten(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let octets = 0
  let ofLine = 0
  for await (const chunk of chunks) {
    octets += chunk.length
    if (octets > MAX_OCTETS) throw new Error(tooLong())
    for (let at = 0; ; ) {
      const lf = chunk.indexOf(LF, at)
      ofLine += (lf < 0 ? chunk.length : lf) - at
      if (ofLine > MAX_LINE_OCTETS) throw new Error(`a line of more than ${MAX_LINE_OCTETS} octets`)
      if (lf < 0) break
      ofLine = 0
      at = lf + 1
    }
    yield chunk
  }
}

function tooLong(): string {
  return `more than ${MAX_OCTETS >> 20} MB, which is too much for a file that people write`
}
