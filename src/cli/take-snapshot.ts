// asnzone update where the config names a snapshot: takes the one that is published.

import { judgedSnapshot, pullNoted } from '../app/published-data.ts'
import type { Settings } from '../config/setting-values.ts'
import type { SnapshotSetting } from '../config/snapshot-setting.ts'
import { pulledTable } from '../data/snapshot/pulled.ts'
import { complain, print } from '../print.ts'
import { ProgressBar } from './progress-bar.ts'
import { tellServer } from './tell-server.ts'
import { megabytes, minuteOf } from './units.ts'

/**
 * Takes it, and lets a running server answer from it.
 *
 * @throws {AsnzoneError} when it can't be had, or must not count.
 */
export async function takeSnapshot(
  settings: Settings & { readonly snapshot: SnapshotSetting },
  force: boolean,
): Promise<void> {
  const bar = new ProgressBar()
  const taken = await pullNoted(settings, {
    isForced: force,
    downloading: {
      onRetry: (reason) => {
        bar.clear()
        complain(`asnzone: ${reason}`)
      },
      onProgress: (progress) => bar.show('snapshot', progress),
    },
  }).finally(() => bar.clear())
  if (taken === null) {
    print('nothing is new')
    return
  }
  const { serial, date, octets } = taken.manifest
  const judged = await judgedSnapshot(settings, taken, force ? null : pulledTable(settings.dataDir))
  await judged.accept()
  print(`accepted: snapshot ${serial}, ${megabytes(octets)}, data of ${minuteOf(date)}`)
  await tellServer(settings, force, print)
}
