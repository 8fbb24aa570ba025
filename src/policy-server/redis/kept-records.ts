// Records that were set at run time, as JSON at one key, for all hosts that share the server.

import type { Commands } from './commands.ts'

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
    const key = this.#key
    let text: unknown
    try {
      text = await this.#commands.run(key, ['GET', key])
    } catch (error) {
      if (!(error as Error).message.includes('WRONGTYPE')) throw error
      text = ''
    }
    if (text === null) return null
    const records = textsOf(String(text))
    if (records === null) this.#onForeign(key)
    return records
  }

  /** Sets them; null goes back to none. */
  async write(records: readonly string[] | null): Promise<void> {
    const key = this.#key
    await this.#commands.run(key, records === null ? ['DEL', key] : ['SET', key, JSON.stringify(records)])
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
