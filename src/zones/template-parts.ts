// What templates of all kinds are compiled with: the octets of their literals, and the error of a field that there isn't.

import { OP } from './fields.ts'

const encoder = new TextEncoder()

/** The error of a field that there isn't. */
export function unknownField(field: string, known: readonly string[]): Error {
  return new Error(`'{${field}}' is not a field; known are ${known.map((name) => `{${name}}`).join(' ')}`)
}

/** The octets of a text in UTF-8. */
export const octetsOf = (text: string): Uint8Array => encoder.encode(text)

/** The program that writes octets as they are. */
export function literalCode(octets: ArrayLike<number>): number[] {
  const code: number[] = []
  for (let from = 0; from < octets.length; from += 4) {
    const length = Math.min(4, octets.length - from)
    let word = 0
    for (let i = 0; i < length; i++) word |= octets[from + i] << (i * 8)
    code.push(OP.literal, word, length)
  }
  return code
}
