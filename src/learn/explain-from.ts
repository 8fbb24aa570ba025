// Explains an address by the state as it lies on the disk: a few keys are read, not all that was learned.

import type { Table } from '../table/table.ts'
import { readSender } from './address.ts'
import { excludedBy } from './excluded.ts'
import { type Explanation, explain } from './explain.ts'
import { KeyTable } from './key-table.ts'
import { ALL_HIGH, ALL_LOW, keyText, kindName } from './keys.ts'
import { LEARNED_COLUMNS, putLearned } from './learned-rows.ts'
import { Model } from './model.ts'
import { writePlace } from './place.ts'
import { type LearnedSource, readState } from './read-state.ts'

/** More than the reporters of five keys. */
const MAX_KEYS = 4096

/**
 * Explains an address.
 *
 * @param now seconds since the epoch
 * @returns null when it is none, when the table doesn't know it, or nothing was ever learned
 * @throws {AsnzoneError} `ASNZONE_DATA` when the state can't be read or is not ours.
 */
export function explainFrom(
  { file, halfLife, exclude }: LearnedSource,
  text: string,
  table: Table,
  now: number,
): Explanation | null {
  const sender = readSender(text)
  const place = new Uint32Array(8)
  if (sender === null || !writePlace(table, sender.words, place)) return null
  return readState(file, ({ database, reporters }) => {
    const select = database.prepare(`SELECT ${LEARNED_COLUMNS} FROM LEARNED WHERE kind = ? AND key = ?`)
    const keys = new KeyTable(halfLife, MAX_KEYS)
    const take = (high: number, low: number): void => {
      putLearned(keys, select.all(kindName(high), keyText(high, low)), reporters)
    }
    take(ALL_HIGH, ALL_LOW)
    for (let at = 0; at < place.length; at += 2) if (place[at] !== 0) take(place[at], place[at + 1])
    const model = new Model(
      keys,
      () => reporters,
      () => {},
    )
    return explain(text, model, table, now, excludedBy(exclude))
  })
}
