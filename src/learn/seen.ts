// What a stream had to do with its format: nothing may have come of it because there was nothing, or because it is
// something else, which is to be told.

import { TOO_LONG } from './lines.ts'
import type { Reader } from './readers/reader.ts'
import type { Reading } from './verdict.ts'

/**
 * - `right`: something was of the format, or there was nothing at all; a quiet night has no verdicts
 * - `others`: each line that tells who has written it is of another program, as in the log of a whole system
 * - `unread`: what looks like a verdict can't be read, none of it
 * - `wrong`: nothing was of the format
 */
export type Judgement = 'right' | 'others' | 'unread' | 'wrong'

/** What journalctl itself says, of a night without an entry say, and where it goes on. */
const OF_THE_JOURNAL = /^-- (.* --|cursor: \S+)$/

/** What was seen so far. */
export class Seen {
  readonly #author: Reader['author']
  #hasLines = false
  #hasVerdicts = false
  #hasUnread = false
  #hasOwn = false
  #hasOthers = false

  constructor({ author }: Reader) {
    this.#author = author
  }

  /** @param now seconds since the epoch */
  note(line: string, reading: Reading | null, now: number): void {
    // A verdict says all there is to know; without one, so does a line of the program that has none.
    if (this.#hasVerdicts || (reading === null && this.#hasOwn)) return
    const isRead = reading !== null && !('ignored' in reading && reading.ignored === 'format')
    if (isRead) this.#hasVerdicts = true
    if (isRead || line.trim() === '' || OF_THE_JOURNAL.test(line)) return
    this.#hasLines = true
    if (line === TOO_LONG) return
    const author = this.#author === undefined ? 'own' : this.#author(line, now)
    if (author === 'others') this.#hasOthers = true
    else if (reading !== null) this.#hasUnread = true
    else if (author === 'own') this.#hasOwn = true
  }

  get judgement(): Judgement {
    if (this.#hasVerdicts || !this.#hasLines) return 'right'
    // What another format's lines are for one that has no authors is not unread, but wrong.
    if (this.#hasUnread) return this.#author === undefined ? 'wrong' : 'unread'
    if (this.#hasOwn) return 'right'
    return this.#hasOthers ? 'others' : 'wrong'
  }
}
