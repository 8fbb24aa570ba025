// An expectation for tests that have tens of thousands of them: `expect` takes longer than what most of those look at.

import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'

/** Expects two values to be the same, as `toEqual` does, which then says what differs; costs a comparison where they are. */
export function expectSame(found: unknown, wanted: unknown, what?: string): void {
  if (!isDeepStrictEqual(found, wanted)) expect(found, what).toEqual(wanted)
}
