// Puts what was learned into the answers of a running server, from time to time, when something was.

import { join } from 'node:path'
import type { Logger } from 'pino'
import { durationMs } from '../config/duration.ts'
import type { Settings } from '../config/setting-values.ts'
import { bakeBeside } from '../learn/bake-beside.ts'
import { productState } from '../learn/product.ts'
import { STATE_FILE } from '../learn/state-file.ts'
import type { Build, Reloader } from '../server/reload.ts'
import { fileStats } from '../system/safe-file.ts'
import { takesSnapshots } from './published-data.ts'

/** Who asks for the reload. */
const LEARN = 'learn'

/** The longest wait, which a timer can keep. */
const DAY_MS = 86_400_000

/** What is baked, and into what. */
export interface BakingOptions {
  /** The settings in force. */
  readonly settings: () => Settings
  readonly reloader: Pick<Reloader, 'reload' | 'table'>
  /** Compiles what there is now. */
  readonly build: Build
  readonly log: Logger
}

/** Bakes, until it is stopped. */
export interface Baking {
  /** Looks at settings that have changed. */
  adapt(): void
  stop(): void
}

/** Begins to bake, where the settings say so. */
export function keepBaking({ settings, reloader, build, log }: BakingOptions): Baking {
  let timer: NodeJS.Timeout | undefined
  let isLooking = false
  let isStopped = false
  /** The state that the rows were made of, and the rows that the answers were; '' for not known. */
  let baked = ''
  let compiled = stampOf(productState(settings().dataDir))
  /** Why the last attempt failed; the same is said once. */
  let failure: string | null = null
  const schedule = (): void => {
    clearTimeout(timer)
    if (isStopped || isLooking || !isLearning(settings())) return
    timer = setTimeout(() => void look(), Math.min(durationMs(settings().learnInterval), DAY_MS))
  }
  const look = async (): Promise<void> => {
    isLooking = true
    try {
      await bake()
      const rows = stampOf(productState(settings().dataDir))
      if (rows !== compiled) {
        const { kind } = await reloader.reload(LEARN, build)
        // What was refused or failed is tried again with the next.
        if (kind === 'replaced' || kind === 'unchanged') compiled = rows
      }
      if (failure !== null) log.info('what was learned is put into answers again')
      failure = null
    } catch (error) {
      const { message } = error as Error
      if (message !== failure) log.error(notInAnswers(message))
      failure = message
    }
    isLooking = false
    schedule()
  }
  /** Makes the rows of the state anew, when that has changed. */
  const bake = async (): Promise<void> => {
    const { dataDir, learn } = settings()
    const file = join(dataDir, STATE_FILE)
    const state = stampOf(fileStats(file))
    if (learn === undefined || state === '' || state === baked) return
    const { halfLife, exclude } = learn
    await bakeBeside({ table: reloader.table.buffer, directory: dataDir, state: file, halfLife, exclude })
    baked = state
  }
  schedule()
  return {
    adapt: schedule,
    stop: () => {
      isStopped = true
      clearTimeout(timer)
    },
  }
}

/** What is said of what was learned and can't be read. */
export const notInAnswers = (reason: string): string =>
  `what was learned last is not in the answers: ${reason}`

/** A server of published snapshots answers what its builder has learned. */
export const isLearning = (settings: Settings): boolean =>
  settings.learn !== undefined && !takesSnapshots(settings)

function stampOf(stats: { readonly size: number; readonly mtimeMs: number } | null): string {
  return stats === null ? '' : `${stats.size} ${stats.mtimeMs}`
}
