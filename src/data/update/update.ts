// An update: fetch what is new, check it, compile it, compare it with what is in service, and only then let it
// count. Fetching may take hours and depends on others; the rest is `install`, for which a server has its turn.
//
// Each step leaves the old data in place. A file that can't be fetched stays in its old version, and the others
// are updated: upstream has published a wrong checksum for one of its files for weeks.

import type { Server } from 'node:net'
import { AsnzoneError } from '../../errors.ts'
import { minuteOf } from '../../minute.ts'
import { fileOf, fileReason, ofFile } from '../../system/file-reason.ts'
import { readText } from '../../system/safe-file.ts'
import { heardAt, listenOnPath } from '../../system/unix-socket.ts'
import type { Table } from '../../table/table.ts'
import { credibleDate, doubtOf } from '../sources/date.ts'
import { type DataPlan, fetchedParts, fileNameOf, type PlannedSource } from '../sources/plan.ts'
import { keyOfUrl, nameOfUrl } from '../sources/source-url.ts'
import { resolveSources, type Source } from '../sources/sources.ts'
import type { FetchedFile, Manifest, Store } from '../sources/store.ts'
import { readChecksum } from './fetch/checksum.ts'
import { type DownloadOptions, discard, download, type Progress } from './fetch/download.ts'
import { unreachedHost } from './fetch/failures.ts'

/** What helps where the network does not lead to a host. */
const OTHER_WAYS = 'without a way there name a mirror (feed-url), a proxy (https_proxy) or a file (sources)'

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
  /** The key of its URL. */
  readonly key: string
  /** The name of its URL. */
  readonly name: string
  readonly kind: 'fetched' | 'unchanged' | 'failed'
  /** Octets; null unless fetched. */
  readonly size: number | null
  /** The time of the data, or why the file failed. */
  readonly date: string | null
  readonly reason: string | null
  /** Whether a published checksum was compared. */
  readonly checked: boolean
}

/** Settings of fetching. */
export interface FetchOptions {
  readonly plan: DataPlan
  readonly store: Store
  /** The URLs to ask for; all when not given. */
  readonly due?: ReadonlySet<string>
  readonly maxOctets: number
  readonly retry?: Pick<DownloadOptions, 'attempts' | 'pause' | 'patience'>
  readonly onFile?: (report: FileReport) => void
  readonly onProgress?: (name: string, progress: Progress) => void
  readonly onRetry?: (reason: string) => void
  readonly onWarning?: (message: string) => void
}

/** How new data comes to count. */
export interface InstallOptions {
  /** Builds a table from sources. */
  readonly compile: (sources: readonly Source[]) => Promise<Candidate>
  /** Why a table must not replace the one in service; null when it may. */
  readonly checkTable: (table: Table) => Promise<string | null>
}

/** New files that don't count yet. Until it is closed, no other process updates the data directory. */
export interface FetchedUpdate {
  readonly files: readonly FileReport[]
  /**
   * Compiles the data of now with the new files, and lets these count when the table may replace the one in service.
   *
   * @returns the table, which is still to be accepted; null when nothing is new
   * @throws {AsnzoneError} `ASNZONE_DATA` when new data can't be read, `ASNZONE_REFUSED` when it is worse.
   */
  install(options: InstallOptions): Promise<Candidate | null>
  close(): void
}

/** Settings of an update. */
export type UpdateOptions = FetchOptions & InstallOptions

/** What came of an update: without a table nothing was new. */
export interface UpdateResult {
  readonly table: Table | null
  readonly files: readonly FileReport[]
}

/**
 * Updates the data directory.
 *
 * @throws {AsnzoneError} as `fetchUpdate` and its `install` do.
 */
export async function update(options: UpdateOptions): Promise<UpdateResult> {
  const fetched = await fetchUpdate(options)
  try {
    const candidate = await fetched.install(options)
    await candidate?.accept()
    return { table: candidate?.table ?? null, files: fetched.files }
  } finally {
    fetched.close()
  }
}

/**
 * Fetches what is new.
 *
 * @throws {AsnzoneError} `ASNZONE_FETCH` when no file could be fetched, `ASNZONE_BUSY` when another process is updating.
 */
