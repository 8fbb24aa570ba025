// The store of several hosts: Redis 6 or newer, or Valkey. What is kept of an account is a hash, and a decision is one run
// of a program on it, so that hosts that ask at the same time count together.

import { hostname } from 'node:os'
import { AsnzoneError } from '../../errors.ts'
import type { Decision } from '../../policy/decision.ts'
import { type Facts, factsOf } from '../../policy/facts.ts'
import { decide } from '../../policy/rules.ts'
import { type Block, NO_STATE, PERMANENT } from '../../policy/state.ts'
import { eventOf, isEvent } from '../event.ts'
import type {
  Claim,
  EventQuery,
  Forgotten,
  JudgedRequest,
  ListQuery,
  PolicyEvent,
  Store,
  StoreCounts,
  SubjectReport,
} from '../store.ts'
import { AccountCount } from './account-count.ts'
import { Accounts, keyOfAccount } from './accounts.ts'
import { Claims } from './claims.ts'
import { scriptOf } from './commands.ts'
import { DECIDE_SCRIPT } from './decide-script.ts'
import { ForeignKeys } from './foreign-keys.ts'
import { IMPORTED } from './geoip-policyd.ts'
import { ImportedLocks } from './imported-locks.ts'
import { type AskOptions, composeAsk, type Judged, readJudged } from './judge-call.ts'
import { KeptRecords } from './kept-records.ts'
import { LaterWrites } from './later-writes.ts'
import { LazyImport } from './lazy-import.ts'
import { Lists } from './lists.ts'
import { PROVE_SCRIPT } from './other-scripts.ts'
import type { RedisSettings } from './settings.ts'
import { UsableServer } from './usable-server.ts'

const DECIDE = scriptOf(DECIDE_SCRIPT)
const PROVE = scriptOf(PROVE_SCRIPT)

/** Accounts that are unblocked at a time. */
const SLICE = 100

/** What a store needs besides its settings. */
export interface StoreHooks {
  /** Told of values that aren't ours where ours should be, once for each key, and when the lists can't be written. */
  onWarning(message: string): void
  /** Whose clock counts: the server's, unless somebody tries out hours in a second. */
  readonly clock?: 'server' | 'request'
}

/** Keeps accounts in Redis. */
export class RedisStore implements Store {
  readonly mendsItself = true
  readonly #server: UsableServer
  readonly #prefix: string
  readonly #hooks: StoreHooks
  readonly #accounts: Accounts
  readonly #lists: Lists
  readonly #claims: Claims
  readonly #import: LazyImport | null
  readonly #locks: ImportedLocks
  readonly #foreign: ForeignKeys
  readonly #count: AccountCount
  readonly #later: LaterWrites
  readonly #records: KeptRecords
  /** The account whose decision failed last. */
  #failedUser = 'asnzone'

