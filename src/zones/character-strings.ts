// Character-strings of a TXT record: a length octet and at most 255 octets each (RFC 1035 3.3).
//
// A longer text becomes several, which the reader puts together without anything between (RFC 7208 3.3). It is
// cut between characters, because many clients decode each string by itself, and would lose one that is in two.

import { MAX_STRING } from './limits.ts'

/** The most octets of a character in UTF-8. */
const MAX_CHARACTER = 4

/** The fewest octets of a string that another one follows. */
const MIN_FULL_STRING = MAX_STRING - MAX_CHARACTER + 1

/** How many strings a text of so many octets may become. */
export const mostStrings = (octets: number): number =>
  octets <= MAX_STRING ? 1 : 1 + Math.ceil((octets - MAX_STRING) / MIN_FULL_STRING)

/**
 * Sets the length octet of the string at `start`, whose octets come after it, and returns the position after the last.
 * One that is too long becomes several.
 */
export function endString(out: Uint8Array, start: number, end: number): number {
  let string = start
  let last = end
  while (last - string - 1 > MAX_STRING) {
    const cut = cutBefore(out, string + 1 + MAX_STRING)
    out.copyWithin(cut + 1, cut, last)
    out[string] = cut - string - 1
    string = cut
    last++
  }
  out[string] = last - string - 1
  return last
}

/** Where the character that the octet at `at` belongs to begins; `at` itself where octets are no UTF-8. */
function cutBefore(out: Uint8Array, at: number): number {
  for (let cut = at; cut > at - MAX_CHARACTER; cut--) if ((out[cut] & 0xc0) !== 0x80) return cut
  return at
}