export async function fetchUpdate(options: FetchOptions): Promise<FetchedUpdate> {
  const { plan, store } = options
  store.prepare()
  const lock = await lockOf(store)
  try {
    const { files, fetched } = await explained(store, () => fetchFiles(options))
    return {
      files,
      install: (how) => explained(store, () => install(plan, store, files, fetched, how)),
      close: () => void lock.close(),
    }
  } catch (error) {
    lock.close()
    throw error
  }
}

/**
 * A full disk, a directory of another user: nothing has changed then.
 *
 * @throws {AsnzoneError} `ASNZONE_DATA` with the file and the reason of the system; whatever else `work` throws.
 */
export async function explained<Result>(
  { directory }: Pick<Store, 'directory'>,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (cause) {
    if (!isSystemError(cause)) throw cause
    throw new AsnzoneError('ASNZONE_DATA', `${fileOf(cause, directory)}: ${fileReason(cause)}`, { cause })
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && (error as NodeJS.ErrnoException).syscall !== undefined
}

/** One update at a time: the lock is a socket, so that it ends with its process. */
export async function lockOf({ directory }: Pick<Store, 'directory'>): Promise<Server> {
  const path = `${directory}/update.lock`
  let lock: Server | null
  try {
    const holder = `${process.pid} ${new Date().toISOString()}`
    lock = await listenOnPath(
      path,
      (socket) =>
        // Who knocks and doesn't go keeps nobody from ending.
        void socket.on('error', () => {}).end(holder, () => socket.destroy()),
    )
  } catch (cause) {
    const where = (cause as NodeJS.ErrnoException).code === undefined ? path : directory
    throw new AsnzoneError('ASNZONE_DATA', ofFile(where, fileReason(cause)), { cause })
  }
  if (lock === null) {
    const [, pid, since = ''] = /^(\d{1,10}) (\d{4}-\d\d-\d\dT[\d:.]{1,16}Z)$/.exec(await heardAt(path)) ?? []
    const isTold = !Number.isNaN(Date.parse(since))
    const who = isTold ? `: process ${pid}, since ${minuteOf(since)}; wait for it, or end it` : ''
    throw new AsnzoneError('ASNZONE_BUSY', `another asnzone is updating this data directory${who}`)
  }
  // It holds nobody up who wants to end.
  lock.unref()
  return lock
}

/** What was fetched, by the key of its URL. */
type Fetched = Map<string, FetchedFile>

async function fetchFiles(options: FetchOptions): Promise<{ files: FileReport[]; fetched: Fetched }> {
  const { plan, store, due, onFile } = options
  const before = store.manifest()
  const fetched: Fetched = new Map()
  const files: FileReport[] = []
  // Who waits for one file of a host in vain needs not wait for each.
  const unreached = new Set<string>()
  for (const { url, source } of fetchedParts(plan)) {
    if (due !== undefined && !due.has(url)) continue
    const report = await fetchFile(url, source, before, fetched, unreached, options)
    files.push(report)
    onFile?.(report)
  }
  const failed = files.filter(({ kind }) => kind === 'failed')
  if (failed.length > 0 && failed.length === files.length) {
    throw new AsnzoneError('ASNZONE_FETCH', failed[0].reason ?? '')
  }
  return { files, fetched }
}

async function install(
  plan: DataPlan,
  store: Store,
  files: readonly FileReport[],
  fetched: Fetched,
  { compile, checkTable }: InstallOptions,
): Promise<Candidate | null> {
  const before = store.manifest()
  const after = new Map([...before, ...fetched])
  if (!files.some(({ kind }) => kind === 'fetched')) {
    store.commit(after, before)
    return null
  }
  const { sources } = resolveSources(plan, after, (file) => store.pathOf(file))
  const candidate = await compile(sources)
  const reason = await checkTable(candidate.table)
  if (reason !== null) {
    await candidate.refuse()
    throw new AsnzoneError('ASNZONE_REFUSED', reason)
  }
  store.commit(after, before)
  return candidate
}

/** Fetches one file, and notes it in `fetched` when it is there and right, or its host in `unreached`. */
async function fetchFile(
  url: string,
  source: PlannedSource,
  before: Manifest,
  fetched: Fetched,
  unreached: Set<string>,
  options: FetchOptions,
): Promise<FileReport> {
  const { store, maxOctets, retry, onProgress, onRetry, onWarning } = options
  const [key, name] = [keyOfUrl(url), nameOfUrl(url)]
  const old = before.get(key)
  const known = old !== undefined && (await store.isIntact(old)) ? old : undefined
  const part = store.partOf(url)
  const checked = new Date().toISOString()
  const report = { key, name, size: null, date: null, reason: null, checked: false }
  const { host } = new URL(url)
  if (unreached.has(host)) {
    return { ...report, kind: 'failed', reason: `${name}: not asked for, because ${host} was not reached` }
  }
  try {
    const result = await download(url, {
      part,
      known: known === undefined ? undefined : versionToAskWith(known),
      maxOctets,
      ...retry,
      onProgress: (progress) => onProgress?.(name, progress),
      ...(onRetry !== undefined && { onRetry }),
    })
    if (result.kind === 'unchanged' && known !== undefined) {
      const date = credibleDate(known.date) ?? credibleDate(known.checked) ?? checked
      fetched.set(key, { ...known, date, checked })
      return { ...report, kind: 'unchanged', date }
    }
    if (result.kind === 'unchanged')
      throw new AsnzoneError('ASNZONE_FETCH', `${name}: unchanged, but it isn't here`)
    const { size, sha256, etag, lastModified } = result
    await verify(url, source, sha256, options)
    const file = `${sha256.slice(0, 16)}-${fileNameOf(url).replace(/[^\w.-]/g, '_')}`
    store.adopt(part, { file })
    discard(part)
    const told = dateOf(lastModified)
    const doubt = doubtOf(name, told, 'the time of fetching counts')
    if (doubt !== null) onWarning?.(doubt)
    const date = credibleDate(told) ?? checked
    fetched.set(key, { source: key, name, file, size, sha256, etag, lastModified, date, checked })
    // The same contents under a new ETag are nothing new.
    const kind = known?.sha256 === sha256 ? 'unchanged' : 'fetched'
    return { ...report, kind, size, date, checked: source.checksum !== null }
  } catch (error) {
    if (!(error instanceof AsnzoneError)) throw error
    const lost = unreachedHost(error)
    if (lost !== null) unreached.add(lost.host)
    const reason = lost?.isOfNetwork ? `${error.message}; ${OTHER_WAYS}` : error.message
    return { ...report, kind: 'failed', reason }
  }
}

/** Compares a file with its published checksum. */
async function verify(
  url: string,
  source: PlannedSource,
  sha256: string,
  options: FetchOptions,
): Promise<void> {
  if (source.checksum === null) return
  const { store, retry } = options
  const name = fileNameOf(url)
  const checksumUrl = source.checksum.replaceAll('{file}', encodeURIComponent(name))
  const part = store.partOf(checksumUrl)
  discard(part)
  await download(checksumUrl, { part, maxOctets: CHECKSUM_OCTETS, ...retry })
  const published = readChecksum(readText(part), name, nameOfUrl(checksumUrl))
  discard(part)
  if (published === sha256) return
  discard(store.partOf(url))
  const reason = `its SHA-256 sum is ${sha256.slice(0, 12)}…, but ${published.slice(0, 12)}… is published`
  throw new AsnzoneError('ASNZONE_FETCH', `${nameOfUrl(url)}: ${reason}; the old file stays`)
}

/** What a server is asked whether it has news of; no server can tell what is newer than the future. */
function versionToAskWith({ etag, lastModified }: FetchedFile): Pick<FetchedFile, 'etag' | 'lastModified'> {
  return { etag, lastModified: credibleDate(dateOf(lastModified)) === null ? null : lastModified }
}

function dateOf(lastModified: string | null): string | null {
  const time = Date.parse(lastModified ?? '')
  return Number.isNaN(time) ? null : new Date(time).toISOString()
}