  private constructor(settings: RedisSettings, hooks: StoreHooks) {
    const { prefix, timeout } = settings
    this.#prefix = prefix
    this.#hooks = hooks
    this.#server = new UsableServer(settings, keyOfAccount(prefix, 'probe of asnzone'))
    const { commands, where } = this.#server
    this.#foreign = new ForeignKeys(where, hooks.onWarning)
    const onForeign = (key: string): void => this.#foreign.add(key)
    this.#accounts = new Accounts(commands, prefix, onForeign)
    this.#count = new AccountCount(() => this.#accounts.count(), timeout / 4)
    this.#lists = new Lists(commands, prefix, hostname(), onForeign)
    this.#claims = new Claims(commands, prefix, onForeign)
    this.#records = new KeptRecords(commands, prefix, onForeign)
    this.#later = new LaterWrites((list, error) =>
      hooks.onWarning(`${prefix}${list} can't be written: ${error.message}`),
    )
    this.#import =
      settings.importPrefix === ''
        ? null
        : new LazyImport({
            commands,
            prefix: settings.importPrefix,
            adopt: (report, window, now) => this.adopt(report, window, now),
            onForeign,
          })
    this.#locks = new ImportedLocks(commands, prefix, onForeign)
  }

  /**
   * Connects, and looks whether the server can be the store. One that can't be reached is not an error: it is tried again
   * until it can be, and each request fails meanwhile.
   *
   * @throws {AsnzoneError} `ASNZONE_STORE` when the server is too old, runs no scripts or doesn't accept the user.
   */
  static async open(settings: RedisSettings, hooks: StoreHooks): Promise<RedisStore> {
    const store = new RedisStore(settings, hooks)
    try {
      await store.#server.connected()
      await store.#server.ensureFit()
    } catch (error) {
      if (!(error instanceof AsnzoneError)) return store
      store.#server.destroy()
      throw error
    }
    return store
  }

  /** Why the server can't be used now; null when nothing is known. */
  get trouble(): string | null {
    return this.#server.trouble
  }

  async decide(request: JudgedRequest): Promise<Decision> {
    const facts = factsOf(request.client, request.rules)
    if (facts.isExempt) return decisionOfExempt(request)
    let judged = await this.#judge(request, facts, { store: true, unlessNew: this.#import !== null })
    if (judged.isNew) {
      await this.#import?.take(request)
      judged = await this.#judge(request, facts, { store: true, unlessNew: false })
    }
    const { decision, now } = known(judged)
    if (isEvent(decision))
      this.#later.begin('events', () => this.#lists.addEvent({ ...eventOf(request, decision), time: now }))
    const { block } = decision.changes
    if (block !== null) this.#later.begin('blocked', () => this.#lists.addBlocked(request.user, endOf(block)))
    return decision
  }

  async look(request: Omit<JudgedRequest, 'source'>): Promise<Decision> {
    const facts = factsOf(request.client, request.rules)
    if (facts.isExempt) return decisionOfExempt(request)
    return known(await this.#judge(request, facts, { store: false, unlessNew: false })).decision
  }

  async prove(): Promise<void> {
    await this.#server.ensureFit()
    // Of a Cluster, the server that has failed is the one to ask.
    const key = `${this.#prefix}probe:{${this.#failedUser}}`
    await this.#server.commands.runScript(PROVE, key, [])
  }

  async report(user: string): Promise<SubjectReport | null> {
    return this.#accounts.report(user)
  }

  async list(query: ListQuery, now: number): Promise<readonly SubjectReport[]> {
    if (!query.blocked) return this.#accounts.page(query, null, now)
    const blocked = (await this.#lists.blocked(now)) ?? (await this.#accounts.blocked(now))
    return this.#accounts.page(query, blocked, now)
  }

  async events(query: EventQuery): Promise<readonly PolicyEvent[]> {
    return this.#lists.events(query)
  }

  async claim(claim: Claim): Promise<boolean> {
    return this.#claims.take(claim)
  }

  async unblock(user: string | null, now: number): Promise<number> {
    const at = this.#hooks.clock === 'request' ? now : null
    if (user !== null) {
      const lifted = await this.#accounts.unblock(user, at)
      await this.#lists.dropBlocked([user])
      return Number(lifted)
    }
    // The list of blocked accounts may lack some.
    let lifted = 0
    for await (const names of this.#accounts.names()) {
      for (let i = 0; i < names.length; i += SLICE) {
        const slice = names.slice(i, i + SLICE)
        const were = await Promise.all(slice.map((name) => this.#accounts.unblock(name, at)))
        lifted += were.filter(Boolean).length
        await this.#lists.dropBlocked(slice)
      }
    }
    return lifted
  }

  async forget(user: string): Promise<Forgotten> {
    // What is still being written about it would come after that.
    await this.#later.ended()
    const left = new Set<string>()
    const onForeign = (key: string): void => {
      left.add(key)
      this.#foreign.add(key)
    }
    const wasKept = await this.#accounts.forget(user, onForeign)
    const wasTold = await this.#claims.forget(user, onForeign)
    const hadEvents = await this.#lists.forget(user, onForeign)
    return { isFound: wasKept || wasTold || hadEvents, left: [...left] }
  }

  records(): Promise<readonly string[] | null> {
    return this.#records.read()
  }

  setRecords(records: readonly string[] | null): Promise<void> {
    return this.#records.write(records)
  }

  async counts(now: number): Promise<StoreCounts> {
    const [blocked, users] = await Promise.all([this.#lists.countBlocked(now), this.#count.at(now)])
    return { users, blocked }
  }

  /** Accounts end by themselves. */
  async expire({ events, now }: { entries: number; events: number; now: number }): Promise<boolean> {
    await this.#lists.expireBlocked(now)
    return this.#lists.expireEvents(events)
  }

  async adopt(report: SubjectReport, window: number, now: number): Promise<boolean> {
    const { user, last } = report
    const isLock = report.state.block?.reason === IMPORTED
    const wasLifted = isLock && (await this.#locks.has(user))
    const state = wasLifted ? { ...report.state, block: null } : report.state
    const { block, entries } = state
    const isPermanent = block?.until === PERMANENT
    const lastEntry = entries.some((of) => of.size > 0) ? last + window : 0
    const until = Math.max(lastEntry, block?.until ?? 0)
    if (!isPermanent && until <= now) return false
    const isTaken = await this.#accounts.adopt({ ...report, state }, window, isPermanent ? null : until - now)
    if (isTaken && isLock && !wasLifted) await this.#locks.add(user)
    if (isTaken && block !== null) await this.#lists.addBlocked(user, endOf(block))
    return isTaken
  }

  async close(): Promise<void> {
    await this.#later.ended()
    await this.#server.close()
  }

  async #judge(
    { user, client, rules, now }: Omit<JudgedRequest, 'source'>,
    facts: Facts,
    { store, unlessNew }: Omit<AskOptions, 'now'>,
  ): Promise<Judged> {
    await this.#server.ensureFit()
    const key = this.#accounts.keyOf(user)
    const time = this.#hooks.clock === 'request' ? now : null
    const ask = composeAsk(client, rules, facts, { store, unlessNew, now: time })
    try {
      const judged = readJudged(await this.#server.commands.runScript(DECIDE, key, [ask]), client, rules)
      if (!judged.isNew && judged.foreign !== 0) this.#foreign.add(key)
      return judged
    } catch (error) {
      this.#failedUser = user
      throw error
    }
  }
}

/** What is decided without the server: an exempt client needs no memory. */
function decisionOfExempt({ client, rules, now }: Omit<JudgedRequest, 'source'>): Decision {
  return decide(NO_STATE, client, rules, now)
}

function known(judged: Judged): Exclude<Judged, { isNew: true }> {
  if (judged.isNew) throw new Error('the program in Redis has not done what it was asked')
  return judged
}

const endOf = ({ until }: Block): number | null => (until === PERMANENT ? null : until)
