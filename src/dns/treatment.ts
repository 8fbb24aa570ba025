// How the server treats its clients, beside what it answers: plain data that is handed to each thread.

import type { Networks } from './access-list.ts'

/** Limits of replies to one network (response rate limiting). */
export interface RateLimit {
  /** Replies of one kind a second to one network; see rate-limit.ts. 0 for no limit. */
  readonly perSecond: number
  /** Replies of all kinds per second to one network; 0 for no limit. */
  readonly all: number
  /** Every how many limited replies a truncated one is sent; 0 for never, 1 for always. */
  readonly slip: number
  /** Seconds after which a network that stays below the limit is forgiven. */
  readonly window: number
  /** Networks that are never limited. */
  readonly exempt: Networks
  /** Whether they are so for clients of proxies, too: not where only the default says it of this host itself. */
  readonly exemptsProxied: boolean
  /** Where all threads count; see `rateLimitMemory`. */
  readonly memory: SharedArrayBuffer
}

/** What the server tells about itself (RFC 4892, RFC 5001); null for nothing. */
export interface Identity {
  /** version.bind and version.server. */
  readonly version: string | null
  /** id.server and hostname.bind. */
  readonly id: string | null
  /** The NSID option. */
  readonly nsid: string | null
}

/** How clients are treated. */
export interface Policy {
  /** Who is answered; null for everybody. */
  readonly allow: Networks | null
  /** What the others get. */
  readonly deny: 'refuse' | 'drop'
  readonly identity: Identity
  /** Secrets of DNS cookies, 16 octets each: the first signs, all of them verify; none for no cookies. */
  readonly cookieSecrets: readonly Uint8Array[]
  readonly rateLimit: RateLimit | null
  /** The idle time of TCP connections in units of 100 ms, for the keepalive option (RFC 7828). */
  readonly tcpKeepalive: number
}

/** Everybody is answered, and nothing but answers is told. */
export const OPEN_POLICY: Policy = {
  allow: null,
  deny: 'refuse',
  identity: { version: null, id: null, nsid: null },
  cookieSecrets: [],
  rateLimit: null,
  tcpKeepalive: 0,
}
