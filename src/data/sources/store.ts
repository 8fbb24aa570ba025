// The fetched files in the data directory, and the manifest that says which of them count.
//
//     DATA_DIR/manifest.json     which file each source gave, with its checksum, size, date and ETag
//     DATA_DIR/files/…           the files as they came, named by their contents; never changed
//     DATA_DIR/parts/…           downloads that are not finished
//
// A file that is not in the manifest does not count: writing the manifest is the one step that makes an update
// happen, and it is a rename.

import { createHash } from 'node:crypto'
import { createReadStream, existsSync, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { AsnzoneError } from '../../errors.ts'
import { syncDirectory, writeFileAtomically } from '../../system/atomic-file.ts'
import { fileOf, fileReason, ofFile } from '../../system/file-reason.ts'
import { ensureDirectory, fileStats, openForReading, readText } from '../../system/safe-file.ts'
import { removeLeftOvers } from '../left-overs.ts'
import { GUEST_SNAPSHOT_FILE, SNAPSHOT_FILE } from '../snapshot/snapshot.ts'
import { LAST_UPDATE_FILE } from '../update/last-update.ts'
import { keyOfUrl, nameOfUrl } from './source-url.ts'

const MANIFEST_FILE = 'manifest.json'

/** Files that nobody needs are kept for so long, because another process may be about to use them. */
const SWEEP_AFTER_MS = 3600_000

/** What we name files in the data directory. Others may have theirs there, which are none of our business. */
const OURS = {
  files: /^[0-9a-f]{16}-[\w.-]+$/,
  parts: /^[0-9a-f]{16}(?:\.json)?$/,
}

const fetchedFile = z.strictObject({
  /** The key of the URL, see `keyOfUrl`: a URL may hold secrets, and nobody needs it here. */
  source: z.string(),
  /** The name of the URL. */
  name: z.string(),
  /** The name in the directory of files. */
  file: z.string().regex(/^[^/]+$/),
  size: z.number(),
  sha256: z.string(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  /** The time of the data in ISO 8601, UTC. */
  date: z.string().nullable(),
  /** When the file was fetched, or found to be still the newest. */
  checked: z.string(),
})

/** Until 0.1 the manifest had the URLs themselves. */
const fetchedByUrl = fetchedFile
  .omit({ source: true, name: true })
  .extend({ url: z.string() })
  .transform(({ url, ...file }) => ({ source: keyOfUrl(url), name: nameOfUrl(url), ...file }))

const manifest = z.discriminatedUnion('version', [
  z.strictObject({ version: z.literal(2), files: z.array(fetchedFile) }),
  z.strictObject({ version: z.literal(1), files: z.array(fetchedByUrl) }),
])

/** One fetched file. */
export type FetchedFile = z.output<typeof fetchedFile>

/** Which files count, by the key of their URL. */
export type Manifest = ReadonlyMap<string, FetchedFile>

/** The data directory as far as it holds fetched files. */
export class Store {
  readonly directory: string

  constructor(directory: string) {
    this.directory = directory
  }

  /** Where a finished file lies. */
  pathOf({ file }: Pick<FetchedFile, 'file'>): string {
    return join(this.directory, 'files', file)
  }

  /** Where the unfinished download of a URL lies. */
  partOf(url: string): string {
    return join(this.directory, 'parts', keyOfUrl(url).slice(0, 16))
  }

  /** @throws {AsnzoneError} `ASNZONE_DATA` when the directories can't be made. */
  prepare(): void {
    try {
      ensureDirectory(join(this.directory, 'files'))
      ensureDirectory(join(this.directory, 'parts'))
      this.forgetUrls()
      removeLeftOvers(this.directory)
    } catch (cause) {
      throw new AsnzoneError('ASNZONE_DATA', ofFile(fileOf(cause, this.directory), fileReason(cause)), {
        cause,
      })
    }
  }

  /**
   * The files that count; empty when nothing was fetched yet. A file that isn't there in its full size is left
   * out.
   *
   * @throws {AsnzoneError} `ASNZONE_DATA` when the manifest can't be read.
   */
  manifest(): Manifest {
    try {
      return this.#counting(this.#read()?.files ?? [])
    } catch (cause) {
      const path = join(this.directory, MANIFEST_FILE)
      throw new AsnzoneError('ASNZONE_DATA', `${path} ${faultOf(cause as Error)}`, { cause })
    }
  }

  /**
   * Until 0.1 the whole URLs of sources stood in the data directory, licence keys and passwords included: what has them
   * is written anew or removed.
   *
   * @throws {Error} of the file system when the data directory can't be written.
   */
  forgetUrls(): void {
    const told = join(this.directory, LAST_UPDATE_FILE)
    if (((lstatSync(told, { throwIfNoEntry: false })?.mode ?? 0) & 0o007) !== 0) rmSync(told, { force: true })
    let read: z.output<typeof manifest> | null
    try {
      read = this.#read()
    } catch {
      // Damaged, as those are told who need it.
      return
    }
    if (read?.version !== 1) return
    const files = this.#counting(read.files)
    for (const name of [SNAPSHOT_FILE, GUEST_SNAPSHOT_FILE])
      rmSync(join(this.directory, name), { force: true })
    ensureDirectory(join(this.directory, 'parts'))
    this.#remove('parts', (name) => OURS.parts.test(name))
    this.commit(files, files)
  }

  /**
   * Makes these the files that count. The files that counted before stay, because a process may be reading them;
   * what is older goes.
   */
  commit(files: Manifest, before: Manifest): void {
    const contents: z.input<typeof manifest> = { version: 2, files: [...files.values()] }
    writeFileAtomically(join(this.directory, MANIFEST_FILE), `${JSON.stringify(contents, null, 2)}\n`)
    this.#sweep(new Set([...files.values(), ...before.values()].map(({ file }) => file)))
  }

  /** Removes what was begun and never ended; nobody may be downloading. */
  forgetBegun(): void {
    if (existsSync(join(this.directory, 'parts'))) this.#remove('parts', (name) => OURS.parts.test(name))
  }

  /** Takes a finished and synced download over under its final name. */
  adopt(part: string, file: Pick<FetchedFile, 'file'>): void {
    renameSync(part, this.pathOf(file))
    syncDirectory(join(this.directory, 'files'))
  }

  /** Whether a file is on the disk octet for octet. */
  async isIntact(file: FetchedFile): Promise<boolean> {
    return this.#isWhole(file) && (await sha256Of(this.pathOf(file))) === file.sha256
  }

  /** The manifest as it is written; null when there is none. */
  #read(): z.output<typeof manifest> | null {
    try {
      return manifest.parse(JSON.parse(readText(join(this.directory, MANIFEST_FILE))))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  }

  #counting(files: readonly FetchedFile[]): Manifest {
    return new Map(files.filter((file) => this.#isWhole(file)).map((file) => [file.source, file]))
  }

  #isWhole(file: FetchedFile): boolean {
    return fileStats(this.pathOf(file))?.size === file.size
  }

  /** Removes what was downloaded, or begun, and neither counts any more nor is new. */
  #sweep(kept: ReadonlySet<string>): void {
    const isOld = (path: string): boolean => {
      const time = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs
      return time !== undefined && Date.now() - time > SWEEP_AFTER_MS
    }
    this.#remove('files', (name, path) => OURS.files.test(name) && !kept.has(name) && isOld(path))
    this.#remove('parts', (name, path) => OURS.parts.test(name) && isOld(path))
  }

  #remove(directory: string, isRubbish: (name: string, path: string) => boolean): void {
    for (const name of readdirSync(join(this.directory, directory))) {
      const path = join(this.directory, directory, name)
      if (isRubbish(name, path)) rmSync(path, { force: true })
    }
  }
}

/** What is wrong with a manifest that can't be read, and what to do. Where the system fails, it isn't the file's fault. */
function faultOf({ code, syscall, message }: NodeJS.ErrnoException): string {
  if (code === 'EACCES') {
    return "can't be read; run this as the user of that directory, or as one in its group"
  }
  // A link (ELOOP) is not followed.
  const isOfSystem = syscall !== undefined && code !== 'ELOOP' && code !== 'ENXIO'
  return isOfSystem ? `can't be read: ${message}` : 'is damaged; remove it and run asnzone update'
}

/** The SHA-256 sum of a file in hexadecimal. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  const fd = openForReading(path)
  await pipeline(createReadStream('', { fd, highWaterMark: 1 << 20 }), hash)
  return hash.digest('hex')
}
