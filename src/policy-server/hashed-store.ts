// A store that doesn't know whom it is about: instead of the names of accounts it keeps their HMACs. Who has the key
// finds an account by its name; nobody can read names out of the store.

import { createHmac } from 'node:crypto'
import type { Decision } from '../policy/decision.ts'
import { isBlocked } from '../policy/state.ts'
import type {
  Claim,
  EventQuery,
  Forgotten,
  JudgedRequest,
  ListQuery,
  PolicyEvent,
  Store,
  SubjectReport,
} from './store.ts'

/** Hexadecimal digits of an HMAC that are kept: 160 bits. */
const DIGITS = 40

const HASHED = /^hmac-[\da-f]{40}$/

/** Keeps HMACs in another store. */
export class HashedStore implements Store {
  readonly #store: Store
  readonly #key: string

  constructor(store: Store, key: string) {
    this.#store = store
    this.#key = key
  }

  get mendsItself(): boolean {
    return this.#store.mendsItself
  }

  // A name that looks like an HMAC is hashed like any other when it comes with a request: a stranger may have chosen it.

  decide(request: JudgedRequest): Promise<Decision> {
    return this.#store.decide(this.#hidden(request))
  }

  look(request: Omit<JudgedRequest, 'source'>): Promise<Decision> {
    return this.#store.look(this.#hidden(request))
  }

  claim(claim: Claim, now: number): Promise<boolean> {
    return this.#store.claim({ ...claim, user: claim.user === null ? null : this.#hash(claim.user) }, now)
  }

  // Administrators name an account either way.

  report(user: string): Promise<SubjectReport | null> {
    return this.#store.report(this.#keyOf(user))
  }

  async list(query: ListQuery, now: number): Promise<readonly SubjectReport[]> {
    const { text, after, limit, blocked } = query
    const found = [...(await this.#store.list(query, now))]
    if (text === '') return found
    // A part of a name finds nothing, the whole name does.
    for (const name of new Set([text, text.toLowerCase()])) {
      const report = await this.#store.report(this.#hash(name))
      if (report === null || report.user <= after || (blocked && !isBlocked(report.state, now))) continue
      if (!found.some(({ user }) => user === report.user)) found.push(report)
    }
    return found.sort((a, b) => (a.user < b.user ? -1 : 1)).slice(0, limit)
  }

  events(query: EventQuery): Promise<readonly PolicyEvent[]> {
    const { user = null } = query
    return this.#store.events({ ...query, user: user === null ? null : this.#keyOf(user) })
  }

  unblock(user: string | null, now: number): Promise<number> {
    return this.#store.unblock(user === null ? null : this.#keyOf(user), now)
  }

  /** What was kept under the name itself, before there was a key, goes as well. */
  async forget(user: string): Promise<Forgotten> {
    const hashed = await this.#store.forget(this.#keyOf(user))
    if (HASHED.test(user)) return hashed
    const plain = await this.#store.forget(user)
    return {
      isFound: hashed.isFound || plain.isFound,
      left: [...new Set([...hashed.left, ...plain.left])],
    }
  }

  adopt(report: SubjectReport, window: number, now: number): Promise<boolean> {
    return this.#store.adopt({ ...report, user: this.#keyOf(report.user) }, window, now)
  }

  prove(): Promise<void> {
    return this.#store.prove()
  }

  records(): Promise<readonly string[] | null> {
    return this.#store.records()
  }

  setRecords(records: readonly string[] | null): Promise<void> {
    return this.#store.setRecords(records)
  }

  counts(now: number): ReturnType<Store['counts']> {
    return this.#store.counts(now)
  }

  expire(before: Parameters<Store['expire']>[0]): Promise<boolean> {
    return this.#store.expire(before)
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  /** geoip-policyd knows accounts by their names: what it has kept is looked for under that. */
  #hidden<Request extends Omit<JudgedRequest, 'source'>>(request: Request): Request {
    const { user, raw = user } = request
    return { ...request, user: this.#hash(user), raw }
  }

  #keyOf(user: string): string {
    return HASHED.test(user) ? user : this.#hash(user)
  }

  #hash(user: string): string {
    return `hmac-${createHmac('sha256', this.#key).update(user).digest('hex').slice(0, DIGITS)}`
  }
}
