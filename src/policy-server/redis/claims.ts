// Of what somebody was told already, by any of the hosts.

import type { Claim } from '../store.ts'
import { type Commands, scriptOf } from './commands.ts'
import { CLAIM_SCRIPT, UNCLAIM_SCRIPT } from './other-scripts.ts'

const CLAIM = scriptOf(CLAIM_SCRIPT)
const UNCLAIM = scriptOf(UNCLAIM_SCRIPT)

/** Notes in Redis, each with an end of its own. */
export class Claims {
  readonly #commands: Commands
  readonly #prefix: string
  readonly #onForeign: (key: string) => void

  /** @param onForeign told of a key whose value isn't ours: who asks there is told that it is news */
  constructor(commands: Commands, prefix: string, onForeign: (key: string) => void) {
    this.#commands = commands
    this.#onForeign = onForeign
    this.#prefix = prefix
  }

  /** Whether something is news; it is none from then on. */
  async take({ user, token, milliseconds }: Claim): Promise<boolean> {
    const args = [token, String(Math.max(1, Math.ceil(milliseconds)))]
    const key = this.#keyOf(user)
    const taken = await this.#commands.runScript(CLAIM, key, args)
    if (taken === -1) this.#onForeign(key)
    return taken !== 0
  }

  /**
   * Removes what is noted of an account; tells whether there was anything.
   *
   * @param onForeign told of the key when what is there isn't ours, and stays
   */
  async forget(user: string, onForeign: (key: string) => void): Promise<boolean> {
    const key = this.#keyOf(user)
    const removed = await this.#commands.runScript(UNCLAIM, key, [])
    if (removed === -1) onForeign(key)
    return removed === 1
  }

  #keyOf(user: string | null): string {
    return user === null ? `${this.#prefix}digest` : `${this.#prefix}told:{${user}}`
  }
}
