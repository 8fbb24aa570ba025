// Which config is read where none is named, and where the data lies that goes with it.

import { statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Read from the working directory when no file is named. */
export const DEFAULT_CONFIG_FILE = 'asnzone.yaml'

/** The config of the service, as the units of docs/ start it. */
export const SERVICE_CONFIG_FILE = '/etc/asnzone/asnzone.yaml'

/** Where commands look for a config, the first one first. */
export const FOUND_CONFIG_FILES: readonly string[] = [DEFAULT_CONFIG_FILE, SERVICE_CONFIG_FILE]

/** The config that is read. */
export interface FoundConfig {
  /** Null when there is none. */
  readonly file: string | null
  /** Whether it was named, and not looked for. */
  readonly isNamed: boolean
}

/**
 * The config to be read: the one that an option or the variable `ASNZONE_CONFIG` names, or the first that is there.
 *
 * @param candidates where one is looked for
 */
export function findConfig(
  named: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  candidates: readonly string[],
): FoundConfig {
  const name = named ?? (environment.ASNZONE_CONFIG || undefined)
  if (name !== undefined) return { file: name, isNamed: true }
  return { file: candidates.find(isThere) ?? null, isNamed: false }
}

/** What may not be looked at is there: to read it says why that can't be done. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EACCES'
  }
}

/** `StateDirectory=` of the same units. */
const SERVICE_DATA_DIRECTORY = '/var/lib/asnzone'

/**
 * Where data is kept when no setting says so: systemd's StateDirectory=, also for commands that go by the config of the
 * service, or the user's cache directory (XDG Base Directory Specification).
 */
export function defaultDataDirectory(
  configFile: string | null,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const { STATE_DIRECTORY, XDG_CACHE_HOME } = environment
  if (STATE_DIRECTORY) return STATE_DIRECTORY
  if (configFile !== null && resolve(configFile) === SERVICE_CONFIG_FILE) return SERVICE_DATA_DIRECTORY
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'asnzone')
}
