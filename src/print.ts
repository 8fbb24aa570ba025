// Everything that asnzone says on a terminal goes through here, so that nothing that came from outside, a reply, a
// file or a path, can move the cursor, change its colours or pass for a line of ours; and so that what can't be
// written, because the disk is full say, is no success.

import { fstatSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { printable, printableJson } from './printable.ts'
import { isJournal, PRIORITY, withPriority } from './system/journal.ts'
import { writeAll } from './system/write-all.ts'

/** Its descriptor. */
const STANDARD_OUTPUT = 1

/** Whether standard output is watched for what can't be written. */
let isWatched = false

/** Whether a file that is standard output takes no more. */
let hasFailed = false

/** What a line means beyond its words: `bad` is shown in red, `odd` in yellow. */
export interface MarkedLine {
  readonly text: string
  readonly mark: keyof typeof COLOURS
}

/** How a terminal begins to show a mark (ECMA-48 8.3.117). */
const COLOURS = { bad: '\u001b[31m', odd: '\u001b[33m' } as const

const NO_COLOUR = '\u001b[39m'

/** Prints a line, or several or none, to standard output. A line stays one line, whatever is in it. */
export function print(lines: string | readonly (string | MarkedLine)[]): void {
  if (lines.length === 0 && typeof lines !== 'string') return
  const all = typeof lines === 'string' ? [lines] : lines
  const coloured = isColoured()
  printOwnText(`${all.map((line) => lineText(line, coloured)).join('\n')}\n`)
}

/** A line as it is written. */
export function lineText(line: string | MarkedLine, coloured: boolean): string {
  if (typeof line === 'string') return printable(line)
  const text = printable(line.text)
  return coloured ? `${COLOURS[line.mark]}${text}${NO_COLOUR}` : text
}

/** Whether there is a terminal that has colours, and nobody has asked for none (NO_COLOR, TERM). */
function isColoured(): boolean {
  const { NO_COLOR, FORCE_COLOR, ...rest } = process.env
  const wantsNone = NO_COLOR !== undefined && NO_COLOR !== ''
  return (
    isTerminal() && !wantsNone && process.stdout.hasColors({ ...rest, ...(FORCE_COLOR && { FORCE_COLOR }) })
  )
}

/** Prints a value as JSON: on one line, or on many. */
export function printJson(value: unknown, layout: 'one line' | 'indented' = 'one line'): void {
  printOwnText(`${printableJson(JSON.stringify(value, null, layout === 'indented' ? 2 : 0))}\n`)
}

/** Prints a text as it is: one that is all our own, such as the help of a command. */
export function printOwnText(text: string): void {
  const output = standardOutput()
  if (isFile()) writeToFile(output, [Buffer.from(text)])
  else output.write(text)
}

/** Prints a line to standard error, with its priority where that is the journal of systemd. */
export function complain(line: string, gravity: keyof typeof PRIORITY = 'warning'): void {
  const text = printable(line)
  console.error(isJournal(process.env) ? withPriority(text, PRIORITY[gravity]) : text)
}

/** Writes octets to standard output as they are: a file for a program, which reads them from a pipe. */
export async function printOctets(pieces: Iterable<Uint8Array>): Promise<void> {
  const output = standardOutput()
  if (isFile()) {
    writeToFile(output, pieces)
    return
  }
  try {
    await pipeline(Readable.from(pieces, { objectMode: false }), output, { end: false })
  } catch (error) {
    // What can't be written is told at the end, and needs no more of it.
    if (!isOfWriting(error)) throw error
  }
}

/** A full disk takes the beginning of a piece and says so by its length alone, which a stream of Node.js passes over. */
function writeToFile(output: NodeJS.WriteStream, pieces: Iterable<Uint8Array>): void {
  if (hasFailed) return
  try {
    for (const piece of pieces) writeAll(STANDARD_OUTPUT, piece)
  } catch (error) {
    if (!isOfWriting(error)) throw error
    hasFailed = true
    output.emit('error', error)
  }
}

function isFile(): boolean {
  try {
    return fstatSync(STANDARD_OUTPUT).isFile()
  } catch {
    return false
  }
}

/** How many characters a line of the terminal has that people read standard output on; null where it is none. */
export const lineWidth = (): number | null => (isTerminal() ? process.stdout.columns || 80 : null)

/** Whether people read standard output. */
export const isTerminal = (): boolean => process.stdout.isTTY === true

/**
 * Standard output, whose first failure is told in one line when the command has ended, which it has with 1 then. Who has
 * read enough and closes the pipe is no failure.
 */
function standardOutput(): NodeJS.WriteStream {
  const output = process.stdout
  if (isWatched) return output
  isWatched = true
  let failure: Error | null = null
  output.on('error', (error) => {
    failure ??= error
  })
  process.on('exit', () => {
    // A command may end itself before the event comes; until then the stream knows of it.
    const error = failure ?? output.errored
    if (!isOfWriting(error) || error.code === 'EPIPE') return
    complain(`asnzone: standard output: ${error.message}`)
    // What a command has to tell by its exit code wasn’t told to the end.
    process.exitCode = 1
  })
  return output
}

const isOfWriting = (error: unknown): error is NodeJS.ErrnoException =>
  (error as NodeJS.ErrnoException | null)?.syscall === 'write'
