// Any text, for property tests. fast-check's own `unit: 'binary'` maps all of Unicode first, which takes a second and
// ninety megabytes in each worker.

import fc from 'fast-check'

/** Any character but half of a pair, near the ends of what is written differently in UTF-8 more often. */
export const anyCharacter = fc
  .oneof(
    fc.integer({ min: 0, max: 0x7f }),
    fc.integer({ min: 0, max: 0x10ffff }),
    fc.constantFrom(0x80, 0x7ff, 0x800, 0x2028, 0xd7ff, 0xe000, 0xfeff, 0xffff, 0x10000, 0x10ffff),
  )
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))

/** Words that objects take for something else. */
const dangerous = fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty')

/** A text of any characters, of so many at least and at most. */
export function anyText({ minLength = 0, maxLength = 100 }: { minLength?: number; maxLength?: number } = {}) {
  const text = fc.array(anyCharacter, { minLength, maxLength }).map((characters) => characters.join(''))
  return fc.oneof({ arbitrary: text, weight: 20 }, { arbitrary: dangerous, weight: 1 })
}
