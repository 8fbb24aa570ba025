// Everything that asnzone says on a terminal goes through here, so that nothing that came from outside, a reply, a
// file or a path, can move the cursor, change its colours or pass for a line of ours.

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AsnzoneError } from './errors.ts'
import { printable, printableJson } from './printable.ts'
import { isJournal, PRIORITY, withPriority } from './system/journal.ts'

/** Prints a line, or several or none, to standard output. A line stays one line, whatever is in it. */
export function print(lines: string | readonly string[]): void {
  if (lines.length === 0 && typeof lines !== 'string') return
  console.log(typeof lines === 'string' ? printable(lines) : lines.map(printable).join('\n'))
}

/** Prints a value as JSON: on one line, or on many. */
export function printJson(value: unknown, layout: 'one line' | 'indented' = 'one line'): void {
  console.log(printableJson(JSON.stringify(value, null, layout === 'indented' ? 2 : 0)))
}

/** Prints a line to standard error, with its priority where that is the journal of systemd. */
export function complain(line: string, gravity: 'warning' | 'error' = 'warning'): void {
  const text = printable(line)
  console.error(isJournal(process.env) ? withPriority(text, PRIORITY[gravity]) : text)
}

/**
 * Writes octets to standard output as they are: a file for a program, which reads them from a pipe.
 *
 * @throws {AsnzoneError} `ASNZONE_EXPORT` when they can't be written, as on a full disk.
 */
export async function printOctets(pieces: Iterable<Uint8Array>): Promise<void> {
  try {
    await pipeline(Readable.from(pieces, { objectMode: false }), process.stdout, { end: false })
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException
    // Who has read enough needs no more.
    if (code === 'EPIPE') return
    if (syscall !== 'write') throw error
    throw new AsnzoneError('ASNZONE_EXPORT', `standard output: ${message}`, { cause: error })
  }
}

/** Whether people read standard output. */
export const isTerminal = (): boolean => process.stdout.isTTY === true
