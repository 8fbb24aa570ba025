// Decides about requests: which account they are for, where they come from, what the rules say, and what is answered.

import { DUNNO } from '../policy/answer.ts'
import { parseClientAddress } from '../policy/client-address.ts'
import { type Decision, isChange } from '../policy/decision.ts'
import { Records } from '../policy/records.ts'
import type { Attributes } from '../policy/request.ts'
import { nameIn, normalSubject } from '../policy/subject.ts'
import type { Clients } from './clients.ts'
import type { Clock } from './clock.ts'
import type { KeptStore, UseKind } from './kept-store.ts'
import type { Directory } from './ldap/directory.ts'
import { Once } from './once.ts'
import type { JudgedRequest, Store } from './store.ts'
import type { Question, Verdict } from './surface.ts'
import type { PolicyConduct, RecordSet } from './task.ts'
import { type Case, failedVerdict, judgedVerdict, unjudgedVerdict } from './verdict.ts'

/** The only request there is: SMTPD_POLICY_README. */
const REQUEST = 'smtpd_access_policy'

/** Characters of an `instance` at most: Postfix's have some 30, and each that is remembered is kept for minutes. */
const MAX_INSTANCE = 128

/** Tells what is known of an address. */
export type ClientLookup = Pick<Clients, 'of'>

/** What it decides by. */
export interface DeciderParts {
  readonly conduct: PolicyConduct
  readonly clients: ClientLookup
  readonly store: KeptStore
  readonly clock: Clock
  /** Which account a name belongs to; null where names are those of accounts. */
  readonly directory: Pick<Directory, 'accountOf'> | null
}

/** What was answered, as it is counted; verdicts are outcomes. */
export type Outcome = Pick<Verdict, 'answer' | 'action' | 'rule' | 'unjudged' | 'milliseconds'>

/** An answer. */
export interface Answered {
  readonly outcome: Outcome
  /** How it came about; null when the first request about its message has told. */
  readonly verdict: Verdict | null
}

/** Judges one request after the other; requests of a connection wait for each other, those of several don't. */
export class Decider {
  readonly #store: KeptStore
  readonly #clock: Clock
  readonly #directory: DeciderParts['directory']
  readonly #once = new Once<Verdict, Outcome>(summaryOf, ({ unjudged }) => unjudged === null)
  /** Names verdicts: others may have the same number, but not the same beginning. */
  readonly #prefix = Math.floor(Math.random() * 36 ** 5)
    .toString(36)
    .padStart(5, '0')
  #number = 0
  #clients: ClientLookup
  #conduct: PolicyConduct
  #records: Records

  constructor({ conduct, clients, store, clock, directory }: DeciderParts) {
    this.#directory = directory
    this.#store = store
    this.#clock = clock
    this.#clients = clients
    this.#conduct = conduct
    this.#records = recordsOf(conduct, conduct.records)
  }

  /** Goes by other settings; the records are those of the settings then. */
  set conduct(conduct: PolicyConduct) {
    this.#conduct = conduct
    this.records = conduct.records
  }

  /** Goes by other records. */
  set records(set: RecordSet) {
    this.#records = recordsOf(this.#conduct, set)
    this.#once.clear()
  }

  /** Looks clients up elsewhere. */
  set clients(clients: ClientLookup) {
    this.#clients = clients
  }

  /** What was answered may not be true any more. */
  forgetAnswers(): void {
    this.#once.clear()
  }

