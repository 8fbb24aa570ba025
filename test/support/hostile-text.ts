// What somebody would say who wants a terminal to do something, and how to see that it can't.

import { expect } from 'vitest'

/** Clears the screen, sets the title (with a C1 control, too), turns text around, forges a line. */
export const HOSTILE = 'a\x1b[2J\x1b]0;title\x07\u009b31m\u202egnp\u2028b\nasnzone: forged\r\tc'

/** The same without what ends a line. */
export const HOSTILE_LINE = HOSTILE.replace(/[\n\r]/g, '')

/** What was printed holds nothing that a terminal obeys, and no line that somebody else wrote. */
export function expectHarmless(printed: string): void {
  expect(printed).not.toMatch(/[^\P{Cc}\n]|[\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u)
  expect(printed).not.toMatch(/^asnzone: forged/m)
}
