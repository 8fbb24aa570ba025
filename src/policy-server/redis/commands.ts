// Commands to Redis, none of which takes longer than it may, and of which no more wait than fit into memory.

import { createHash } from 'node:crypto'
import type { RedisConnection, Send } from './connection.ts'

/** Commands that may wait for an answer, those that nobody waits for any more included. */
const MAX_WAITING = 2000

/** A program in Lua, and what it is called by once the server knows it. */
export interface Script {
  readonly text: string
  readonly sha: string
}

/** A program that servers are to run. */
export const scriptOf = (text: string): Script => ({
  text,
  sha: createHash('sha1').update(text).digest('hex'),
})

/** Sends commands over a connection. */
export class Commands {
  readonly #connection: RedisConnection
  readonly #timeout: number
  readonly #explain: (error: Error) => Error
  #waiting = 0

  /**
   * @param timeout milliseconds for each command
   * @param explain makes of an error one that says where and why
   */
  constructor(connection: RedisConnection, timeout: number, explain: (error: Error) => Error) {
    this.#connection = connection
    this.#timeout = timeout
    this.#explain = explain
  }

  /**
   * Runs a command of a key, or of none.
   *
   * @throws {Error} of the server, of the connection, or that there is no answer.
   */
  run(key: string | null, args: readonly string[]): Promise<unknown> {
    return this.#within(this.#connection.send, key, args)
  }

  /** Runs a program on a key. */
  async runScript({ text, sha }: Script, key: string, args: readonly string[]): Promise<unknown> {
    try {
      return await this.run(key, ['EVALSHA', sha, '1', key, ...args])
    } catch (error) {
      // A server that was started anew, or that has become the primary, hasn't seen it.
      if (!(error as Error).message.includes('NOSCRIPT')) throw error
      return this.run(key, ['EVAL', text, '1', key, ...args])
    }
  }

  /** The keys that match a pattern, on all primaries, some at a time; a key may come twice. */
  async *scan(pattern: string): AsyncGenerator<readonly string[]> {
    for (const send of await this.#connection.primaries()) {
      let cursor = '0'
      do {
        const reply = await this.#within(send, null, ['SCAN', cursor, 'MATCH', pattern, 'COUNT', '1000'])
        const [next, keys] = reply as [string, string[]]
        cursor = String(next)
        if (keys.length > 0) yield keys
      } while (cursor !== '0')
    }
  }

  #within(send: Send, key: string | null, args: readonly string[]): Promise<unknown> {
    if (this.#waiting >= MAX_WAITING) {
      return Promise.reject(this.#explain(new Error(`${MAX_WAITING} commands wait for an answer already`)))
    }
    const gone = new AbortController()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(this.#explain(new Error(`no answer within ${this.#timeout} ms`)))
        // What has not been sent is not sent any more: nobody wants it to be counted an hour later.
        gone.abort()
      }, this.#timeout)
      this.#waiting++
      send(key, args, gone.signal)
        .then(resolve, (error: Error) => reject(this.#explain(error)))
        .finally(() => {
          this.#waiting--
          clearTimeout(timer)
        })
    })
  }
}
