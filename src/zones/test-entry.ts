// The test entry of address lists: 127.0.0.2 is listed, and so is ::FFFF:7F00:2; 127.0.0.1 is not (RFC 5782 5).

import type { QueriedName } from './queried-name.ts'
import { octetsOf } from './template-parts.ts'

/** RDATA of the test entry's A record. */
export const TEST_ADDRESS = Uint8Array.of(127, 0, 0, 2)

/** RDATA of its AAAA record. */
export const TEST_MAPPED_ADDRESS = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...TEST_ADDRESS)

/** RDATA of its TXT record. */
export const TEST_TEXT = ((text: Uint8Array) => Uint8Array.of(text.length, ...text))(
  octetsOf('test entry, RFC 5782'),
)

const TEST_IPV4 = 0x7f000002

/** Whether an address is the test entry. */
export function isTestEntry(queried: QueriedName): boolean {
  if (queried.family === 4) return queried.word0 === TEST_IPV4
  return queried.word3 === TEST_IPV4 && queried.word2 === 0xffff && queried.word1 === 0 && queried.word0 === 0
}
