// Learns what reporters tell over HTTP, into the state that commands use, too: see learn/state.ts.

import type { Learner } from '../learn/learner.ts'
import type { LearnState } from '../learn/state.ts'
import type { Table } from '../table/table.ts'
import type { Learn } from './learn-queue.ts'
import type { LearnConduct } from './task.ts'

/**
 * Learns by the settings and with the data of now. The model is loaded, and the state opened, when there is
 * something to learn: it takes up to 28 MB.
 */
export function learningInto(file: string, conduct: () => LearnConduct | null, table: () => Table): Learn {
  let open: { readonly conduct: LearnConduct; readonly state: LearnState; readonly learner: Learner } | null =
    null
  return async (readings) => {
    const { Learner, learnSettings, noCounts } = await import('../learn/learner.ts')
    const now = conduct()
    if (now === null) return noCounts()
    if (open?.conduct !== now) {
      open?.state.close()
      open = null
      const { LearnState } = await import('../learn/state.ts')
      const settings = learnSettings(now)
      const state = new LearnState(file, settings)
      open = { conduct: now, state, learner: new Learner(state, table, settings, () => Date.now() / 1000) }
    }
    return open.learner.learn(readings)
  }
}
