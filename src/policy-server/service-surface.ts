// The policy service as others ask it, in its own thread: see surface.ts.

import { AsnzoneError } from '../errors.ts'
import { NO_STATE } from '../policy/state.ts'
import type { Clock } from './clock.ts'
import type { Answered, Decider } from './decider.ts'
import { Failures } from './failures.ts'
import type { KeptStore } from './kept-store.ts'
import { type Context, verdictFields } from './log-lines.ts'
import type { EventQuery, Forgotten, ListQuery, PolicyEvent, SubjectReport } from './store.ts'
import type {
  AccountDetails,
  LoginOutcome,
  LoginQuestion,
  PolicyFigures,
  PolicySurface,
  Question,
  RecordsInForce,
  RecordText,
  Verdict,
} from './surface.ts'
import type { Tally } from './tally.ts'
import type { PolicyLogLine, RecordSet } from './task.ts'
import type { Teller } from './telling/teller.ts'

/** Events that are told of an account. */
const MAX_EVENTS = 100

/** Accounts that are listed at a time. */
const MAX_LISTED = 1000

/** Who asks: Dovecot before a login, and when it is over. */
const DOVECOT = 'dovecot'
const DOVECOT_REPORT = 'dovecot-report'

/** What it works with. */
export interface SurfaceParts {
  readonly decider: Decider
  readonly store: KeptStore
  readonly clock: Clock
  readonly tally: Tally
  readonly log: (level: PolicyLogLine['level'], message: string, fields: Record<string, unknown>) => void
  /** At which level requests that pass are logged. */
  readonly passedLevel: () => 'info' | 'debug' | null
  readonly connections: () => number
  /** Reads records; rejects with what is wrong. */
  readonly readRecords: (texts: readonly RecordText[]) => Promise<RecordSet>
  /** The records of the settings. */
  readonly ofSettings: () => RecordSet
  /** Tells people who was refused; null where nobody ever is. */
  readonly teller: Pick<Teller, 'add' | 'forget' | 'figures'> | null
}

/** What others may ask. */
export class Surface implements PolicySurface {
  readonly #parts: SurfaceParts
  readonly #failures = new Failures()
  /** The records that were set at run time; null for none. */
  #set: RecordSet | null = null
  /** The records in the store when it was looked at last. */
  #seen = ''

  constructor(parts: SurfaceParts) {
    this.#parts = parts
  }

  /** Goes by the records that were set at run time, if there are any; where they can't be had, by the settings'. */
  restoreRecords(): Promise<void> {
    this.#seen = ''
    return this.followRecords()
  }

