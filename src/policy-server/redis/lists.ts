// What is kept beside the accounts for people to look at: the blocked ones by their end, and the events. It is written
// after a request was answered, and may fail: nothing is decided by it.

import type { EventQuery, PolicyEvent } from '../store.ts'
import type { Commands } from './commands.ts'
import { unlessForeign } from './foreign-keys.ts'

/** Events that are kept, roughly. */
const MAX_EVENTS = 10_000

/** Events that are looked through at most: somebody else's stream may have no end. */
const MOST_READ = 5 * MAX_EVENTS

/** Events that are read or removed at a time. */
const SLICE = 1000

/** IDs that servers give by their clock. */
const OUR_ID = /^\d{1,15}-\d{1,20}$/

/** The lists. */
export class Lists {
  readonly #commands: Commands
  readonly #host: string
  readonly #blocked: string
  readonly #events: string
  readonly #onForeign: (key: string) => void

  /**
   * @param host this host, which events are to name
   * @param onForeign told of a list that isn't ours: then it is empty, and nothing is written there
   */
  constructor(commands: Commands, prefix: string, host: string, onForeign: (key: string) => void) {
    this.#commands = commands
    this.#onForeign = onForeign
    this.#host = host
    this.#blocked = `${prefix}blocked`
    this.#events = `${prefix}events`
  }

  /** Adds an event. */
  async addEvent(event: Omit<PolicyEvent, 'id' | 'host'>): Promise<void> {
    const { country, asn } = event
    const what = { ...event, country: country ?? '', asn: asn ?? '', host: this.#host }
    const fields = Object.entries(what).flatMap(([name, value]) => [name, String(value)])
    await this.#run(
      this.#events,
      ['XADD', this.#events, 'MAXLEN', '~', String(MAX_EVENTS), '*', ...fields],
      null,
    )
  }

  /** The events of all hosts, the newest first. */
  async events({
    user = null,
    before: last = '',
    since = 0,
    limit,
  }: EventQuery): Promise<readonly PolicyEvent[]> {
    const found: PolicyEvent[] = []
    for await (const slice of this.#newest(last === '' ? '+' : before(last))) {
      for (const { event } of slice) {
        if (event === null || event.time <= since || (user !== null && event.user !== user)) continue
        found.push(event)
        if (found.length >= limit) return found
      }
    }
    return found
  }

  /**
   * Removes an account from the lists; tells whether there were events of it.
   *
   * @param onForeign told of a list that couldn't be looked through
   */
  async forget(user: string, onForeign: (key: string) => void): Promise<boolean> {
    let any = false
    await this.dropBlocked([user], onForeign)
    for await (const slice of this.#newest('+', onForeign)) {
      const ids = slice.flatMap(({ id, event }) => (event?.user === user ? [id] : []))
      if (ids.length === 0) continue
      any = true
      await this.#commands.run(this.#events, ['XDEL', this.#events, ...ids])
    }
    return any
  }

  /** Removes some of the events that were added until a time; tells whether there may be more. */
  async expireEvents(until: number): Promise<boolean> {
    const args = ['XRANGE', this.#events, '-', String(Math.max(0, until)), 'COUNT', String(SLICE)]
    const old = await this.#run<[string, string[]][]>(this.#events, args, [])
    const ids = old.map(([id]) => id)
    if (ids.length > 0) await this.#commands.run(this.#events, ['XDEL', this.#events, ...ids])
    return ids.length >= SLICE
  }

  /** Notes that an account is blocked; null for no end. */
  async addBlocked(user: string, until: number | null): Promise<void> {
    await this.#run(this.#blocked, ['ZADD', this.#blocked, String(until ?? '+inf'), user], null)
  }

  /** Notes that accounts are not blocked any more. */
  async dropBlocked(users: readonly string[], onForeign = this.#onForeign): Promise<void> {
    if (users.length === 0) return
    await this.#run(this.#blocked, ['ZREM', this.#blocked, ...users], null, onForeign)
  }

  /** The names of those that are blocked; null when the list isn't ours. */
  async blocked(now: number): Promise<readonly string[] | null> {
    const args = ['ZRANGEBYSCORE', this.#blocked, `(${now}`, '+inf']
    return this.#run<string[] | null>(this.#blocked, args, null)
  }

  /** How many are blocked; null when the list isn't ours. */
  async countBlocked(now: number): Promise<number | null> {
    return this.#run<number | null>(this.#blocked, ['ZCOUNT', this.#blocked, `(${now}`, '+inf'], null)
  }

  /** Removes those whose block is over. */
  async expireBlocked(now: number): Promise<void> {
    await this.#run(this.#blocked, ['ZREMRANGEBYSCORE', this.#blocked, '-inf', String(now)], null)
  }

  #run<Result>(
    key: string,
    args: readonly string[],
    otherwise: Result,
    onForeign = this.#onForeign,
  ): Promise<Result> {
    const command = this.#commands.run(key, args) as Promise<Result>
    return unlessForeign(command, otherwise, () => onForeign(key))
  }

  async *#newest(
    newest: string,
    onForeign = this.#onForeign,
  ): AsyncGenerator<readonly { readonly id: string; readonly event: PolicyEvent | null }[]> {
    for (let [from, read] = [newest, 0]; read < MOST_READ; read += SLICE) {
      const args = ['XREVRANGE', this.#events, from, '-', 'COUNT', String(SLICE)]
      const slice = await this.#run<[string, string[]][]>(this.#events, args, [], onForeign)
      yield slice.map(([id, fields]) => ({ id, event: eventOf(id, fields) }))
      if (slice.length < SLICE) return
      from = before(slice[slice.length - 1][0])
    }
  }
}

/** The ID just before another; exclusive ranges need a newer server. */
function before(id: string): string {
  const [time, number = '0'] = id.split('-')
  return number === '0' ? `${BigInt(time) - 1n}-18446744073709551615` : `${time}-${BigInt(number) - 1n}`
}

function eventOf(id: string, fields: readonly string[]): PolicyEvent | null {
  const of = new Map<string, string>()
  for (let i = 0; i + 1 < fields.length; i += 2) of.set(fields[i], fields[i + 1])
  const [time, user, address] = [Number(of.get('time')), of.get('user'), of.get('address')]
  if (!OUR_ID.test(id) || !Number.isSafeInteger(time) || user === undefined || address === undefined)
    return null
  const [country, asn] = [of.get('country') || null, of.get('asn') || null]
  return {
    id,
    time,
    user,
    address,
    country,
    asn: asn === null ? null : Number(asn),
    rule: of.get('rule') ?? '',
    action: of.get('action') ?? '',
    source: of.get('source') ?? '',
    host: of.get('host') || null,
  }
}
