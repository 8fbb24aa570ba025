// Which config is read where none is named, and where the data lies that goes with it.

import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Read from the working directory when no file is named. */
export const DEFAULT_CONFIG_FILE = 'asnzone.yaml'

/** The config of the service, as the units of docs/ start it. */
export const SERVICE_CONFIG_FILE = '/etc/asnzone/asnzone.yaml'

/** Where commands look for a config, the first one first. */
export const FOUND_CONFIG_FILES: readonly string[] = [DEFAULT_CONFIG_FILE, SERVICE_CONFIG_FILE]

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
