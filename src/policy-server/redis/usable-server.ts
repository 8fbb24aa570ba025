// The server of a store: reached, looked at once whether it can be one, and what is known of why it can't be used.

import type { AsnzoneError } from '../../errors.ts'
import { Commands } from './commands.ts'
import { connect, type RenewableConnection } from './connection.ts'
import { checkFitness, credentialsError, isBadCredentials } from './fitness.ts'
import type { RedisSettings } from './settings.ts'
import { withoutPassword } from './without-password.ts'

/** A server, a Cluster or what Sentinels name, that is connected to from the start. */
export class UsableServer {
  /** The server, for messages. */
  readonly where: string
  readonly commands: Commands
  readonly #connection: RenewableConnection
  /** Milliseconds that an answer may take. */
  readonly #timeout: number
  /** A key that is tried out. */
  readonly #probe: string
  /** The last thing that went wrong with the connection. */
  #lastError: Error | null = null
  #onBadCredentials: (error: AsnzoneError) => void = () => {}
  #isFit = false
  #checking: Promise<void> | null = null

  /** @param probe a key that nothing is kept at */
  constructor(settings: RedisSettings, probe: string) {
    this.where = withoutPassword(settings.url)
    this.#timeout = settings.timeout
    this.#probe = probe
    this.#connection = connect(settings, (error) => {
      this.#lastError = error
      if (isBadCredentials(error)) this.#onBadCredentials(credentialsError(this.where, error))
    })
    const explain = (error: Error): Error => this.#explain(error)
    this.commands = new Commands(this.#connection, settings.timeout, explain, !settings.cluster)
  }

  /** Why it can't be used now; null when nothing is known. */
  get trouble(): string | null {
    return this.#lastError?.message ?? null
  }

  /** Fails when the credentials are wrong, or when there is no connection in time. */
  async connected(): Promise<void> {
    await new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no connection in time')), this.#timeout)
      this.#onBadCredentials = reject
      this.#connection.connected.then(resolve, reject).finally(() => clearTimeout(timer))
    })
  }

  /**
   * Looks whether it can be the store, until it has been found to be one.
   *
   * @throws {AsnzoneError} `ASNZONE_STORE` when it is too old, runs no scripts or doesn't accept the user.
   * @throws {Error} when it can't be asked.
   */
  async ensureFit(): Promise<void> {
    if (this.#isFit) return
    this.#checking ??= checkFitness(this.where, this.#probe, (key, args) =>
      this.commands.run(key, args),
    ).then(
      () => {
        this.#isFit = true
        this.#lastError = null
      },
      (error) => {
        this.#checking = null
        throw error
      },
    )
    await this.#checking
  }

  /** Waits for the answers that are under way, for as long as an answer may take. */
  async close(): Promise<void> {
    await Promise.race([
      this.#connection.close().catch(() => {}),
      new Promise((resolve) => setTimeout(resolve, this.#timeout).unref()),
    ])
    this.destroy()
  }

  /** Waits for nothing. */
  destroy(): void {
    this.#connection.destroy()
  }

  #explain(error: Error): Error {
    // That there is no connection says less than why there is none.
    const isOffline = /offline|closed|not open/i.test(error.message)
    const { message } = isOffline && this.#lastError !== null ? this.#lastError : error
    return new Error(`${this.where}: ${message}`, { cause: error })
  }
}
