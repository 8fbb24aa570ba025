// A line on a terminal that shows how far a download is: share, size, speed and time left.

import type { Progress } from '../data/update/fetch/download.ts'
import { printable } from '../printable.ts'
import { megabytes, timeSpan } from './units.ts'

const BAR_WIDTH = 24
const REDRAW_MS = 100

/** The line for one moment. */
export function progressLine(name: string, progress: Progress, octetsPerSecond: number): string {
  const { octets, total } = progress
  const speed = `${megabytes(octetsPerSecond)}/s`
  if (total === null) return `${name}  ${megabytes(octets)}  ${speed}`
  const share = total === 0 ? 1 : octets / total
  const full = Math.floor(share * BAR_WIDTH)
  const bar = `[${'='.repeat(full)}${' '.repeat(BAR_WIDTH - full)}]`
  const left = octetsPerSecond > 0 ? `  ${timeSpan((total - octets) / octetsPerSecond)} left` : ''
  const percent = `${Math.floor(share * 100)} %`.padStart(5)
  return `${name}  ${bar} ${percent}  ${megabytes(octets)} of ${megabytes(total)}  ${speed}${left}`
}

/** Draws on a terminal; elsewhere it draws nothing. */
export class ProgressBar {
  readonly #terminal: NodeJS.WriteStream
  #name = ''
  #begun = { time: 0, octets: 0 }
  #drawn = 0

  constructor(terminal: NodeJS.WriteStream = process.stderr) {
    this.#terminal = terminal
  }

  /** Shows how far the file of this name is. */
  show(name: string, progress: Progress): void {
    if (!this.#terminal.isTTY) return
    const now = performance.now()
    // What an earlier attempt has left was not fetched at this speed.
    if (name !== this.#name || progress.octets < this.#begun.octets) {
      this.#name = name
      this.#begun = { time: now, octets: progress.octets }
    } else if (now - this.#drawn < REDRAW_MS) return
    this.#drawn = now
    const speed = ((progress.octets - this.#begun.octets) / Math.max(1, now - this.#begun.time)) * 1000
    this.#draw(progressLine(printable(name), progress, speed))
  }

  /** Removes the line. */
  clear(): void {
    if (this.#terminal.isTTY && this.#name !== '') this.#draw('')
    this.#name = ''
  }

  #draw(line: string): void {
    this.#terminal.write(`\r${line.slice(0, this.#terminal.columns - 1)}\u001b[K`)
  }
}
