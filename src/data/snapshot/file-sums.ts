// The SHA-256 of data files, remembered by where a file lies, its size and its time, so that a start reads no file whole
// that it has read before.

import { createHash } from 'node:crypto'
import { closeSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { AsnzoneError } from '../../errors.ts'
import { writeFileAtomically } from '../../system/atomic-file.ts'
import { fileReason } from '../../system/file-reason.ts'
import { makeDirectory } from '../../system/make-directory.ts'
import { openNamed, readText } from '../../system/safe-file.ts'

/** Its name in the data directory. */
const SUMS_FILE = 'sums.json'

const known = z.record(
  z.string(),
  z.object({ size: z.number(), mtimeMs: z.number(), ino: z.number(), sha256: z.string() }),
)

type Known = z.output<typeof known>

/**
 * The sums of files, in their order.
 *
 * @param isGuest reads what is remembered, and remembers nothing
 * @throws {AsnzoneError} `ASNZONE_DATA` that names a file which can't be read.
 */
export function sumsOf(files: readonly string[], directory: string, isGuest: boolean): string[] {
  const before = read(directory)
  const now: Known = {}
  for (const file of files) {
    try {
      now[file] = stateOf(file, before[file])
    } catch (cause) {
      throw new AsnzoneError('ASNZONE_DATA', `${file}: ${fileReason(cause)}`, { cause })
    }
  }
  if (!isGuest && files.some((file) => before[file] !== now[file])) remember(directory, now)
  return files.map((file) => now[file].sha256)
}

/** What a file is now; its sum is the old one where it looks the same. */
function stateOf(file: string, old: Known[string] | undefined): Known[string] {
  const { size, mtimeMs, ino } = statSync(file)
  const isSame = old !== undefined && old.size === size && old.mtimeMs === mtimeMs && old.ino === ino
  return isSame ? old : { size, mtimeMs, ino, sha256: sumOf(file) }
}

function read(directory: string): Known {
  try {
    return known.parse(JSON.parse(readText(join(directory, SUMS_FILE))))
  } catch {
    return {}
  }
}

/** A data directory that can't be written is noticed elsewhere. */
function remember(directory: string, sums: Known): void {
  try {
    makeDirectory(directory)
    writeFileAtomically(join(directory, SUMS_FILE), `${JSON.stringify(sums)}\n`)
  } catch {
    return
  }
}

function sumOf(file: string): string {
  const hash = createHash('sha256')
  const piece = Buffer.alloc(1 << 20)
  const fd = openNamed(file)
  try {
    for (let octets = readSync(fd, piece); octets > 0; octets = readSync(fd, piece))
      hash.update(piece.subarray(0, octets))
  } finally {
    closeSync(fd)
  }
  return hash.digest('hex')
}
