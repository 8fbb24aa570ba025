// What the command `learn` works with: the table of now, the state of the data directory, and the settings for both.

import { join } from 'node:path'
import { LEARN_UNLESS_SET, type LearnSetting } from '../config/learn.ts'
import type { Settings } from '../config/setting-values.ts'
import type { Excluded } from '../learn/excluded.ts'
import { Learner, learnSettings } from '../learn/learner.ts'
import { LearnState } from '../learn/state.ts'
import { STATE_FILE } from '../learn/state-file.ts'
import { ensureDirectory } from '../system/safe-file.ts'
import type { Table } from '../table/table.ts'
import { workAsOwner } from './as-owner.ts'
import { prepareTable } from './prepare.ts'

/** All that a command needs. */
export interface Learning {
  readonly learner: Learner
  readonly table: Table
  readonly excluded: Excluded
  readonly setting: LearnSetting
  /** Seconds since the epoch. */
  readonly now: () => number
  close(): void
}

/**
 * Opens the state and reads the table.
 *
 * @throws {AsnzoneError} when the state or a data file can't be used.
 */
export async function openLearning(settings: Settings): Promise<Learning> {
  const { dataDir, learn: setting = LEARN_UNLESS_SET } = settings
  await workAsOwner(settings)
  const ready = await prepareTable(settings)
  const { table } = ready
  void ready.accept()
  ensureDirectory(dataDir)
  const options = learnSettings(setting)
  const state = new LearnState(join(dataDir, STATE_FILE), options)
  const now = (): number => Date.now() / 1000
  return {
    learner: new Learner(state, () => table, options, now),
    table,
    excluded: options.excluded,
    setting,
    now,
    close: () => state.close(),
  }
}
