// Values of a JSON object in the packet: a field has been written as it is, and becomes a string, a number, a list or null
// where it stands (RFC 8259 3).
//
//     "name":"AS "X" \ Y      →      "name":"AS \"X\" \\ Y"
//     "name":"                →      "name":null

import type { Packet } from './packet.ts'

/** What a field becomes. */
export const JSON_VALUE = {
  /** As it is. */
  number: 0,
  /** A string; the quotation mark in front of it has been written. */
  string: 1,
  /** A list of the numbers between blanks; the bracket in front of them has been written. */
  list: 2,
} as const

/** `null` as a word whose first letter is lowest. */
const NULL = 0x6c6c756e

/** Octets of `null`. */
export const NULL_LENGTH = 4

const QUOTE = 0x22
const COMMA = 0x2c
const BLANK = 0x20
const BACKSLASH = 0x5c
const CLOSING_BRACKET = 0x5d
const SMALL_U = 0x75

/** What follows the backslash of an octet that has a short form (RFC 8259 7). */
const SHORT_FORM = new Uint8Array(256)

/** How many octets more each octet takes in a string: 1 in its short form, 5 as \u001f. */
const MORE = new Uint8Array(256).fill(5, 0, BLANK)

for (const [character, letter] of ['""', '\\\\', '\bb', '\tt', '\nn', '\ff', '\rr']) {
  SHORT_FORM[character.charCodeAt(0)] = letter.charCodeAt(0)
  MORE[character.charCodeAt(0)] = 1
}

const HEX_DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

/**
 * Makes `packet[begin, end)` a value and returns the position after it; where nothing has been written it is null.
 *
 * @param kind one of JSON_VALUE
 * @param room the most octets of a string with its escapes: a longer one, which no sound data has, is null as well
 */
export function endJsonValue(reply: Packet, begin: number, end: number, kind: number, room: number): number {
  const { packet: out, view } = reply
  if (kind === JSON_VALUE.number) {
    if (end > begin) return end
    view.setUint32(begin, NULL, true)
    return begin + NULL_LENGTH
  }
  let to = end
  if (end === begin) to = -1
  else if (kind === JSON_VALUE.string) to = escapeString(out, begin, end, room)
  else for (let at = begin; at < end; at++) if (out[at] === BLANK) out[at] = COMMA
  if (to < 0) {
    view.setUint32(begin - 1, NULL, true)
    return begin - 1 + NULL_LENGTH
  }
  out[to] = kind === JSON_VALUE.string ? QUOTE : CLOSING_BRACKET
  return to + 1
}

/** Escapes `out[begin, end)` where it stands; returns the position after it, −1 when it would have more than `room` octets. */
function escapeString(out: Uint8Array, begin: number, end: number, room: number): number {
  let more = 0
  for (let at = begin; at < end; at++) more += MORE[out[at]]
  if (more === 0) return end
  const escapedEnd = end + more
  if (escapedEnd - begin > room) return -1
  // From the end on, so that nothing is written over before it was read; what is left of the first escape stays.
  for (let from = end - 1, to = escapedEnd; to > from + 1; from--) {
    const octet = out[from]
    if (MORE[octet] === 5) {
      out[--to] = HEX_DIGITS[octet & 15]
      out[--to] = HEX_DIGITS[octet >>> 4]
      out[--to] = HEX_DIGITS[0]
      out[--to] = HEX_DIGITS[0]
      out[--to] = SMALL_U
      out[--to] = BACKSLASH
    } else if (MORE[octet] === 1) {
      out[--to] = SHORT_FORM[octet]
      out[--to] = BACKSLASH
    } else out[--to] = octet
  }
  return escapedEnd
}
