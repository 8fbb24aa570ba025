// The test entry of address lists: 127.0.0.2 is listed, and so is ::FFFF:7F00:2; 127.0.0.1 is not (RFC 5782 5).

import type { QueriedName } from './queried-name.ts'
import { octetsOf } from './template-parts.ts'

/** RDATA of the test entry's A record. */
export const TEST_ADDRESS = Uint8Array.of(127, 0, 0, 2)

/** RDATA of its AAAA record. */
export const TEST_MAPPED_ADDRESS = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...TEST_ADDRESS)

/** RDATA of its TXT record, and of one that holds JSON. */
export const TEST_TEXT = characterString('test entry, RFC 5782')
export const TEST_JSON = characterString('{"test":"RFC 5782"}')

const TEST_IPV4 = 0x7f000002

/** Whether an address is the test entry. */
export function isTestEntry(queried: QueriedName): boolean {
  if (queried.family === 4) return queried.word0 === TEST_IPV4
  return queried.word3 === TEST_IPV4 && queried.word2 === 0xffff && queried.word1 === 0 && queried.word0 === 0
}

function characterString(text: string): Uint8Array {
  const octets = octetsOf(text)
  return Uint8Array.of(octets.length, ...octets)
}
