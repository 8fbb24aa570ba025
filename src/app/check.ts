// Checks settings, zones and data as a server would before it answers. Ports are not tried: a running server has them.

import { placed } from '../config/places.ts'
import type { Settings } from '../config/setting-values.ts'
import { missingMessage } from '../server/bind-error.ts'
import { type Handover, receiveHandover } from '../server/handover.ts'
import type { Table } from '../table/table.ts'
import type { ZoneSet } from '../zones/zone-set.ts'
import { workAsOwner } from './as-owner.ts'
import type { Details } from './become-user.ts'
import { checkStores } from './check-stores.ts'
import { judgeStart } from './judge-start.ts'
import { warningsOnly } from './log.ts'
import { prepare } from './prepare.ts'
import type { SettingsOrigin } from './serve.ts'
import { checkAddresses } from './start-checks.ts'

/** What would be served. */
export interface Checked {
  readonly table: Table
  readonly zoneSet: ZoneSet
}

/**
 * Checks everything.
 *
 * @param onWarning told of what is odd, and no fault
 * @throws {AsnzoneError} about the first fault.
 */
export async function check(origin: SettingsOrigin, onWarning: (message: string) => void): Promise<Checked> {
  const handed = receiveHandover<Details>(process.env)
  const settings = handed?.details.settings ?? origin.read()
  try {
    return await checkSettings(settings, origin.configFile, handed, onWarning)
  } catch (error) {
    throw placed(settings, error)
  }
}

async function checkSettings(
  settings: Settings,
  configFile: string | null,
  handed: Handover<Details> | null,
  onWarning: (message: string) => void,
): Promise<Checked> {
  // Before anything is said; with the setting `user` it becomes that one.
  if (handed === null && settings.user === undefined) await workAsOwner(settings)
  const { setup, warnings } = await judgeStart(settings, { configFile, handed, isServer: false })
  for (const warning of warnings) onWarning(warning)
  await checkAddresses(settings, (address) => onWarning(missingMessage(address)))
  await checkStores(settings, setup.conduct, onWarning)
  return prepare(setup, { log: warningsOnly(onWarning) })
}
