// Connections to a directory: some at most, each asked one thing at a time.

import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { Filter } from 'ldapts'
import { LdapConnection } from './connection.ts'
import type { LdapSettings } from './settings.ts'

/** Entries that are read of an answer; a filter that fits more names nobody. */
const MAX_ENTRIES = 100

/** Questions that may wait for a connection. */
const MAX_WAITING = 1000

/** Milliseconds without attempts to connect after one has failed, at first and at most. */
const [FIRST_PAUSE_MS, MAX_PAUSE_MS] = [100, 5000]

/** Asks a directory. */
export class LdapPool {
  readonly #settings: LdapSettings
  readonly #now: () => number
  readonly #idle: LdapConnection[] = []
  readonly #waiting: (() => void)[] = []
  #busy = 0
  /** The URL that answered last. */
  #place = 0
  #pause = FIRST_PAUSE_MS
  #retry = Number.NEGATIVE_INFINITY
  #lastError = ''

  /** @param now milliseconds of a clock that only goes forward */
  constructor(settings: LdapSettings, now: () => number = () => performance.now()) {
    this.#settings = settings
    this.#now = now
  }

  /**
   * The values of the attribute of whatever a name fits.
   *
   * @throws {Error} of the directory, of the connection, or that too many wait.
   */
  async valuesOf(name: string): Promise<readonly string[]> {
    const connection = await this.#take()
    let isGood = false
    try {
      const { base, filter, attribute, scope } = this.#settings
      // RFC 4515 section 3: what has a meaning in a filter is escaped, so that `*` is a star.
      const asked = filter.replaceAll('%s', () => Filter.escape(name))
      const options = { scope, filter: asked, attributes: [attribute], sizeLimit: MAX_ENTRIES }
      const { searchEntries } = await connection.client.search(base, options)
      isGood = true
      return searchEntries.flatMap((entry) =>
        Object.entries(entry)
          .filter(([key]) => key.toLowerCase() === attribute.toLowerCase())
          .flatMap(([, value]) => [value].flat())
          .filter((value): value is string => typeof value === 'string' && value !== ''),
      )
    } finally {
      this.#giveBack(connection, isGood)
    }
  }

  /** Closes what nobody uses; what is used is closed when it is given back. */
  close(): void {
    for (const connection of this.#idle.splice(0)) connection.close()
    this.#retry = Number.POSITIVE_INFINITY
    this.#lastError = 'it is closed'
  }

  async #take(): Promise<LdapConnection> {
    if (this.#busy >= this.#settings.pool) {
      if (this.#waiting.length >= MAX_WAITING) throw new Error(`${MAX_WAITING} questions wait already`)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    this.#busy++
    try {
      for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
        // One that the server has closed would be opened again by itself, without TLS and as nobody.
        if (idle.isOpen && (!this.#isNamed || idle.client.isBound)) return idle
        idle.close()
      }
      return await this.#connect()
    } catch (error) {
      this.#leave()
      throw error
    }
  }

  #giveBack(connection: LdapConnection, isGood: boolean): void {
    if (isGood && this.#idle.length < this.#settings.idle && this.#retry !== Number.POSITIVE_INFINITY) {
      this.#idle.push(connection)
    } else connection.close()
    this.#leave()
  }

  #leave(): void {
    this.#busy--
    this.#waiting.shift()?.()
  }

  get #isNamed(): boolean {
    return this.#settings.isExternal || this.#settings.bindDn !== ''
  }

  async #connect(): Promise<LdapConnection> {
    if (this.#now() < this.#retry) throw new Error(this.#lastError)
    const { urls } = this.#settings
    const reasons: string[] = []
    for (let i = 0; i < urls.length; i++) {
      const place = (this.#place + i) % urls.length
      try {
        const connection = await this.#open(urls[place])
        this.#place = place
        this.#pause = FIRST_PAUSE_MS
        return connection
      } catch (error) {
        reasons.push(`${urls[place]}: ${(error as Error).message}`)
      }
    }
    this.#lastError = reasons.join('; ')
    this.#retry = Math.max(this.#retry, this.#now() + this.#pause)
    this.#pause = Math.min(this.#pause * 2, MAX_PAUSE_MS)
    throw new Error(this.#lastError)
  }

  #open(url: string): Promise<LdapConnection> {
    const { timeout, startTls, isExternal, bindDn, password } = this.#settings
    const { protocol, hostname } = new URL(url)
    return LdapConnection.open({
      url,
      tls: this.#tlsFor(hostname.replace(/[[\]]/g, '')),
      isStartTls: startTls && protocol === 'ldap:',
      bind: async (client) => {
        if (isExternal) await client.bind('EXTERNAL')
        else if (bindDn !== '') await client.bind(bindDn, password)
      },
      timeout,
    })
  }

  #tlsFor(host: string): ConnectionOptions {
    const { verify, tls } = this.#settings
    return {
      host,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      rejectUnauthorized: verify,
      ...(tls.ca === null ? {} : { ca: tls.ca }),
      ...(tls.cert === null || tls.key === null ? {} : { cert: tls.cert, key: tls.key }),
    }
  }
}