  /** The same where somebody else may have set them, unless they are as they were. */
  async followRecords(): Promise<void> {
    const { store, readRecords, log } = this.#parts
    try {
      const texts = await store.use((it) => it.records())
      const seen = JSON.stringify(texts)
      if (seen === this.#seen) return
      const kept = texts?.map((text) => JSON.parse(text) as RecordText) ?? null
      this.#seen = seen
      this.#use(kept === null ? null : await readRecords(kept))
    } catch (error) {
      if ((error as AsnzoneError).code === 'ASNZONE_POLICY') return
      const { message } = error as Error
      log(
        'error',
        `the records that were set at run time can't be used, those of the settings count: ${message}`,
        {},
      )
    }
  }

  /** Counts and logs what was answered, and has people told of it unless it is not to be. */
  note({ outcome, verdict }: Answered, context: Context, isTold = true): void {
    const { tally, log, passedLevel, teller } = this.#parts
    tally.add(context.source, outcome)
    if (verdict === null) return
    if (isTold) teller?.add(verdict, context)
    if (verdict.unjudged === 'store') return
    const isPassed = verdict.action === 'none' && (verdict.would ?? 'none') === 'none'
    const level = isPassed ? passedLevel() : 'info'
    if (level !== null) log(level, 'policy', verdictFields(verdict, context))
  }

  check(question: Question): Promise<Verdict> {
    return this.#parts.decider.check(question)
  }

  async decide(question: Question, source: string): Promise<Verdict> {
    const verdict = await this.#parts.decider.decide(question, source)
    this.note({ outcome: verdict, verdict }, { source, queue: '', instance: '' })
    return verdict
  }

  async allow({ isProven, ...question }: LoginQuestion): Promise<Verdict> {
    const { decider } = this.#parts
    const looked = await decider.check(question)
    const isRefused = looked.action === 'reject' || looked.action === 'defer'
    const isDecided = isProven && isRefused && looked.unjudged === null
    const verdict = isDecided ? await decider.decide(question, DOVECOT) : looked
    // That somebody guesses passwords from afar is no news of the account.
    this.note({ outcome: verdict, verdict }, { source: DOVECOT, queue: '', instance: '' }, isDecided)
    return verdict
  }

  async report({ isSuccess, ...question }: LoginOutcome): Promise<Verdict | null> {
    const { decider, clock } = this.#parts
    if (isSuccess) return this.decide(question, DOVECOT_REPORT)
    const user = decider.normal(question.user)
    // While the directory is not available, the name may be that of the account.
    if (user !== null) this.#failures.add(await decider.accountOf(user).catch(() => user), clock())
    return null
  }

  async list(query: ListQuery): Promise<readonly SubjectReport[]> {
    const { store, clock } = this.#parts
    const limit = Math.min(query.limit, MAX_LISTED)
    return store.use((it) => it.list({ ...query, limit }, clock()))
  }

  async show(name: string): Promise<AccountDetails | null> {
    const { store, clock } = this.#parts
    const users = await this.#accountsOf(name)
    const failuresOf = (user: string) => this.#failures.of(user, clock())
    for (const user of users) {
      const [report, events] = await store.use((it) =>
        Promise.all([it.report(user), it.events({ user, limit: MAX_EVENTS })]),
      )
      const record = this.#recordOf(user)
      if (report !== null) return { report, events, record, failures: failuresOf(user) }
    }
    const failed = users.find((user) => failuresOf(user) !== null)
    const failures = failed === undefined ? null : failuresOf(failed)
    if (failed === undefined || failures === null) return null
    const { first, last } = failures
    const report = { user: failed, first, last, requests: 0, refused: 0, state: NO_STATE }
    return { report, events: [], record: this.#recordOf(failed), failures }
  }

  async events(query: EventQuery): Promise<readonly PolicyEvent[]> {
    const { user: name = null, before = '', limit } = query
    if (!/^(\d{1,15}(-\d{1,20})?)?$/.test(before)) {
      throw new AsnzoneError('ASNZONE_CONFIG', `'${before}' is not the ID of an event`)
    }
    const bounded = { ...query, limit: Math.min(limit, MAX_LISTED) }
    if (name === null) return this.#parts.store.use((it) => it.events(bounded))
    const found: PolicyEvent[] = []
    for (const user of await this.#accountsOf(name)) {
      found.push(...(await this.#parts.store.use((it) => it.events({ ...bounded, user }))))
    }
    return found.sort((a, b) => b.time - a.time).slice(0, bounded.limit)
  }

  async unblock(name: string | null): Promise<number> {
    const { store, clock, decider, log } = this.#parts
    const users = name === null ? [null] : await this.#accountsOf(name)
    let blocks = 0
    for (const user of users) {
      const lifted = await store.use((it) => it.unblock(user, clock()))
      if (lifted > 0) log('info', 'policy: unblocked', { user, blocks: lifted })
      blocks += lifted
    }
    decider.forgetAnswers()
    return blocks
  }

  async forget(name: string): Promise<Forgotten> {
    const { store, decider, log, teller } = this.#parts
    let isFound = false
    const left = new Set<string>()
    for (const user of await this.#accountsOf(name)) {
      await teller?.forget(user)
      const forgotten = await store.use((it) => it.forget(user))
      if (forgotten.isFound) log('info', 'policy: forgotten', { user })
      for (const key of forgotten.left) left.add(key)
      isFound = this.#failures.forget(user) || forgotten.isFound || isFound
    }
    decider.forgetAnswers()
    return { isFound, left: [...left] }
  }

  async records(): Promise<RecordsInForce> {
    // Another server may have set them: a change of one of them starts from those that count.
    await this.followRecords()
    const source = this.#set === null ? 'settings' : 'set'
    return { source, records: this.inForce().texts }
  }

  async setRecords(records: readonly RecordText[]): Promise<void> {
    const { store, readRecords, log } = this.#parts
    const set = await readRecords(records)
    await store.use((it) => it.setRecords(set.texts.map((text) => JSON.stringify(text))))
    this.#use(set)
    log('info', 'policy: records were set', { records: set.records.length })
  }

  async resetRecords(): Promise<void> {
    const { store, log } = this.#parts
    await store.use((it) => it.setRecords(null))
    this.#use(null)
    log('info', 'policy: the records of the settings count again', {})
  }

  async figures(): Promise<PolicyFigures> {
    const { store, clock, tally, connections, teller } = this.#parts
    const counts = await store.use((it) => it.counts(clock())).catch(() => null)
    return {
      ...tally.figures,
      connections: connections(),
      storeErrors: store.errors,
      storeTrouble: store.trouble,
      users: counts?.users ?? null,
      blocked: counts?.blocked ?? null,
      notify: teller?.figures ?? null,
    }
  }

  /** The records that count. */
  inForce(): RecordSet {
    return this.#set ?? this.#parts.ofSettings()
  }

  #use(set: RecordSet | null): void {
    this.#set = set
    this.#parts.decider.records = this.inForce()
  }

  /** The account that a name belongs to, and what is kept under the name itself: from before, or while nobody knew. */
  async #accountsOf(name: string): Promise<readonly string[]> {
    const { decider } = this.#parts
    const user = decider.normal(name)
    if (user === null) throw new AsnzoneError('ASNZONE_CONFIG', `'${name}' can't be the name of an account`)
    // While the directory is not available, the name may be that of the account.
    const account = await decider.accountOf(user).catch(() => user)
    return [...new Set([account, user])]
  }

  #recordOf(user: string): RecordText | null {
    const { records, texts } = this.inForce()
    const sender = this.#parts.decider.recordOf(user)
    const place = records.findIndex((record) => record.sender === sender)
    return place < 0 ? null : texts[place]
  }
}
