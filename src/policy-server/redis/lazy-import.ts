// Takes accounts over from geoip-policyd when they are first asked for. It only reads there, so that geoip-policyd may
// run beside it.

import type { JudgedRequest, SubjectReport } from '../store.ts'
import type { Commands } from './commands.ts'
import { unlessForeign } from './foreign-keys.ts'
import { readGeoipPolicyd } from './geoip-policyd.ts'

/** What it works with. */
export interface LazyImportParts {
  readonly commands: Commands
  /** What the keys of geoip-policyd begin with. */
  readonly prefix: string
  /** Takes an account over, unless it is known. */
  readonly adopt: (report: SubjectReport, window: number, now: number) => Promise<boolean>
  /** Told of keys that hold what geoip-policyd doesn't write. */
  readonly onForeign: (key: string) => void
}

/** Takes accounts over. */
export class LazyImport {
  readonly #parts: LazyImportParts

  constructor(parts: LazyImportParts) {
    this.#parts = parts
  }

  /** Looks for the account of a request, under its name as it came and as it is kept; takes it over if it is there. */
  async take({ user, raw = user, rules, now }: JudgedRequest): Promise<void> {
    const { prefix, adopt, onForeign } = this.#parts
    const { prefixes, window } = rules
    for (const name of new Set([raw, user, raw.toLowerCase()])) {
      const text = await this.#read(`${prefix}${name}`)
      if (text === null) continue
      const report = readGeoipPolicyd(user, text, { prefixes, window, now })
      if (report === null) onForeign(`${prefix}${name}`)
      else await adopt(report, window, now)
      return
    }
  }

  async #read(key: string): Promise<string | null> {
    const { commands, onForeign } = this.#parts
    const text = await unlessForeign(commands.run(key, ['GET', key]), null, () => onForeign(key))
    return text === null ? null : String(text)
  }
}
