// Text that can be shown on a terminal or stand in one line of a log, whatever it was made of.

/** Control characters, line and paragraph separators, and what changes the direction of text. */
const UNPRINTABLE = /[\p{Cc}\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** The text with `\u{1b}` for what is not a character to be seen. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${codeOf(character)}}`)
}

/** JSON that means the same, as JSON writes what is not a character to be seen; lines stay lines. */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE, (character) =>
    character === '\n' ? character : `\\u${codeOf(character).padStart(4, '0')}`,
  )
}

const codeOf = (character: string): string => character.charCodeAt(0).toString(16)
