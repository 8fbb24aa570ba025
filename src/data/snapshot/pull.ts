// Takes a published snapshot: nothing is believed before its signature is verified, nothing older than what was taken
// before, nothing larger than its manifest says, and no table that is not checked throughout.

import { createHash } from 'node:crypto'
import { closeSync, fsyncSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { AsnzoneError } from '../../errors.ts'
import { minuteOf } from '../../minute.ts'
import { uniqueName } from '../../system/atomic-file.ts'
import { makeDirectory } from '../../system/make-directory.ts'
import { createFile } from '../../system/safe-file.ts'
import { writeAll } from '../../system/write-all.ts'
import type { Table } from '../../table/table.ts'
import { Store } from '../sources/store.ts'
import { explained, lockOf } from '../update/update.ts'
import { type PublicKey, whyUnsigned } from './minisign.ts'
import { type Downloading, type Origin, type OriginFile, originOf } from './origin.ts'
import { readManifestText, type SnapshotManifest } from './published.ts'
import { MANIFEST_NAME, MOST_MANIFEST, MOST_SIGNATURE, SIGNATURE_SUFFIX } from './published-names.ts'
import {
  adoptPulled,
  dropUnpacked,
  isThere,
  missingState,
  notePulled,
  PUBLISHED_FILE,
  type PulledSnapshot,
  readPulled,
} from './pulled.ts'
import { readSnapshot } from './snapshot.ts'

/** What is taken, and from where. */
export interface PullOptions {
  readonly from: string
  /** Whose signature counts; none when what is there needs none. */
  readonly keys: readonly PublicKey[]
  /** The data directory. */
  readonly directory: string
  /** The most octets of a snapshot. */
  readonly maxOctets: number
  /** Takes a snapshot with a lower serial. */
  readonly isForced?: boolean
  readonly now?: () => number
  readonly downloading?: Downloading
}

/** A snapshot that doesn't count yet; until it is accepted or refused no other process takes one. */
export interface TakenSnapshot {
  readonly manifest: SnapshotManifest
  readonly table: Table
  /** Whether it has counted here before, and only its file was lost: it needs no other judgement than then. */
  readonly hasCounted: boolean
  /** @throws {Error} of the file system. */
  accept(): Promise<void>
  refuse(): Promise<void>
}

/**
 * Looks for a new snapshot.
 *
 * @returns null when what is published is what counts here
 * @throws {AsnzoneError} `ASNZONE_FETCH` when it can't be had, `ASNZONE_BUSY` when another process takes one, `ASNZONE_REFUSED` when it must not count.
 */
export async function pullSnapshot(options: PullOptions): Promise<TakenSnapshot | null> {
  const { from, directory, downloading } = options
  const lock = await explained({ directory }, async () => {
    makeDirectory(directory)
    return lockOf({ directory })
  })
  let taken: TakenSnapshot | null = null
  try {
    taken = await explained({ directory }, () => take(originOf(from, directory, downloading), options))
  } finally {
    if (taken === null) lock.close()
  }
  if (taken === null) return null
  const { accept, refuse } = taken
  const closing = (work: () => Promise<void>) => async (): Promise<void> => {
    try {
      await explained({ directory }, work)
    } finally {
      lock.close()
    }
  }
  return { ...taken, accept: closing(accept), refuse: closing(refuse) }
}

async function take(origin: Origin, options: PullOptions): Promise<TakenSnapshot | null> {
  const { directory, keys, maxOctets, isForced = false, now = Date.now } = options
  const before = readPulled(directory)
  // What can't be read any more, because another asnzone wrote it say, is taken again.
  const counts = before !== null && isThere(directory, before)
  const known = counts && before.source === origin.key && !isForced ? before : undefined
  const file = await origin.read(MANIFEST_NAME, MOST_MANIFEST, known)
  if (file === null) return null
  const signed = keys.length === 0 ? file : await verified(origin, file, keys)
  const refused = (reason: string): AsnzoneError =>
    new AsnzoneError('ASNZONE_REFUSED', `${origin.nameOf(MANIFEST_NAME)}: ${reason}`)
  let manifest: SnapshotManifest
  try {
    manifest = readManifestText(signed.octets.toString('utf8'))
  } catch (cause) {
    throw refused((cause as Error).message)
  }
  const state = stateOf(manifest, origin, signed, now())
  const isSame = before?.rawSha256 === manifest.rawSha256 && before.serial === manifest.serial
  if (counts && isSame) {
    // The same with a later end, say.
    notePulled(directory, state)
    return null
  }
  if (
    before !== null &&
    !isForced &&
    manifest.serial <= before.serial &&
    (counts || manifest.serial < before.serial)
  ) {
    throw refused(
      manifest.serial === before.serial
        ? `its serial ${manifest.serial} is that of the one in service, which is another`
        : `its serial ${manifest.serial} is lower than ${before.serial}, ${counts ? 'the one in service' : 'that of the last one that was taken'}; asnzone update --force takes it`,
    )
  }
  const missing = isForced ? null : missingState(directory)
  if (missing !== null) {
    throw refused(
      `nobody can tell whether it is older than the one in service, because ${missing} doesn't tell that one's serial; asnzone update --force takes it`,
    )
  }
  if (Date.parse(manifest.expires) <= now()) throw refused(`it has expired, on ${minuteOf(manifest.expires)}`)
  if (Math.max(manifest.octets, manifest.rawOctets) > maxOctets) {
    throw refused(
      `a snapshot of ${Math.max(manifest.octets, manifest.rawOctets)} octets is more than max-size`,
    )
  }
  const unpacked = await unpack(origin, manifest, directory)
  try {
    const table = readSnapshot(unpacked)
    if (table === null) throw new AsnzoneError('ASNZONE_TABLE', 'it is of another version')
    return {
      manifest,
      table,
      hasCounted: isSame,
      accept: async () => {
        try {
          adoptPulled(directory, unpacked, state)
        } catch (cause) {
          dropUnpacked(unpacked)
          throw cause
        }
        // Each snapshot has a name of its own: what was cut off is never gone on with.
        new Store(directory).forgetBegun()
      },
      refuse: async () => dropUnpacked(unpacked),
    }
  } catch (cause) {
    dropUnpacked(unpacked)
    throw new AsnzoneError(
      'ASNZONE_REFUSED',
      `${origin.nameOf(manifest.file)}: ${(cause as Error).message}`,
      { cause },
    )
  }
}

/** The manifest with its signature verified; where both are replaced just now, they are read once more. */
async function verified(origin: Origin, first: OriginFile, keys: readonly PublicKey[]): Promise<OriginFile> {
  let file = first
  for (let attempt = 1; ; attempt++) {
    const signature = await origin.read(`${MANIFEST_NAME}${SIGNATURE_SUFFIX}`, MOST_SIGNATURE)
    const reason = whyUnsigned(file.octets, signature?.octets.toString('utf8') ?? '', keys)
    if (reason === null) return file
    const again = attempt === 1 ? await origin.read(MANIFEST_NAME, MOST_MANIFEST) : null
    if (again === null || again.octets.equals(file.octets)) {
      throw new AsnzoneError('ASNZONE_REFUSED', `${origin.nameOf(MANIFEST_NAME)}: ${reason}`)
    }
    file = again
  }
}

function stateOf(
  manifest: SnapshotManifest,
  origin: Origin,
  { etag, lastModified }: OriginFile,
  now: number,
): PulledSnapshot {
  const { serial, date, expires, by, rawSha256, rawOctets, table } = manifest
  return {
    serial,
    date,
    expires,
    by,
    rawSha256,
    rawOctets,
    table,
    at: new Date(now).toISOString(),
    source: origin.key,
    etag,
    lastModified,
  }
}

/** Reads the packed snapshot and unpacks it into a file of its own, as far as the manifest says and no further. */
async function unpack(origin: Origin, manifest: SnapshotManifest, directory: string): Promise<string> {
  const refused = (reason: string): AsnzoneError => {
    origin.forget(manifest.file)
    return new AsnzoneError('ASNZONE_REFUSED', `${origin.nameOf(manifest.file)}: ${reason}`)
  }
  const packed = await origin.read(manifest.file, manifest.octets)
  if (packed === null) throw refused('it did not come')
  if (packed.octets.length !== manifest.octets) {
    throw refused(`it has ${packed.octets.length} octets, its manifest says ${manifest.octets}`)
  }
  if (createHash('sha256').update(packed.octets).digest('hex') !== manifest.sha256) {
    throw refused('its SHA-256 sum is not that of its manifest')
  }
  const path = join(directory, `${PUBLISHED_FILE}.${uniqueName()}.tmp`)
  const fd = createFile(path)
  const sum = createHash('sha256')
  let octets = 0
  let ofDisk: unknown = null
  try {
    await pipeline(Readable.from([packed.octets]), createGunzip(), async (pieces) => {
      for await (const piece of pieces as AsyncIterable<Buffer>) {
        octets += piece.length
        if (octets > manifest.rawOctets) throw new Error('too much')
        sum.update(piece)
        try {
          writeAll(fd, piece)
        } catch (cause) {
          ofDisk = cause
          throw cause
        }
      }
    })
    fsyncSync(fd)
    if (octets !== manifest.rawOctets || sum.digest('hex') !== manifest.rawSha256) {
      throw new Error('what it unpacks to is not what its manifest says')
    }
    return path
  } catch (cause) {
    dropUnpacked(path)
    // A full disk says nothing about the snapshot; the pipeline may tell of nothing but its own end.
    if (ofDisk !== null) throw ofDisk
    if ((cause as NodeJS.ErrnoException).syscall !== undefined) throw cause
    if (octets > manifest.rawOctets)
      throw refused(`it unpacks to more than the ${manifest.rawOctets} octets of its manifest`)
    throw refused((cause as Error).message)
  } finally {
    closeSync(fd)
  }
}
