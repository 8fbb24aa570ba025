// An update: fetch what is new, check it, compile it, compare it with what is in service, and only then let it
// count.
//
// Each step leaves the old data in place. A file that can't be fetched stays in its old version, and the others
// are updated: upstream has published a wrong checksum for one of its files for weeks.

import { readFile } from 'node:fs/promises'
import type { Server } from 'node:net'
import { AsnzoneError } from '../errors.ts'
import type { Table } from '../table/table.ts'
import { listenOnPath } from '../unix-socket.ts'
import { readChecksum } from './fetch/checksum.ts'
import { type DownloadOptions, discard, download, type Progress } from './fetch/download.ts'
import { type DataPlan, fetchedParts, fileNameOf, type PlannedSource } from './plan.ts'
import { resolveSources, type Source } from './sources.ts'
import type { FetchedFile, Manifest, Store } from './store.ts'

/** A checksum file is a line. */
const CHECKSUM_OCTETS = 65536

/** A table that may yet be refused. */
export interface Candidate {
  readonly table: Table
  /** Called when the table counts, or doesn't; resolve when all that depends on that is done. */
  accept(): Promise<void>
  refuse(): Promise<void>
}

/** What came of one file. */
export interface FileReport {
  readonly url: string
  readonly kind: 'fetched' | 'unchanged' | 'failed'
  /** Octets; null unless fetched. */
  readonly size: number | null
  /** The time of the data, or why the file failed. */
  readonly date: string | null
  readonly reason: string | null
  /** Whether a published checksum was compared. */
  readonly checked: boolean
}

/** Settings of an update. */
export interface UpdateOptions {
  readonly plan: DataPlan
  readonly store: Store
  /** The URLs to ask for; all when not given. */
  readonly due?: ReadonlySet<string>
  readonly mostOctets: number
  /** Builds a table from sources. */
  readonly compile: (sources: readonly Source[]) => Promise<Candidate>
  /** Why a table must not replace the one in service; null when it may. */
  readonly judge: (table: Table) => Promise<string | null>
  readonly retry?: Pick<DownloadOptions, 'attempts' | 'pause' | 'patience'>
  readonly onFile?: (report: FileReport) => void
  readonly onProgress?: (url: string, progress: Progress) => void
  readonly onRetry?: (reason: string) => void
}

/** What came of an update: without a table nothing was new. */
export interface UpdateResult {
  readonly table: Table | null
  readonly files: readonly FileReport[]
}

/**
 * Updates the data directory.
 *
 * @throws {AsnzoneError} `ASNZONE_FETCH` when no file could be fetched or another process is updating,
 *   `ASNZONE_DATA` when new data can't be read, `ASNZONE_REFUSED` when they are worse than those in service.
 */
