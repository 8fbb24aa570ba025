// Commands to Redis, none of which takes longer than it may, and of which no more wait than fit into memory.
//
// A server that hangs, or that Sentinels are about to replace, is asked by one command at a time until it answers again;
// the others fail at once. If each waited for as long as it may, the mail servers would soon have no process left to ask.

import { createHash } from 'node:crypto'
import { ErrorReply } from '@redis/client'
import { Deadlines } from '../deadlines.ts'
import type { RenewableConnection, Send } from './connection.ts'
import { Withdrawal } from './withdrawal.ts'

/** Commands that may wait for an answer, those that nobody waits for any more included. */
const MAX_WAITING = 2000

/** Commands in a row that had no answer: from so many on the server is taken to be away. */
const MAX_UNANSWERED = 5

/**
 * Milliseconds without a reply to commands that are sent all the time, after which the connection is begun anew: what listens
 * there may have said something that leaves the client waiting for its end, and each later reply is taken for a part of that.
 */
const SILENCE_MS = 5000

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
  readonly #connection: RenewableConnection
  readonly #timeout: number
  readonly #explain: (error: Error) => Error
  readonly #isOneServer: boolean
  readonly #deadlines = new Deadlines()
  #waiting = 0
  #unanswered = 0
  /** Since when there is no reply to any command, in milliseconds of a clock that only goes forward. */
  #silentSince = 0
  /** Whether a command is on its way to see if a server that was unavailable answers again. */
  #isProbing = false

  /**
   * @param timeout milliseconds for each command
   * @param explain makes of an error one that says where and why
   * @param isOneServer whether one server is asked at a time: of a Cluster some may be away while others answer
   */
  constructor(
    connection: RenewableConnection,
    timeout: number,
    explain: (error: Error) => Error,
    isOneServer: boolean,
  ) {
    this.#isOneServer = isOneServer
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
    const isProbe = this.#isOneServer && this.#unanswered >= MAX_UNANSWERED
    if (isProbe && this.#isProbing) {
      return Promise.reject(
        this.#explain(new Error('the last commands had no answer; one is tried at a time')),
      )
    }
    this.#isProbing ||= isProbe
    const withdrawal = new Withdrawal()
    let isOver = false
    const end = (isAnswered: boolean): void => {
      if (isOver) return
      isOver = true
      if (!isAnswered && this.#unanswered === 0) this.#silentSince = performance.now()
      this.#unanswered = isAnswered ? 0 : this.#unanswered + 1
      if (isProbe) this.#isProbing = false
    }
    this.#waiting++
    const answered = send(key, args, withdrawal).then(
      (reply) => {
        this.#waiting--
        end(true)
        // One that comes too late says that the server is there, too.
        this.#unanswered = 0
        return reply
      },
      (error: Error) => {
        this.#waiting--
        end(error instanceof ErrorReply)
        throw this.#explain(error)
      },
    )
    return this.#deadlines.within(this.#timeout, answered, (late) => {
      end(false)
      this.#renewIfSilent()
      // What has not been sent is not sent any more: nobody wants it to be counted an hour later.
      withdrawal.abort()
      return this.#explain(late)
    })
  }

  #renewIfSilent(): void {
    const now = performance.now()
    if (this.#unanswered < MAX_UNANSWERED || now - this.#silentSince < SILENCE_MS) return
    this.#silentSince = now
    this.#connection.renew()
  }
}
