// Asks over one transport and checks every reply.

import { expect } from 'vitest'
import { type Message, type QueryOptions, query, rdataText } from './message.ts'
import { checkReply } from './oracles.ts'
import type { Transport } from './transports.ts'

/** A client of one transport. */
export class Asker {
  readonly #open: () => Transport

  /** @param open gives the transport; called for each query, so that it may be opened later */
  constructor(open: () => Transport) {
    this.#open = open
  }

  /** Whether replies are bounded as those of UDP are. */
  get isUdp(): boolean {
    return this.#open().kind === 'udp'
  }

  /** The reply to a query that is given as octets. */
  async send(octets: Uint8Array): Promise<Message> {
    const replies = await this.exchange([octets])
    expect(replies, 'replies').toHaveLength(1)
    return checkReply(octets, replies[0])
  }

  /** The reply to a query for a name, TXT when not told otherwise. */
  ask(name: string, options: QueryOptions = {}): Promise<Message> {
    return this.send(query(name, options))
  }

  /** All replies to queries that are sent at once. */
  exchange(queries: readonly Uint8Array[]): Promise<Buffer[]> {
    return this.#open().exchange(queries)
  }
}

/** The answers of a reply as dig +short prints them. */
export const answersOf = (reply: Message): string[] => reply.answers.map((record) => rdataText(reply, record))
