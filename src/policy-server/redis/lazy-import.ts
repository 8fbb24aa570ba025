// Takes accounts over from geoip-policyd when they are first asked for. It only reads there, so that geoip-policyd may
// run beside it.

import { createHash } from 'node:crypto'
import type { Rules } from '../../policy/settings.ts'
import type { SubjectState } from '../../policy/state.ts'
import type { JudgedRequest, SubjectReport } from '../store.ts'
import type { Accounts } from './accounts.ts'
import type { Commands } from './commands.ts'
import { isWorthKeeping, readGeoipPolicyd } from './geoip-policyd.ts'
import type { Lists } from './lists.ts'
import type { RedisSettings } from './settings.ts'

/** Takes accounts over. */
export class LazyImport {
  readonly #commands: Commands
  readonly #accounts: Accounts
  readonly #lists: Lists
  readonly #importPrefix: string
  /** The set of accounts whose lock was taken over, under digests of their names: it is not to come back once lifted. */
  readonly #locked: string
  readonly #onForeign: (key: string) => void

  /** @param onForeign told of keys that hold what geoip-policyd doesn't write */
  constructor(
    commands: Commands,
    accounts: Accounts,
    lists: Lists,
    { prefix, importPrefix }: Pick<RedisSettings, 'prefix' | 'importPrefix'>,
    onForeign: (key: string) => void,
  ) {
    this.#commands = commands
    this.#accounts = accounts
    this.#lists = lists
    this.#importPrefix = importPrefix
    this.#locked = `${prefix}imported`
    this.#onForeign = onForeign
  }

  /** Looks for the account of a request, under its name as it came and as it is kept; takes it over if it is there. */
  async take({ user, raw, rules }: JudgedRequest, now: number): Promise<void> {
    for (const name of new Set([raw ?? user, user, (raw ?? user).toLowerCase()])) {
      const text = await this.#read(`${this.#importPrefix}${name}`)
      if (text === null) continue
      await this.takeText(user, text, rules, now)
      return
    }
  }

  /** Takes over what geoip-policyd has written of an account, unless it is known; tells whether it did. */
  async takeText(user: string, text: string, rules: Rules, now: number): Promise<boolean> {
    const { prefixes, window } = rules
    const state = readGeoipPolicyd(text, { prefixes, window, now })
    if (state === null) {
      this.#onForeign(`${this.#importPrefix}${user}`)
      return false
    }
    const digest = createHash('sha256').update(user).digest('base64url')
    const wasLocked = state.block !== null && (await this.#isTaken(digest))
    const taken: SubjectState = wasLocked ? { ...state, block: null } : state
    if (!isWorthKeeping(taken, now)) return false
    const isPermanent = taken.block !== null
    if (!(await this.#accounts.adopt(reportOf(user, taken, now), window, isPermanent ? null : window)))
      return false
    if (isPermanent) {
      await this.#commands.run(this.#locked, ['SADD', this.#locked, digest])
      await this.#lists.addBlocked(user, null)
    }
    return true
  }

  async #isTaken(digest: string): Promise<boolean> {
    return (await this.#commands.run(this.#locked, ['SISMEMBER', this.#locked, digest])) === 1
  }

  async #read(key: string): Promise<string | null> {
    try {
      const text = await this.#commands.run(key, ['GET', key])
      return text === null ? null : String(text)
    } catch (error) {
      if (!(error as Error).message.includes('WRONGTYPE')) throw error
      this.#onForeign(key)
      return null
    }
  }
}

function reportOf(user: string, state: SubjectState, now: number): SubjectReport {
  const all = state.entries.flatMap((of) => [...of.values()])
  const first = Math.min(now, ...all.map((entry) => entry.first))
  const last = Math.max(first, ...all.map((entry) => entry.last))
  return { user, first, last, requests: 0, refused: 0, state }
}
