// Publishes what the settings lead to as a snapshot for other servers.

import { createHash } from 'node:crypto'
import { durationMs } from '../config/duration.ts'
import type { Settings } from '../config/setting-values.ts'
import { judgedBy } from '../data/compile/ready-table.ts'
import { readSigningKey, refusePublicKey, type SigningKey } from '../data/snapshot/minisign.ts'
import { publish } from '../data/snapshot/publish.ts'
import type { SnapshotManifest } from '../data/snapshot/published.ts'
import { dateOfData } from '../data/sources/age.ts'
import { AsnzoneError } from '../errors.ts'
import { minuteOf } from '../minute.ts'
import { readSecret } from '../system/secret-file.ts'
import { scoringOf, sourcesOf } from './data-sources.ts'
import { prepareTable } from './prepare.ts'
import { takesSnapshots } from './published-data.ts'
import { serialOfData } from './zone-set.ts'

/** What came of it. */
export interface Published {
  readonly manifest: SnapshotManifest
  readonly isNew: boolean
  /** The public key that nodes need; null without a signature. */
  readonly publicLine: string | null
  /** Whether no source tells its date, so that the data count as of the moment of publishing. */
  readonly isUndated: boolean
}

/**
 * Compiles and publishes.
 *
 * @param directory what a web server hands out
 * @param keyFile what signs, null for nothing
 * @throws {AsnzoneError} `ASNZONE_CONFIG` for a wrong key, `ASNZONE_EXPORT` when the directory can't be written or the
 *   data is too old, or as `prepareTable` does.
 */
export async function publishData(
  settings: Settings,
  directory: string,
  keyFile: string | null,
): Promise<Published> {
  if (takesSnapshots(settings)) {
    throw new AsnzoneError('ASNZONE_CONFIG', 'this config takes a snapshot; one is built from sources')
  }
  const key = keyFile === null ? null : readKey(keyFile)
  const ready = await prepareTable(settings)
  const { table, identity } = ready
  void ready.accept()
  const validFor = durationMs(settings.maxAge)
  const metadata = table.metadata()
  if (Date.parse(metadata.date) + validFor <= Date.now()) {
    throw new AsnzoneError(
      'ASNZONE_EXPORT',
      `data of ${minuteOf(metadata.date)} is older than max-age, so that no server would take them: asnzone update fetches new ones`,
    )
  }
  const policy = createHash('sha256')
    .update(JSON.stringify(judgedBy(sourcesOf(settings), await scoringOf(settings))))
    .digest('hex')
  const published = publish({
    directory,
    table,
    identity: identity ?? Buffer.alloc(32),
    policy,
    serial: serialOfData(metadata),
    validFor,
    key,
  })
  const isUndated = dateOfData(metadata.sources) === null
  return { ...published, publicLine: key?.publicLine ?? null, isUndated }
}

function readKey(file: string): SigningKey {
  try {
    return readSigningKey(readSecret(file, refusePublicKey))
  } catch (cause) {
    throw new AsnzoneError('ASNZONE_CONFIG', `${file}: ${(cause as Error).message}`, { cause })
  }
}
