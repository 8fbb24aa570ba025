// One test for each command that a page shows: on a machine it prints what the page says.

import { expect, it } from 'vitest'
import type { Machine, RunOptions } from './machine.ts'
import { type Page, shownPattern } from './page.ts'

/** Defines the tests; they run in the order of the page. */
export function itPrints(page: Page, machine: () => Machine, options?: RunOptions): void {
  it.each(page.shown)('$command', async ({ command, output }) => {
    expect(await machine().shell(command, options)).toMatch(shownPattern(output))
  })
}
