// The accounts whose lock was taken over from geoip-policyd, which has no end there: once it is lifted here, it is not to
// come back with the next look there. Only digests of their names are kept, so that a name that is forgotten is.

import { createHash } from 'node:crypto'
import type { Commands } from './commands.ts'
import { unlessForeign } from './foreign-keys.ts'

/** A set of accounts in Redis. */
export class ImportedLocks {
  readonly #commands: Commands
  readonly #key: string
  readonly #onForeign: (key: string) => void

  /** @param onForeign told of the key when what is there isn't ours: then no lock was ever lifted */
  constructor(commands: Commands, prefix: string, onForeign: (key: string) => void) {
    this.#onForeign = onForeign
    this.#commands = commands
    this.#key = `${prefix}imported`
  }

  async has(user: string): Promise<boolean> {
    return (await this.#run('SISMEMBER', user)) === 1
  }

  async add(user: string): Promise<void> {
    await this.#run('SADD', user)
  }

  #run(command: string, user: string): Promise<unknown> {
    const key = this.#key
    const running = this.#commands.run(key, [command, key, digest(user)])
    return unlessForeign(running, 0, () => this.#onForeign(key))
  }
}

const digest = (user: string): string => createHash('sha256').update(user).digest('base64url')
