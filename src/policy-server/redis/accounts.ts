// The accounts in Redis, one by one and all of them: what administrators ask for. Decisions are in redis-store.ts.

import { isBlocked } from '../../policy/state.ts'
import type { ListQuery, SubjectReport } from '../store.ts'
import { type Commands, scriptOf } from './commands.ts'
import { ADOPT_SCRIPT, FORGET_SCRIPT, READ_SCRIPT, UNBLOCK_SCRIPT } from './other-scripts.ts'
import { composeFields, parseReport } from './state-fields.ts'

const READ = scriptOf(READ_SCRIPT)
const UNBLOCK = scriptOf(UNBLOCK_SCRIPT)
const ADOPT = scriptOf(ADOPT_SCRIPT)
const FORGET = scriptOf(FORGET_SCRIPT)

/** Accounts that are read at a time. */
const SLICE = 100

/** The key of an account; the braces tell it from our other keys. */
export function keyOfAccount(prefix: string, user: string): string {
  return `${prefix}{${user}}`
}

/** Accounts in Redis. */
export class Accounts {
  readonly #commands: Commands
  readonly #prefix: string
  readonly #onForeign: (key: string) => void

  /** @param onForeign told of keys that hold what isn't ours */
  constructor(commands: Commands, prefix: string, onForeign: (key: string) => void) {
    this.#commands = commands
    this.#prefix = prefix
    this.#onForeign = onForeign
  }

  /** The key of an account. */
  keyOf(user: string): string {
    return keyOfAccount(this.#prefix, user)
  }

  /** What is kept of an account; null for nothing. */
  async report(user: string): Promise<SubjectReport | null> {
    const key = this.keyOf(user)
    const held = (await this.#commands.runScript(READ, key, [])) as readonly string[] | number
    const fields: [string, string][] = []
    if (typeof held !== 'number') {
      for (let i = 0; i + 1 < held.length; i += 2) fields.push([held[i], held[i + 1]])
      if (fields.length === 0) return null
    }
    const report = parseReport(user, fields)
    if (report === null) this.#onForeign(key)
    return report
  }

  /** All names, some at a time; one may come twice. */
  async *names(): AsyncGenerator<readonly string[]> {
    const start = `${this.#prefix}{`
    const pattern = `${start.replace(/[\\*?[\]]/g, '\\$&')}*}`
    for await (const keys of this.#commands.scan(pattern)) {
      yield keys.map((key) => key.slice(start.length, -1))
    }
  }

  /** The accounts of a page, in the order of their names. `blocked` are names of blocked ones; null for all accounts. */
  async page(
    { text, after, limit }: Omit<ListQuery, 'blocked'>,
    blocked: readonly string[] | null,
    now: number,
  ): Promise<readonly SubjectReport[]> {
    const isWanted = (name: string): boolean => name > after && name.includes(text)
    const names = blocked === null ? await this.#first(isWanted, limit) : blocked.filter(isWanted).sort()
    const found: SubjectReport[] = []
    for (let i = 0; i < names.length && found.length < limit; i += SLICE) {
      const reports = await Promise.all(names.slice(i, i + SLICE).map((name) => this.report(name)))
      for (const report of reports) {
        if (report !== null && (blocked === null || isBlocked(report.state, now))) found.push(report)
      }
    }
    return found.slice(0, limit)
  }

  /** The names of those that are blocked, without the list of them: all accounts are read. */
  async blocked(now: number): Promise<readonly string[]> {
    const blocked = new Set<string>()
    for await (const names of this.names()) {
      for (let i = 0; i < names.length; i += SLICE) {
        const reports = await Promise.all(names.slice(i, i + SLICE).map((name) => this.report(name)))
        for (const report of reports) {
          if (report !== null && isBlocked(report.state, now)) blocked.add(report.user)
        }
      }
    }
    return [...blocked]
  }

  /** How many accounts there are. */
  async count(): Promise<number> {
    let count = 0
    for await (const names of this.names()) count += names.length
    return count
  }

  /** Lifts the block of an account; tells whether there was one. `now` is null for the time of the server. */
  async unblock(user: string, now: number | null): Promise<boolean> {
    const key = this.keyOf(user)
    return (await this.#commands.runScript(UNBLOCK, key, [now === null ? '' : String(now)])) === 1
  }

  /**
   * Removes an account; tells whether there was anything.
   *
   * @param onForeign told of the key when what is there isn't ours, and stays
   */
  async forget(user: string, onForeign: (key: string) => void): Promise<boolean> {
    const removed = await this.#commands.runScript(FORGET, this.keyOf(user), [])
    if (removed === -1) onForeign(this.keyOf(user))
    return removed === 1
  }

  /**
   * Takes over an account, unless it is known already; tells whether it did.
   *
   * @param window milliseconds for which its entries count
   * @param rest milliseconds for which it is kept; null for no end
   */
  async adopt(report: SubjectReport, window: number, rest: number | null): Promise<boolean> {
    const kept = rest === null ? '0' : String(Math.max(1, Math.ceil(rest)))
    const args = [kept, ...composeFields(report, window)]
    return (await this.#commands.runScript(ADOPT, this.keyOf(report.user), args)) === 1
  }

  /** The first names in their order, without keeping all of them. */
  async #first(isWanted: (name: string) => boolean, limit: number): Promise<readonly string[]> {
    // One whose key holds what isn't ours is left out later, and one may end meanwhile.
    const most = limit + SLICE
    let first: string[] = []
    for await (const names of this.names()) {
      first = [...new Set([...first, ...names.filter(isWanted)])].sort().slice(0, most)
    }
    return first
  }
}