export async function update(options: UpdateOptions): Promise<UpdateResult> {
  const { plan, store } = options
  store.prepare()
  const lock = await lockOf(store)
  try {
    return await updateLocked(options, plan, store)
  } catch (cause) {
    // A full disk, a folder of another user: nothing has changed then.
    if (!isSystemError(cause)) throw cause
    throw new AsnzoneError('ASNZONE_DATA', `${store.directory}: ${cause.message}`, { cause })
  } finally {
    lock.close()
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && (error as NodeJS.ErrnoException).syscall !== undefined
}

/** One update at a time: the lock is a socket, so that it ends with its process. */
async function lockOf({ directory }: Store): Promise<Server> {
  let lock: Server | null
  try {
    lock = await listenOnPath(`${directory}/update.lock`, (socket) => socket.destroy())
  } catch (cause) {
    throw new AsnzoneError('ASNZONE_DATA', `${directory}: ${(cause as Error).message}`, { cause })
  }
  if (lock === null) {
    throw new AsnzoneError('ASNZONE_FETCH', 'another asnzone is updating this data directory')
  }
  // It holds nobody up who wants to end.
  lock.unref()
  return lock
}

async function updateLocked(options: UpdateOptions, plan: DataPlan, store: Store): Promise<UpdateResult> {
  const { due, compile, judge, onFile } = options
  const before = store.manifest()
  const after = new Map(before)
  const files: FileReport[] = []
  for (const { url, source } of fetchedParts(plan)) {
    if (due !== undefined && !due.has(url)) continue
    const report = await fetchFile(url, source, before, after, options)
    files.push(report)
    onFile?.(report)
  }
  const failed = files.filter(({ kind }) => kind === 'failed')
  if (failed.length > 0 && failed.length === files.length) {
    throw new AsnzoneError('ASNZONE_FETCH', failed[0].reason ?? '')
  }
  if (!files.some(({ kind }) => kind === 'fetched')) {
    store.commit(after, before)
    return { table: null, files }
  }
  const { sources } = resolveSources(plan, after, (file) => store.pathOf(file))
  const candidate = await compile(sources)
  const reason = await judge(candidate.table)
  if (reason !== null) {
    await candidate.refuse()
    throw new AsnzoneError('ASNZONE_REFUSED', reason)
  }
  store.commit(after, before)
  await candidate.accept()
  return { table: candidate.table, files }
}

/** Fetches one file, and notes it in `after` when it is there and right. */
async function fetchFile(
  url: string,
  source: PlannedSource,
  before: Manifest,
  after: Map<string, FetchedFile>,
  options: UpdateOptions,
): Promise<FileReport> {
  const { store, mostOctets, retry, onProgress, onRetry } = options
  const old = before.get(url)
  const known = old !== undefined && (await store.isIntact(old)) ? old : undefined
  const part = store.partOf(url)
  const checked = new Date().toISOString()
  const report = { url, size: null, date: null, reason: null, checked: false }
  try {
    const result = await download(url, {
      part,
      known,
      mostOctets,
      ...retry,
      onProgress: (progress) => onProgress?.(url, progress),
      ...(onRetry !== undefined && { onRetry }),
    })
    if (result.kind === 'unchanged' && known !== undefined) {
      after.set(url, { ...known, checked })
      return { ...report, kind: 'unchanged', date: known.date }
    }
    if (result.kind === 'unchanged')
      throw new AsnzoneError('ASNZONE_FETCH', `${url}: unchanged, but it isn't here`)
    const { size, sha256, etag, lastModified } = result
    await verify(url, source, sha256, options)
    const file = `${sha256.slice(0, 16)}-${fileNameOf(url).replace(/[^\w.-]/g, '_')}`
    store.adopt(part, { file })
    await discard(part)
    const date = dateOf(lastModified) ?? checked
    after.set(url, { url, file, size, sha256, etag, lastModified, date, checked })
    // The same contents under a new ETag are nothing new.
    const kind = known?.sha256 === sha256 ? 'unchanged' : 'fetched'
    return { ...report, kind, size, date, checked: source.checksum !== null }
  } catch (error) {
    if (!(error instanceof AsnzoneError)) throw error
    return { ...report, kind: 'failed', reason: error.message }
  }
}

/** Compares a file with its published checksum. */
async function verify(
  url: string,
  source: PlannedSource,
  sha256: string,
  options: UpdateOptions,
): Promise<void> {
  if (source.checksum === null) return
  const { store, retry } = options
  const name = fileNameOf(url)
  const checksumUrl = source.checksum.replaceAll('{file}', encodeURIComponent(name))
  const part = store.partOf(checksumUrl)
  await discard(part)
  await download(checksumUrl, { part, mostOctets: CHECKSUM_OCTETS, ...retry })
  const published = readChecksum(await readFile(part, 'utf8'), name, checksumUrl)
  await discard(part)
  if (published === sha256) return
  await discard(store.partOf(url))
  const reason = `its SHA-256 sum is ${sha256.slice(0, 12)}…, but ${published.slice(0, 12)}… is published`
  throw new AsnzoneError('ASNZONE_FETCH', `${url}: ${reason}; the old file stays`)
}

function dateOf(lastModified: string | null): string | null {
  const time = Date.parse(lastModified ?? '')
  return Number.isNaN(time) ? null : new Date(time).toISOString()
}
