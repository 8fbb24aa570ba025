// Where a published snapshot is taken from: a web server, or a directory of this host that something else keeps up to
// date.

import { closeSync, fstatSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AsnzoneError } from '../../errors.ts'
import { fileReason } from '../../system/file-reason.ts'
import { openForReading, openNamed } from '../../system/safe-file.ts'
import { isUrl } from '../sources/plan.ts'
import { keyOfUrl, nameOfUrl } from '../sources/source-url.ts'
import { Store } from '../sources/store.ts'
import { type DownloadOptions, discard, download } from '../update/fetch/download.ts'

/** A file of the origin, as much of it as is wanted. */
export interface OriginFile {
  readonly octets: Buffer
  readonly etag: string | null
  readonly lastModified: string | null
}

/** What a server was told that we have. */
export type KnownVersion = Pick<OriginFile, 'etag' | 'lastModified'>

/** A place that publishes snapshots. */
export interface Origin {
  /** The same for the same place; nothing secret is in it. */
  readonly key: string
  /** A file of it, for error messages. */
  nameOf(file: string): string
  /**
   * Reads a file.
   *
   * @param known null is returned when it is still the newest
   * @throws {AsnzoneError} `ASNZONE_FETCH` when it can't be read, or has more octets.
   */
  read(file: string, most: number, known?: KnownVersion): Promise<OriginFile | null>
  /** Forgets what came of a file that was wrong. */
  forget(file: string): void
}

/** How downloads are made. */
export type Downloading = Pick<DownloadOptions, 'attempts' | 'pause' | 'patience' | 'onRetry' | 'onProgress'>

const TOO_LARGE = 'no file of a snapshot is'

/** The place that the setting names. */
export function originOf(from: string, directory: string, downloading: Downloading = {}): Origin {
  return isUrl(from) ? webOrigin(from, directory, downloading) : directoryOrigin(from)
}

function webOrigin(from: string, directory: string, downloading: Downloading): Origin {
  const store = new Store(directory)
  const base = new URL(from.endsWith('/') ? from : `${from}/`)
  const urlOf = (file: string): string => new URL(file, base).href
  return {
    key: keyOfUrl(base.href),
    nameOf: (file) => nameOfUrl(urlOf(file)),
    forget: (file) => discard(store.partOf(urlOf(file))),
    read: async (file, most, known) => {
      const part = store.partOf(urlOf(file))
      const came = await download(urlOf(file), {
        ...downloading,
        part,
        known,
        maxOctets: most,
        mendOfSize: TOO_LARGE,
      })
      if (came.kind === 'unchanged') return null
      const octets = readOpen(openForReading(part), most)
      discard(part)
      return { octets, etag: came.etag, lastModified: came.lastModified }
    },
  }
}

function directoryOrigin(from: string): Origin {
  const directory = /^file:/i.test(from) ? fileURLToPath(from) : from
  return {
    key: directory,
    nameOf: (file) => join(directory, file),
    forget: () => {},
    read: async (file, most) => {
      const path = join(directory, file)
      try {
        return { octets: readOpen(openNamed(path), most), etag: null, lastModified: null }
      } catch (cause) {
        throw new AsnzoneError('ASNZONE_FETCH', `${path}: ${fileReason(cause)}`, { cause })
      }
    },
  }
}

/** The octets of an open file, which is closed; it may become shorter or longer meanwhile. */
function readOpen(fd: number, most: number): Buffer {
  try {
    const { size } = fstatSync(fd)
    if (size > most) throw new Error(`larger than ${most} octets; ${TOO_LARGE}`)
    const octets = Buffer.alloc(size)
    let length = 0
    while (length < size) {
      const read = readSync(fd, octets, length, size - length, length)
      if (read === 0) break
      length += read
    }
    return octets.subarray(0, length)
  } finally {
    closeSync(fd)
  }
}
