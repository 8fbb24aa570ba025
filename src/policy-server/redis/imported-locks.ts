// The accounts whose lock was taken over from geoip-policyd, which has no end there: once it is lifted here, it is not to
// come back with the next look there. Only digests of their names are kept, so that a name that is forgotten is.

import { createHash } from 'node:crypto'
import type { Commands } from './commands.ts'

/** A set of accounts in Redis. */
export class ImportedLocks {
  readonly #commands: Commands
  readonly #key: string

  constructor(commands: Commands, prefix: string) {
    this.#commands = commands
    this.#key = `${prefix}imported`
  }

  async has(user: string): Promise<boolean> {
    return (await this.#commands.run(this.#key, ['SISMEMBER', this.#key, digest(user)])) === 1
  }

  async add(user: string): Promise<void> {
    await this.#commands.run(this.#key, ['SADD', this.#key, digest(user)])
  }
}

const digest = (user: string): string => createHash('sha256').update(user).digest('base64url')
