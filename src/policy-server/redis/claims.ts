// Of what somebody was told already, by any of the hosts.

import type { Claim } from '../store.ts'
import { type Commands, scriptOf } from './commands.ts'
import { CLAIM_SCRIPT } from './other-scripts.ts'

const CLAIM = scriptOf(CLAIM_SCRIPT)

/** Notes in Redis, each with an end of its own. */
export class Claims {
  readonly #commands: Commands
  readonly #prefix: string

  constructor(commands: Commands, prefix: string) {
    this.#commands = commands
    this.#prefix = prefix
  }

  /** Whether something is news; it is none from then on. */
  async take({ user, token, milliseconds }: Claim): Promise<boolean> {
    const args = [token, String(Math.max(1, Math.ceil(milliseconds)))]
    return (await this.#commands.runScript(CLAIM, this.#keyOf(user), args)) === 1
  }

  /** Removes what is noted of an account; tells whether there was anything. */
  async forget(user: string): Promise<boolean> {
    const key = this.#keyOf(user)
    return (await this.#commands.run(key, ['DEL', key])) === 1
  }

  #keyOf(user: string | null): string {
    return user === null ? `${this.#prefix}digest` : `${this.#prefix}told:{${user}}`
  }
}
