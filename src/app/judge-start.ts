// What is judged of settings before a server binds anything, by serve and check with the same code.

import type { Settings } from '../config/setting-values.ts'
import type { Handover } from '../server/handover.ts'
import { becomeUser, type Details } from './become-user.ts'
import { checkDirectory } from './root.ts'
import { type Setup, setupOf } from './setup.ts'
import { checkFiles } from './start-checks.ts'

/** What it is judged for. */
export interface Judging {
  /** The config file that was read; null when there is none. */
  readonly configFile: string | null
  /** What a process that has bound the sockets has handed to this one. */
  readonly handed: Handover<Details> | null
  /** Whether the process becomes a server, and takes its sockets along when it becomes another user. */
  readonly isServer: boolean
}

/** What is to be served, and whether this process is the user that it is to be. */
export interface Judged {
  readonly setup: Setup
  readonly isUser: boolean
  /** What is odd, and no fault. */
  readonly warnings: readonly string[]
}

/**
 * Judges settings, as the user that the server is to be where that can be had.
 *
 * @throws {AsnzoneError} for the first setting, zone file or file named in the settings that no server can run with.
 */
export async function judgeStart(
  settings: Settings,
  { configFile, handed, isServer }: Judging,
): Promise<Judged> {
  checkDirectory(settings.dataDir)
  const warnings: string[] = []
  // Before the process that would be started as another user, and judges again: what is wrong is told at once.
  const setup = setupOf(settings, null, (warning) => warnings.push(warning))
  const isUser = await becomeUser(settings, configFile, handed, isServer)
  // Where libc can't be called, the server becomes its user later, and looks at them then.
  if (isUser || !isServer) checkFiles(settings, isUser)
  return { setup, isUser, warnings }
}
