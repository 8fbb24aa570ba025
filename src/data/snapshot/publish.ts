// Publishes a snapshot in a directory, which any web server may hand out: what is new first, then the manifest that
// names it, so that a reader finds one snapshot whole at any time.

import { createHash } from 'node:crypto'
import { closeSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { AsnzoneError } from '../../errors.ts'
import { replaceFile, TEMPORARY, uniqueName } from '../../system/atomic-file.ts'
import { makeDirectory } from '../../system/make-directory.ts'
import { openNamed } from '../../system/safe-file.ts'
import { writeAll } from '../../system/write-all.ts'
import type { Table } from '../../table/table.ts'
import { VERSION } from '../../version.ts'
import { type SigningKey, sign } from './minisign.ts'
import { HERE, manifestText, readManifestText, type SnapshotManifest } from './published.ts'
import { MANIFEST_NAME, PACKED_NAME, packedName, SIGNATURE_SUFFIX } from './published-names.ts'
import { snapshotOctets } from './snapshot.ts'

/** Everybody may read what is published, as far as the umask lets them. */
const MODE = 0o666

/** zlib's usual level: half a second, and no other saves much. */
const LEVEL = 6

/** How many snapshots stay: a node that has read the manifest a moment ago still asks for the one before. */
const KEPT = 2

/** What is published. */
export interface Publication {
  readonly directory: string
  readonly table: Table
  /** Of the settings and sources that the table was made with; the same for the same. */
  readonly identity: Buffer
  readonly policy: string
  /** A serial for the time of the data. */
  readonly serial: number
  /** Milliseconds after the time of the data when it is too old to be taken. */
  readonly validFor: number
  /** Null publishes without a signature. */
  readonly key: SigningKey | null
}

/**
 * Publishes, unless the same is published already.
 *
 * @returns the manifest, and whether anything was written
 * @throws {AsnzoneError} `ASNZONE_EXPORT` when the directory can't be written, or what is in it can't be read.
 */
export function publish(publication: Publication): {
  readonly manifest: SnapshotManifest
  readonly isNew: boolean
} {
  const { directory, table, identity, policy, validFor, key } = publication
  try {
    makeDirectory(directory)
    const raw = snapshotOctets(table, identity)
    const packed = gzipSync(raw, { level: LEVEL })
    const { date, sources } = table.metadata()
    const before = publishedBefore(directory)
    const rawSha256 = sumOf(raw)
    const sameAsBefore = before !== null && before.rawSha256 === rawSha256
    // A serial only rises, by one where the data is no newer but something else has changed.
    const serial = sameAsBefore ? before.serial : Math.max(publication.serial, (before?.serial ?? 0) + 1)
    if (!Number.isSafeInteger(serial)) {
      throw new Error(
        `${MANIFEST_NAME} there has the serial ${before?.serial}, and none is after it; remove the file`,
      )
    }
    const sum = sumOf(packed)
    const manifest: SnapshotManifest = {
      ...HERE,
      serial,
      date,
      expires: new Date(Date.parse(date) + validFor).toISOString(),
      by: `asnzone ${VERSION}`,
      policy,
      file: packedName(serial, sum),
      octets: packed.length,
      sha256: sum,
      rawOctets: raw.length,
      rawSha256,
      attribution: [...new Set(sources.map(({ attribution, licence }) => `${attribution}, ${licence}`))],
    }
    const text = manifestText(manifest)
    const signature = key === null ? null : sign(Buffer.from(text), key, `asnzone snapshot ${serial}`)
    if (
      text === textIn(directory, MANIFEST_NAME) &&
      signature === textIn(directory, `${MANIFEST_NAME}${SIGNATURE_SUFFIX}`)
    ) {
      return { manifest, isNew: false }
    }
    write(directory, manifest.file, packed)
    const signatureName = `${MANIFEST_NAME}${SIGNATURE_SUFFIX}`
    if (signature === null) rmSync(join(directory, signatureName), { force: true })
    else write(directory, signatureName, Buffer.from(signature))
    write(directory, MANIFEST_NAME, Buffer.from(text))
    removeOld(directory, manifest.file)
    return { manifest, isNew: true }
  } catch (cause) {
    if (cause instanceof AsnzoneError) throw cause
    throw new AsnzoneError('ASNZONE_EXPORT', `${directory}: ${(cause as Error).message}`, { cause })
  }
}

/** What is published there; a directory of another asnzone's is not written over by accident. */
function publishedBefore(directory: string): { readonly serial: number; readonly rawSha256: string } | null {
  const text = textIn(directory, MANIFEST_NAME)
  if (text === null) return null
  try {
    return readManifestText(text)
  } catch (cause) {
    // One of an older format counts as far as its serial goes.
    const serial = serialIn(text)
    if (serial !== null) return { serial, rawSha256: '' }
    const { message } = cause as Error
    throw new Error(`${MANIFEST_NAME} there is no manifest: ${message}; remove the file`, { cause })
  }
}

function serialIn(text: string): number | null {
  try {
    const { serial } = JSON.parse(text) as { serial?: unknown }
    return Number.isInteger(serial) ? Number(serial) : null
  } catch {
    return null
  }
}

function textIn(directory: string, name: string): string | null {
  let fd: number
  try {
    fd = openNamed(join(directory, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  try {
    return readFileSync(fd, 'utf8')
  } finally {
    closeSync(fd)
  }
}

function write(directory: string, name: string, octets: Uint8Array): void {
  replaceFile(
    join(directory, name),
    join(directory, `${TEMPORARY}${uniqueName()}`),
    (fd) => writeAll(fd, octets),
    MODE,
  )
}

function removeOld(directory: string, current: string): void {
  const serialOf = (name: string): number => Number(name.split('-')[0])
  const others = readdirSync(directory)
    .filter((name) => PACKED_NAME.test(name) && name !== current)
    .sort((a, b) => serialOf(b) - serialOf(a))
  for (const name of others.slice(KEPT - 1)) rmSync(join(directory, name), { force: true })
}

const sumOf = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex')
