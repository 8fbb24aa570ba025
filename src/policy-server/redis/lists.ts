// What is kept beside the accounts for people to look at: the blocked ones by their end, and the events. It is written
// after a request was answered, and may fail: nothing is decided by it.

import type { EventQuery, PolicyEvent } from '../store.ts'
import type { Commands } from './commands.ts'

/** Events that are kept, roughly. */
const MAX_EVENTS = 10_000

/** Events that are read or removed at a time. */
const SLICE = 1000

/** The lists. */
export class Lists {
  readonly #commands: Commands
  readonly #host: string
  readonly #blocked: string
  readonly #events: string

  /** @param host this host, which events are to name */
  constructor(commands: Commands, prefix: string, host: string) {
    this.#commands = commands
    this.#host = host
    this.#blocked = `${prefix}blocked`
    this.#events = `${prefix}events`
  }

  /** Adds an event. */
  async addEvent(event: Omit<PolicyEvent, 'id' | 'host'>): Promise<void> {
    const { country, asn } = event
    const what = { ...event, country: country ?? '', asn: asn ?? '', host: this.#host }
    const fields = Object.entries(what).flatMap(([name, value]) => [name, String(value)])
    await this.#commands.run(this.#events, [
      'XADD',
      this.#events,
      'MAXLEN',
      '~',
      String(MAX_EVENTS),
      '*',
      ...fields,
    ])
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

  /** Removes the events of an account; tells whether there were any. */
  async forgetEvents(user: string): Promise<boolean> {
    let any = false
    for await (const slice of this.#newest()) {
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
    const old = (await this.#commands.run(this.#events, args)) as [string, string[]][]
    const ids = old.map(([id]) => id)
    if (ids.length > 0) await this.#commands.run(this.#events, ['XDEL', this.#events, ...ids])
    return ids.length >= SLICE
  }

  /** Notes that an account is blocked; null for no end. */
  async addBlocked(user: string, until: number | null): Promise<void> {
    await this.#commands.run(this.#blocked, ['ZADD', this.#blocked, String(until ?? '+inf'), user])
  }

  /** Notes that accounts are not blocked any more. */
  async dropBlocked(users: readonly string[]): Promise<void> {
    if (users.length > 0) await this.#commands.run(this.#blocked, ['ZREM', this.#blocked, ...users])
  }

  /** The names of those that are blocked. */
  async blocked(now: number): Promise<readonly string[]> {
    const args = ['ZRANGEBYSCORE', this.#blocked, `(${now}`, '+inf']
    return (await this.#commands.run(this.#blocked, args)) as string[]
  }

  /** How many are blocked. */
  async countBlocked(now: number): Promise<number> {
    return Number(await this.#commands.run(this.#blocked, ['ZCOUNT', this.#blocked, `(${now}`, '+inf']))
  }

  /** Removes those whose block is over. */
  async expireBlocked(now: number): Promise<void> {
    await this.#commands.run(this.#blocked, ['ZREMRANGEBYSCORE', this.#blocked, '-inf', String(now)])
  }

  async *#newest(
    newest = '+',
  ): AsyncGenerator<readonly { readonly id: string; readonly event: PolicyEvent | null }[]> {
    for (let from = newest; ; ) {
      const args = ['XREVRANGE', this.#events, from, '-', 'COUNT', String(SLICE)]
      const slice = (await this.#commands.run(this.#events, args)) as [string, string[]][]
      yield slice.map(([id, fields]) => ({ id, event: eventOf(id, fields) }))
      if (slice.length < SLICE) return
      from = before(slice[slice.length - 1][0])
    }
  }
}

/** The ID just before another; exclusive ranges need a newer server. */
function before(id: string): string {
  const [time, number = '0'] = id.split('-')
  return number === '0' ? `${Number(time) - 1}-18446744073709551615` : `${time}-${BigInt(number) - 1n}`
}

function eventOf(id: string, fields: readonly string[]): PolicyEvent | null {
  const of = new Map<string, string>()
  for (let i = 0; i + 1 < fields.length; i += 2) of.set(fields[i], fields[i + 1])
  const [time, user, address] = [Number(of.get('time')), of.get('user'), of.get('address')]
  if (!Number.isSafeInteger(time) || user === undefined || address === undefined) return null
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
