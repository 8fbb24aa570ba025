// What check says of the databases in the data directory: what serve would say of them, without opening them for writing.
// Those of a running server are its own, and it tells by itself.

import { join } from 'node:path'
import type { Settings } from '../config/setting-values.ts'
import { AsnzoneError } from '../errors.ts'
import { STATE_FILE } from '../learn/state-file.ts'
import { nameOf } from '../policy-server/open-store.ts'
import { storeTrouble } from '../policy-server/store-trouble.ts'
import type { PolicyConduct } from '../policy-server/task.ts'
import { askControl, CONTROL_SOCKET } from '../server/control.ts'
import { STATS_FILE } from '../stats/stats-file.ts'
import { isLearning, notInAnswers } from './baking.ts'
import { storePlace } from './policy.ts'
import { notWritten } from './recording.ts'

/**
 * Looks at the databases that a server with these settings would use.
 *
 * @param onWarning told of those that it would go on without
 * @throws {AsnzoneError} `ASNZONE_DATA` for one that it would not start with.
 */
export async function checkStores(
  settings: Settings,
  { onError }: PolicyConduct,
  onWarning: (message: string) => void,
): Promise<void> {
  const { dataDir, policy, stats } = settings
  if (await isInUse(dataDir)) return
  const place = storePlace(settings)
  if ((policy.listen.length > 0 || policy.restAddress !== null) && place.kind === 'sqlite') {
    const { checkOurs, refuseNewer } = await import('../policy-server/sqlite-schema.ts')
    const reason = await faultOf(place.file, (database) => {
      checkOurs(database, place.file, true)
      refuseNewer(database, place.file)
    })
    if (reason !== null) onWarning(storeTrouble(nameOf(place), reason, onError))
  }
  if (stats.enabled) {
    const file = join(dataDir, STATS_FILE)
    const reason = await faultOf(file)
    if (reason !== null) onWarning(notWritten(`${file}: ${reason}`))
  }
  if (isLearning(settings)) {
    const reason = await faultOf(join(dataDir, STATE_FILE))
    if (reason !== null) onWarning(notInAnswers(reason))
  }
}

/** Whether a server uses the directory; one that doesn't answer does. */
async function isInUse(directory: string): Promise<boolean> {
  try {
    return (await askControl(join(directory, CONTROL_SOCKET), { command: 'status' })) !== null
  } catch (error) {
    if (error instanceof AsnzoneError) return true
    throw error
  }
}

/** Why a database can't be used; null where it can, or there is none. SQLite is loaded where there is something to look at. */
async function faultOf(
  file: string,
  look: Parameters<typeof import('../system/sqlite-look.ts')['lookInto']>[1] = () => {},
): Promise<string | null> {
  try {
    const { lookInto } = await import('../system/sqlite-look.ts')
    lookInto(file, look)
    return null
  } catch (error) {
    if (error instanceof AsnzoneError) throw error
    return (error as Error).message
  }
}
