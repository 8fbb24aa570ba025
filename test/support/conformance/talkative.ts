// A server that tells all it can in EDNS options, and a query that asks for all of it.

import { OPEN_POLICY, type Policy } from '../../../src/dns/treatment.ts'
import { OPTION, option } from './options.ts'

/** All that a reply can tell is told, as long as it gets. */
export const TALKATIVE: Policy = {
  ...OPEN_POLICY,
  identity: { version: 'v'.repeat(300), id: 'i'.repeat(300), nsid: 'n'.repeat(300) },
  cookieSecrets: [new Uint8Array(16).fill(7)],
  tcpKeepalive: 300,
}

/** The options that a query has to get every one that a reply can have. */
export const ASKING_FOR_ALL: readonly number[] = [
  ...option(OPTION.cookie, [1, 2, 3, 4, 5, 6, 7, 8]),
  ...option(OPTION.nsid),
  ...option(OPTION.keepalive),
]
