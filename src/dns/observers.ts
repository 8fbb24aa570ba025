// Who may watch a responder: counters and logs. They are called for each query, so they allocate nothing and wait for
// nothing.

import type { Client } from './client.ts'
import type { Now } from './now.ts'

/** Counts what became of queries. */
export interface OutcomeCounter {
  /**
   * @param zone the row of the zone's definition, −1 for none
   * @param outcome one of OUTCOME
   * @param transport one of TRANSPORT
   * @param type the type that was asked for, 0 where no question was read
   * @param rcode NO_REPLY for silence
   */
  count(zone: number, outcome: number, transport: number, family: 4 | 6, type: number, rcode: number): void
}

/** Who asked a query, when, and what became of it. */
export interface AnsweredQuery {
  readonly client: Client
  readonly now: Now
  /** One of OUTCOME. */
  readonly outcome: number
  /** Extended bits included. */
  readonly rcode: number
}

/** Takes note of queries, for a log. */
export interface QueryNoter {
  /**
   * Called after each query.
   *
   * @param question where the question begins
   * @param questionEnd the position after it, 0 when it could not be read
   * @param length octets of the reply, 0 for silence
   * @param transport one of TRANSPORT
   */
  note(
    answered: AnsweredQuery,
    packet: Uint8Array,
    question: number,
    questionEnd: number,
    length: number,
    transport: number,
  ): void
}

/** Counts which records of the table were asked for by address. */
export interface RecordCounter {
  /** @param record 0 for an address of which nothing is known */
  count(record: number): void
}
