// Tells people who was refused: once for each block, and again when the account is still refused after a while. All of it
// happens after the answer: a request costs a look into memory, and what can't be told is lost, not waited for.

import type { Clock } from '../clock.ts'
import type { KeptStore } from '../kept-store.ts'
import type { Directory } from '../ldap/directory.ts'
import type { Context } from '../log-lines.ts'
import type { SubjectReport } from '../store.ts'
import type { NotifyFigures, Verdict } from '../surface.ts'
import type { PolicyLogLine } from '../task.ts'
import type { Delivery } from './deliver.ts'
import { digestOf, isDigestDue, readDay } from './digest.ts'
import { jsonOf, type MailText, mailOf, type Notice } from './notice.ts'
import { type Message, type Outcome, TellingQueue } from './queue.ts'
import type { Channel, TellingConduct } from './settings.ts'

const [MINUTE_MS, DAY_MS] = [60_000, 86_400_000]

/** Accounts that are remembered, so that most refusals need no look into the store. */
const MAX_REMEMBERED = 10_000

/** Refusals that are looked into at a time. */
const MAX_LOOKING = 100

/** What it works with. */
export interface TellerParts {
  readonly conduct: () => TellingConduct | null
  readonly store: KeptStore
  readonly clock: Clock
  /** Null where there is none. */
  readonly directory: Pick<Directory, 'accountOf'> | null
  /** A name as accounts are kept under; null for what can't be one. */
  readonly normal: (name: string) => string | null
  /** Tells somebody; never rejects. */
  readonly deliver: (delivery: Delivery) => Promise<Outcome>
  readonly log: (level: PolicyLogLine['level'], message: string, fields?: Record<string, unknown>) => void
  /** This host. */
  readonly host: string
}

/** What is to be told; how is looked up when it is, so that settings that were mended count. */
interface Telling extends Message {
  readonly mail: MailText
  readonly json: string
}

/** What was told of an account last. */
interface Told {
  /** The beginning of the block; null without one. */
  readonly since: number | null
  /** When the store is to be asked again. */
  next: number
}

