// The text of a template, before it is compiled: literals and {fields}.

import { OP } from './fields.ts'

const encoder = new TextEncoder()

/** A piece of a template. */
export type TemplatePart =
  | { readonly literal: string; readonly field?: never }
  | { readonly literal?: never; readonly field: string }

/**
 * Cuts a template at its {fields}.
 *
 * @throws {Error} with a short reason when a field has no end.
 */
export function splitTemplate(template: string): TemplatePart[] {
  const parts: TemplatePart[] = []
  let rest = template
  while (rest !== '') {
    const open = rest.indexOf('{')
    if (open < 0) {
      parts.push({ literal: rest })
      break
    }
    const close = rest.indexOf('}', open)
    if (close < 0) throw new Error(`'${template}' has a '{' without a '}'`)
    if (open > 0) parts.push({ literal: rest.slice(0, open) })
    parts.push({ field: rest.slice(open + 1, close) })
    rest = rest.slice(close + 1)
  }
  return parts
}

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
