// Learns what reporters tell over HTTP, into the state that commands use, too: see learn/state.ts.

import { Excluded } from '../learn/excluded.ts'
import { Learner, noCounts } from '../learn/learner.ts'
import type { LearnState } from '../learn/state.ts'
import { parseCidr } from '../table/cidr-text.ts'
import type { Table } from '../table/table.ts'
import type { Learn } from './learn-queue.ts'
import type { LearnConduct } from './task.ts'

/**
 * Learns by the settings and with the data of now. The state is opened when there is something to learn: it takes up to
 * 28 MB.
 */
export function learningInto(file: string, conduct: () => LearnConduct | null, table: () => Table): Learn {
  let open: { readonly conduct: LearnConduct; readonly state: LearnState; readonly learner: Learner } | null =
    null
  return async (readings) => {
    const now = conduct()
    if (now === null) return noCounts()
    if (open?.conduct !== now) {
      open?.state.close()
      open = null
      const { LearnState } = await import('../learn/state.ts')
      const { halfLife, quota, exclude, keepVerdicts: keep } = now
      const excluded = new Excluded(exclude.asns, exclude.networks.map(parseCidr))
      const state = new LearnState(file, { halfLife })
      const settings = { halfLife, quota, excluded, keep }
      open = { conduct: now, state, learner: new Learner(state, table, settings, () => Date.now() / 1000) }
    }
    return open.learner.learn(readings)
  }
}
