// What asnzone learn reads: files, standard input, what a shell hands over, and a log that it follows.

import { createReadStream, fstatSync } from 'node:fs'
import { AsnzoneError } from '../errors.ts'
import { refuseCompressed } from '../learn/compressed.ts'
import { complain } from '../print.ts'
import { fileReason } from '../system/file-reason.ts'
import { descriptorNamed } from '../system/handed-over.ts'
import { openNamed } from '../system/safe-file.ts'
import { groupAdvice } from '../system/who-may-read.ts'

/** Standard input by name. */
export const STDIN = '-'

/** What a file is called in what is said of it. */
export const nameOf = (name: string): string => (name === STDIN ? 'standard input' : name)

/** What is said of a file that can't be opened or read. */
export const fileFault = (name: string, cause: unknown): AsnzoneError =>
  cause instanceof AsnzoneError
    ? cause
    : new AsnzoneError('ASNZONE_DATA', `${nameOf(name)}: ${fileReason(cause)}`, { cause })

/**
 * What is read of a file, of standard input, or of what a shell hands over for `<(…)`.
 *
 * @throws {AsnzoneError} `ASNZONE_DATA` for a file that can't be opened; {Error} while it is read, also when it is compressed.
 */
export function open(name: string): AsyncIterable<Buffer> {
  const handed = name === STDIN ? 0 : descriptorNamed(name)
  if (handed === 0) return refuseCompressed(standardInput())
  return refuseCompressed(createReadStream('', { fd: handed ?? openFile(name), highWaterMark: 1 << 18 }))
}

function standardInput(): AsyncIterable<Buffer> {
  // Read as a stream it would be empty.
  if (fstatSync(0).isDirectory()) throw fileFault(STDIN, Object.assign(new Error(), { code: 'EISDIR' }))
  return process.stdin
}

function openFile(name: string): number {
  try {
    return openNamed(name)
  } catch (cause) {
    const advice = (cause as NodeJS.ErrnoException).code === 'EACCES' ? groupAdvice(name) : null
    const reason = advice === null ? fileReason(cause) : `this user may not open it; ${advice}`
    throw new AsnzoneError('ASNZONE_DATA', `${name}: ${reason}`, { cause })
  }
}

/** What is added to a file until somebody ends the command. */
export async function followed(name: string): Promise<AsyncIterable<Buffer>> {
  const { follow } = await import('../learn/follow.ts')
  const ended = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.once(signal, () => ended.abort())
  }
  const onFollowing = (): void => complain(`asnzone: following ${name}`)
  return follow({ name, open: openFile, signal: ended.signal, onFollowing })
}
