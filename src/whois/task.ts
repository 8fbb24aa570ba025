// What the main thread and the whois thread tell each other, as plain data.

import type { MessagePort } from 'node:worker_threads'
import type { Networks } from '../dns/access-list.ts'
import type { StreamDoor } from '../system/stream-listener.ts'

/** What the whois thread answers with, and whom; it may change while the thread runs. */
export interface WhoisData {
  readonly table: SharedArrayBuffer
  /** Clients that may ask; null for all. */
  readonly allow: Networks | null
}

/** What the thread begins with. */
export interface WhoisThreadData {
  readonly doors: readonly StreamDoor[]
  /** Where it counts: see counts.ts. */
  readonly counts: SharedArrayBuffer
  readonly port: MessagePort
}

/** What the whois thread offers to the main thread. */
export interface WhoisThreadCalls {
  /** Begins to answer. */
  begin(data: WhoisData): Promise<void>
  /** Answers with other data. */
  replace(data: WhoisData): void
  /** Gives memory back that replaced data has left. */
  collect(): void
  ping(): number | null
}
