// Records that were set at run time, as JSON at one key, for all hosts that share the server.

import type { Commands } from './commands.ts'
import { foreignAt, unlessForeign } from './foreign-keys.ts'

/** The records in Redis. */
export class KeptRecords {
  readonly #commands: Commands
  readonly #key: string
  readonly #onForeign: (key: string) => void

  /** @param onForeign told of a key whose value isn't ours */
  constructor(commands: Commands, prefix: string, onForeign: (key: string) => void) {
    this.#commands = commands
    this.#key = `${prefix}records`
    this.#onForeign = onForeign
  }

  /** Null when none were set. */
  async read(): Promise<readonly string[] | null> {
    const found = await this.#look()
    if (found === 'foreign') this.#onForeign(this.#key)
    return found === 'foreign' ? null : found
  }

  /**
   * Sets them; null goes back to none.
   *
   * @throws {Error} when the key holds something else, which stays.
   */
  async write(records: readonly string[] | null): Promise<void> {
    const key = this.#key
    if ((await this.#look()) === 'foreign') throw new Error(foreignAt(key))
    await this.#commands.run(key, records === null ? ['DEL', key] : ['SET', key, JSON.stringify(records)])
  }

  async #look(): Promise<readonly string[] | null | 'foreign'> {
    const key = this.#key
    const text = await unlessForeign(this.#commands.run(key, ['GET', key]), '', () => {})
    return text === null ? null : (textsOf(String(text)) ?? 'foreign')
  }
}

function textsOf(json: string): readonly string[] | null {
  try {
    const value: unknown = JSON.parse(json)
    return Array.isArray(value) && value.every((it) => typeof it === 'string') ? value : null
  } catch {
    return null
  }
}
