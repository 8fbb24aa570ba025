// Rows of the table LEARNED, from the file into a table of keys: the one place that says which of them are right.

import type { KeyTable } from './key-table.ts'
import { ofReporter, readKey } from './keys.ts'
import { notOurs } from './state-file.ts'

/** The columns, for a SELECT. */
export const LEARNED_COLUMNS = 'kind, key, reporter, spam, ham, seen'

interface LearnedRow {
  readonly kind: string
  readonly key: string
  readonly reporter: number
  readonly spam: number
  readonly ham: number
  readonly seen: number
}

/** Whether a column holds what can be counted, or a time. */
export const isCount = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value < 2 ** 32

/**
 * Puts rows into a table of keys; those that it has no room for are looked at and left.
 *
 * @param rows with the columns of `LEARNED_COLUMNS`
 * @param reporters how many there are
 * @throws {Error} that names the first row that asnzone has not written.
 */
export function putLearned(keys: KeyTable, rows: Iterable<unknown>, reporters: number): void {
  for (const row of rows) {
    const { kind, key, reporter, spam, ham, seen } = row as LearnedRow
    const words = readKey(String(kind), String(key))
    const isRight = words !== null && isCount(spam) && isCount(ham) && isCount(seen)
    if (!isRight || !(reporter >= 0 && reporter < reporters)) {
      throw notOurs(`'${kind} ${key}' is not a row of what was learned`)
    }
    if (keys.isFull) continue
    keys.set(keys.place(ofReporter(words[0], reporter), words[1]), spam, ham, seen)
  }
}