/** Tells people. */
export class Teller {
  readonly #parts: TellerParts
  readonly #queue: TellingQueue<Telling>
  /** By account; the one that was told of last is the last. */
  readonly #told = new Map<string, Told>()
  readonly #counts: Record<Channel, { sent: number; failed: number; dropped: number }> = {
    mail: { sent: 0, failed: 0, dropped: 0 },
    webhook: { sent: 0, failed: 0, dropped: 0 },
  }
  /** Channels that don't work now. */
  readonly #failing = new Set<Channel>()
  /** Accounts that are looked into, since somebody may be to be told of them. */
  readonly #looking = new Map<string, Promise<void>>()
  #hasOverflowed = false
  /** The day whose digest was told, by us or by another host. */
  #digested = ''

  constructor(parts: TellerParts) {
    this.#parts = parts
    this.#queue = new TellingQueue({
      deliver: (telling) => this.#deliver(telling),
      clock: parts.clock,
      onOutcome: (telling, outcome, isOver) => this.#note(telling, outcome, isOver),
    })
  }

  /** Null where nobody is told. */
  get figures(): NotifyFigures | null {
    if (this.#parts.conduct() === null) return null
    return { counts: this.#counts, waiting: this.#queue.length }
  }

  /** Looks whether somebody is to be told of a verdict. Returns at once, and never throws. */
  add(verdict: Verdict, { source }: Pick<Context, 'source'>): void {
    const { user, block, action, unjudged } = verdict
    const conduct = this.#parts.conduct()
    if (conduct === null || user === null || unjudged !== null) return
    if (action !== 'reject' && action !== 'defer') return
    const now = this.#parts.clock()
    const since = block?.since ?? null
    const told = this.#told.get(user)
    if (told !== undefined && told.since === since && now < told.next) return
    if (this.#looking.size >= MAX_LOOKING) {
      this.#drop(conduct)
      return
    }
    const entry = { since, next: now + MINUTE_MS }
    this.#remember(user, entry)
    const looking = this.#afterAnswer(() => this.#tell(verdict, user, source, conduct, entry))
      .catch(() => {
        // Why is told by the store or the directory; the next refusal tries again.
        if (this.#told.get(user) === entry) this.#told.delete(user)
      })
      .finally(() => {
        if (this.#looking.get(user) === looking) this.#looking.delete(user)
      })
    this.#looking.set(user, looking)
  }

  /** Removes what waits and is about an account, and waits for what is being looked into. */
  async forget(user: string): Promise<void> {
    await this.#looking.get(user)
    this.#told.delete(user)
    this.#queue.forget(user)
  }

  /** What is done once a minute: tries again, and tells what a day was like. Never rejects. */
  async tick(): Promise<void> {
    this.#queue.look()
    const { conduct, clock, store, host } = this.#parts
    const settings = conduct()
    const now = clock()
    if (settings === null || !isDigestDue(settings.digest, now)) return
    try {
      const day = new Date(now).toISOString().slice(0, 10)
      if (this.#digested === day) return
      const digest = digestOf(await readDay(store, now), host)
      // Of several hosts one tells.
      const isOurs = await store.use((it) => it.claim({ user: null, token: day, milliseconds: DAY_MS }, now))
      this.#digested = day
      if (isOurs) this.#enqueue(settings, { user: null, id: `digest-${day}`, ...digest })
    } catch {
      // The store tells why by itself; there is another minute.
    }
  }

  async #afterAnswer(work: () => Promise<void>): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    await work()
  }

  async #tell(
    verdict: Verdict,
    user: string,
    source: string,
    conduct: TellingConduct,
    entry: Told,
  ): Promise<void> {
    const { host } = this.#parts
    if (!(await this.#isKnown(verdict, user, conduct))) return
    const { time, isNew, report } = await this.#claim(user, entry, conduct)
    if (!isNew) return
    entry.next = time + (conduct.every ?? DAY_MS)
    const notice = noticeOf(verdict, user, { source, host, time, report })
    const mail = conduct.mail === null ? NO_MAIL : mailOf(notice, conduct.mail)
    this.#enqueue(conduct, { user, id: notice.id, mail, json: jsonOf(notice) })
  }

  /** Asks the store whether nobody was told: another host, or this one before it was started again. */
  async #claim(user: string, { since }: Told, { every }: TellingConduct) {
    const { store, clock } = this.#parts
    const time = clock()
    const token = since === null ? '' : String(since)
    const kept = every ?? (since === null ? DAY_MS : 30 * DAY_MS)
    return store.use(async (it) => {
      const isNew = await it.claim({ user, token, milliseconds: kept }, time)
      return { time, isNew, report: isNew ? await it.report(user) : null }
    })
  }

  async #isKnown({ asked }: Verdict, user: string, { known }: TellingConduct): Promise<boolean> {
    const { directory, normal } = this.#parts
    if (known.kind === 'all') return true
    if (known.kind === 'list') return known.names.has(user)
    const name = normal(asked ?? user) ?? user
    return directory !== null && (await directory.accountOf(name)) !== null
  }

  #enqueue({ mail, webhook }: TellingConduct, telling: Omit<Telling, 'channel'>): void {
    if (mail !== null) this.#add({ ...telling, channel: 'mail' })
    if (webhook !== null) this.#add({ ...telling, channel: 'webhook' })
  }

  #add(telling: Telling): void {
    if (this.#queue.add(telling)) return
    this.#counts[telling.channel].dropped++
    this.#overflow()
  }

  async #deliver({ channel, user, id, mail: text, json }: Telling): Promise<Outcome> {
    const { conduct, deliver } = this.#parts
    const { mail, webhook } = conduct() ?? { mail: null, webhook: null }
    const about = { user, id }
    if (channel === 'mail' && mail !== null) {
      const { to, from, smtp } = mail
      return deliver({ channel, ...about, ...text, envelope: { to, from }, smtp })
    }
    if (channel === 'webhook' && webhook !== null)
      return deliver({ channel, ...about, ...webhook, body: json })
    return { kind: 'failed', reason: 'the settings name none any more', isFinal: true }
  }

  #drop({ mail, webhook }: TellingConduct): void {
    if (mail !== null) this.#counts.mail.dropped++
    if (webhook !== null) this.#counts.webhook.dropped++
    this.#overflow()
  }

  #overflow(): void {
    if (this.#hasOverflowed) return
    this.#hasOverflowed = true
    this.#parts.log(
      'warn',
      'policy: more notices are waiting than can be sent; until there are fewer, the rest is only logged',
    )
  }

  #note({ channel, user, id }: Telling, outcome: Outcome, isOver: boolean): void {
    const { log } = this.#parts
    const about = { id, ...(user !== null && { user }) }
    if (this.#queue.length === 0) this.#hasOverflowed = false
    if (outcome.kind === 'sent') {
      this.#counts[channel].sent++
      if (this.#failing.delete(channel)) log('info', `policy: ${NAMES[channel]} works again`)
      log('info', `policy: notice sent by ${channel}`, about)
      const { refused } = outcome
      if (refused !== undefined)
        log('warn', `policy: a notice was not taken for everybody: ${refused}`, about)
      return
    }
    if (isOver) this.#counts[channel].failed++
    if (!this.#failing.has(channel)) {
      this.#failing.add(channel)
      log('warn', `policy: ${NAMES[channel]} does not work: ${outcome.reason}`)
    }
    if (isOver) log('error', `policy: ${NAMES[channel]} gives up a notice: ${outcome.reason}`, about)
  }

  #remember(user: string, told: Told): void {
    this.#told.delete(user)
    this.#told.set(user, told)
    if (this.#told.size <= MAX_REMEMBERED) return
    const [oldest] = this.#told.keys()
    this.#told.delete(oldest)
  }
}

const NAMES: Readonly<Record<Channel, string>> = {
  mail: 'the mail server of notify',
  webhook: 'the webhook of notify',
}

const NO_MAIL: MailText = { subject: '', text: null, html: null }

function noticeOf(
  verdict: Verdict,
  user: string,
  {
    source,
    host,
    time,
    report,
  }: { source: string; host: string; time: number; report: SubjectReport | null },
): Notice {
  const { id, address, country, asn, rule, detail, action, block } = verdict
  const values = (kind: 0 | 1, own: string | null): string[] => {
    const seen = [...(report?.state.entries[kind] ?? [])].sort(([, a], [, b]) => b.last - a.last)
    const known = seen.map(([value]) => value)
    return known.length > 0 || own === null ? known : [own]
  }
  return {
    id,
    time,
    user,
    address,
    country,
    asn,
    rule: rule ?? '',
    detail,
    action,
    block,
    countries: values(1, country),
    ips: values(0, address),
    source,
    host,
  }
}
