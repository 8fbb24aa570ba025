// What check says of the databases in the data directory: what serve would say of them, without opening them for writing.
// Those of a running server are its own, and it tells by itself.

import { join } from 'node:path'
import type { Database } from 'libsql'
import type { Settings } from '../config/setting-values.ts'
import { AsnzoneError } from '../errors.ts'
import { STATE_FILE, stateFault } from '../learn/state-file.ts'
import { nameOf } from '../policy-server/open-store.ts'
import { storeTrouble } from '../policy-server/store-trouble.ts'
import type { PolicyConduct } from '../policy-server/task.ts'
import { askControl, CONTROL_SOCKET } from '../server/control.ts'
import { STATS_FILE } from '../stats/stats-file.ts'
import { ofFile } from '../system/file-reason.ts'
import { IN_USE } from '../system/in-use.ts'
import { isLocked } from '../system/sqlite-locks.ts'
import { isLearning, notInAnswers } from './baking.ts'
import { storePlace } from './policy.ts'
import { notWritten } from './recording.ts'

/** What SQLite says of a database that many may use. */
const LOCKED = 'database is locked'

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
    const look = (database: Database): void => {
      checkOurs(database, place.file, true)
      refuseNewer(database, place.file)
    }
    const fault = await faultOf(place.file, { use: 'lock', locked: IN_USE, look })
    if (fault !== null) onWarning(storeTrouble(nameOf(place), fault.message, onError))
  }
  if (stats.enabled) {
    const file = join(dataDir, STATS_FILE)
    const fault = await faultOf(file, { use: 'lock', locked: LOCKED })
    if (fault !== null) onWarning(notWritten(ofFile(file, fault.message)))
  }
  if (isLearning(settings)) {
    const file = join(dataDir, STATE_FILE)
    const fault = await faultOf(file, { use: 'read', locked: LOCKED })
    if (fault !== null) onWarning(notInAnswers(stateFault(file, fault).message))
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

/** What serve would do with a database. */
interface Looking {
  readonly use: 'lock' | 'read'
  /** What it says when another process doesn't let it. */
  readonly locked: string
  readonly look?: (database: Database) => void
}

/** Why a database can't be used; null where it can, or there is none. SQLite is loaded where there is something to look at. */
async function faultOf(file: string, { use, locked, look = () => {} }: Looking): Promise<Error | null> {
  try {
    // What somebody writes meanwhile would look damaged.
    if (await isLocked(file, use)) return new Error(locked)
    const { lookInto } = await import('../system/sqlite-look.ts')
    lookInto(file, look)
    return null
  } catch (error) {
    if (error instanceof AsnzoneError) throw error
    return error as Error
  }
}
