// A suite for one client program. Where the program is missing the suite is skipped by name, except in CI, where
// it fails: CI installs every program by test/consumers/install.sh.

import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe } from 'vitest'

/** The /usr of packages that can't be installed beside the others: what a machine is made with as `over`. */
export const UNPACKED = '/opt/asnzone-consumers/usr'

/** Folders with programs of the system; unpacked packages and npm's are given by their whole path. */
const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** What every suite needs, beside its client. */
const ALWAYS = ['unshare', 'nsenter', 'ip', 'dig']

/** Describes a client's suite. `needs` are names of programs, or whole paths. */
export function describeConsumer(client: string, needs: readonly string[], body: () => void): void {
  const missing = [...ALWAYS, ...needs].filter((program) => !isInstalled(program))
  const root = process.getuid?.() === 0
  const lack = !root
    ? 'only root can make network namespaces'
    : missing.length > 0
      ? `not installed: ${missing.join(', ')}; see test/consumers/install.sh`
      : undefined
  if (lack === undefined) {
    describe(client, body)
  } else if (process.env.CI || process.env.REQUIRE_PROGRAMS) {
    describe(client, () => {
      beforeAll(() => {
        throw new Error(lack)
      })
      body()
    })
  } else {
    describe.skip(`${client} (${lack})`, body)
  }
}

function isInstalled(program: string): boolean {
  const places = program.startsWith('/') ? [program] : FOLDERS.map((folder) => join(folder, program))
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