  /** A name as accounts are kept under; null for what can't be one. */
  normal(name: string): string | null {
    return normalSubject(name, this.#conduct.subject)
  }

  /**
   * The account that a name belongs to, as accounts are kept under.
   *
   * @param user a name in that form already
   * @throws {AsnzoneError} `ASNZONE_POLICY` when the directory is not available.
   */
  async accountOf(user: string): Promise<string> {
    const account = (await this.#directory?.accountOf(user)) ?? null
    return account === null ? user : (this.normal(account) ?? user)
  }

  /** The `sender` of the record that is about an account, as the record has it; null for none. */
  recordOf(user: string): string | null {
    return this.#records.of(user).record?.sender ?? null
  }

  /** Judges what a mail server asks. Never rejects. */
  answer(attributes: Attributes, source: string): Promise<Answered> {
    const started = performance.now()
    const address = attributes.get('client_address') ?? ''
    if (attributes.get('request') !== REQUEST) {
      return passed(this.#unjudged('unknown request', null, address, started))
    }
    const raw = nameIn(attributes, this.#conduct.subject)
    const user = this.normal(raw)
    if (user === null) return passed(this.#unjudged('no user', null, address, started))
    const found = this.#caseOf(user, raw, address, source)
    if (found === null) return passed(this.#unjudged('unusable address', user, address, started))
    const ask = (): Promise<Verdict> => this.#conclude(found, started, DECIDE)
    const instance = attributes.get('instance') ?? ''
    if (instance === '' || instance.length > MAX_INSTANCE) return ask().then(first)
    const key = `${instance}\0${user}\0${found.client.address.text}`
    const { first: asked, again } = this.#once.get(key, this.#clock(), ask)
    return asked === null ? Promise.resolve(again).then(repeated) : asked.then(first)
  }

  /** Judges as if a mail server had asked. Never rejects. */
  async decide({ user: raw, address }: Question, source: string): Promise<Verdict> {
    const started = performance.now()
    const user = this.normal(raw)
    if (user === null) return this.#unjudged('no user', null, address, started)
    const found = this.#caseOf(user, raw, address, source)
    if (found === null) return this.#unjudged('unusable address', user, address, started)
    return this.#conclude(found, started, DECIDE)
  }

  /** Judges and remembers nothing. Never rejects. */
  async check({ user: raw, address }: Question): Promise<Verdict> {
    const started = performance.now()
    const user = this.normal(raw)
    if (user === null) return this.#unjudged('no user', null, address, started)
    const found = this.#caseOf(user, raw, address, '')
    if (found === null) return this.#unjudged('unusable address', user, address, started)
    return this.#conclude(found, started, LOOK)
  }

  async #conclude(named: Case, started: number, how: How): Promise<Verdict> {
    let found = named
    try {
      if (this.#directory !== null) found = await this.#ofAccount(named)
      const { user: of, raw, client, rules, source } = found
      const request = { user: of, raw, client, rules, source, now: this.#clock() }
      const spent = this.#directory === null ? 0 : performance.now() - started
      const decision = await this.#store.use((store) => how.judge(store, request), spent, how)
      return judgedVerdict(this.#id(), found, decision, this.#conduct, performance.now() - started)
    } catch {
      // Why is told once, by the store or by the directory.
      return failedVerdict(this.#id(), found, this.#conduct, performance.now() - started)
    }
  }

  async #ofAccount(found: Case): Promise<Case> {
    const user = await this.accountOf(found.user)
    if (user === found.user) return found
    const { rules, record } = this.#records.of(user)
    const client = this.#clients.of(found.client.address, rules)
    return { ...found, user, client, rules, record: record?.sender ?? null }
  }

  #caseOf(user: string, raw: string, text: string, source: string): Case | null {
    const address = parseClientAddress(text)
    if (address === null) return null
    const { rules, record } = this.#records.of(user)
    const client = this.#clients.of(address, rules)
    return { user, raw, client, rules, record: record?.sender ?? null, source }
  }

  #unjudged(
    unjudged: NonNullable<Verdict['unjudged']>,
    user: string | null,
    address: string,
    started: number,
  ): Verdict {
    return unjudgedVerdict(this.#id(), unjudged, user, address, performance.now() - started)
  }

  #id(): string {
    return `${this.#prefix}${(++this.#number).toString(36)}`
  }
}

/** What a store is asked. */
interface How extends UseKind<Decision> {
  readonly judge: (store: Store, request: JudgedRequest) => Promise<Decision>
}

const DECIDE: How = {
  judge: (store, request) => store.decide(request),
  isJudgement: true,
  isProof: ({ changes }) => isChange(changes),
}
const LOOK: How = { judge: (store, request) => store.look(request), isJudgement: true, isProof: () => false }

const first = (verdict: Verdict): Answered => ({ outcome: verdict, verdict })
const repeated = (outcome: Outcome): Answered => ({ outcome, verdict: null })
const passed = async (verdict: Verdict): Promise<Answered> => first(verdict)

/** That a request passed, which nearly all do: one for all of them. */
const PASSED: Outcome = { answer: DUNNO, action: 'none', rule: null, unjudged: null, milliseconds: 0 }

function summaryOf({ answer, action, rule, unjudged }: Verdict): Outcome {
  if (answer === DUNNO && action === 'none' && rule === null && unjudged === null) return PASSED
  return { answer, action, rule, unjudged, milliseconds: 0 }
}

function recordsOf({ rules, subject }: PolicyConduct, { records }: RecordSet): Records {
  return new Records(rules, records, (name) => normalSubject(name, subject) ?? name)
}
