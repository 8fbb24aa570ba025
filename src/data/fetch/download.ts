// Downloads one file: only when it is new, with retries, resuming what was cut off, within limits.
//
// What has come so far lies in the part file, and beside it in PART.json which version of the file that is. A
// download that ends early, in this run or in an earlier one, goes on from there (RFC 9110 13.1.5, 14.2).

import { readFileSync, writeFileSync } from 'node:fs'
import { type FileHandle, mkdir, open, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AsnzoneError } from '../../errors.ts'
import { VERSION } from '../../version.ts'
import { sha256Of } from '../store.ts'

const MEGABYTE = 1 << 20

/** A server that says to wait is believed for so long. */
const LONGEST_WAIT_MS = 60_000

/** Told how far a download is. */
export interface Progress {
  /** Octets that are there, those of an earlier run included. */
  readonly octets: number
  /** Octets of the whole file; null where the server doesn't tell. */
  readonly total: number | null
}

/** Settings of a download. */
export interface DownloadOptions {
  /** Where the file is collected. */
  readonly part: string
  /** The version that is there already: nothing is downloaded when it is still the newest. */
  readonly known?: { readonly etag: string | null; readonly lastModified: string | null } | undefined
  /** The most octets. */
  readonly mostOctets: number
  readonly attempts?: number
  /** Milliseconds before the second attempt; doubled for each further one. */
  readonly pause?: number
  /** Milliseconds without an octet after which an attempt is given up. */
  readonly patience?: number
  /** Milliseconds that one attempt may take. */
  readonly longest?: number
  readonly onProgress?: (progress: Progress) => void
  /** Told why an attempt failed when there is another one. */
  readonly onRetry?: (reason: string) => void
}

/** What came of a download. */
export type Download =
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'fetched'
      readonly size: number
      readonly sha256: string
      readonly etag: string | null
      readonly lastModified: string | null
    }

/** A failure that another attempt may not have. */
class Passing extends Error {
  readonly wait: number

  constructor(message: string, wait: number, options: ErrorOptions | undefined) {
    super(message, options)
    this.wait = wait
  }
}

function passing(message: string, wait = 0, options?: ErrorOptions): Passing {
  return new Passing(message, wait, options)
}

/**
 * Downloads a URL into the part file, and syncs it.
 *
 * @throws {AsnzoneError} `ASNZONE_FETCH` with the URL and the reason when the last attempt has failed.
 */
export async function download(url: string, options: DownloadOptions): Promise<Download> {
  const { attempts = 5, pause = 1000, onRetry } = options
  await mkdir(dirname(options.part), { recursive: true })
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptDownload(url, options)
    } catch (cause) {
      if (!(cause instanceof Passing)) await discard(options.part)
      if (!(cause instanceof Passing) || attempt === attempts) throw failure(url, cause as Error)
      const wait = Math.max(cause.wait, pause * 2 ** (attempt - 1) * (0.5 + Math.random()))
      onRetry?.(
        `${url}: ${cause.message}; attempt ${attempt + 1} of ${attempts} in ${(wait / 1000).toFixed(1)} s`,
      )
      await sleep(wait)
    }
  }
}

/** Throws the part of a URL away: what came was wrong. */
export async function discard(part: string): Promise<void> {
  await rm(part, { force: true })
  await rm(`${part}.json`, { force: true })
}

async function attemptDownload(url: string, options: DownloadOptions): Promise<Download> {
  const { part, known, mostOctets, patience = 30_000, longest = 3_600_000, onProgress } = options
  const begun = await begunPart(url, part)
  const headers = new Headers({ 'accept-encoding': 'identity', 'user-agent': `asnzone/${VERSION}` })
  if (begun !== null) {
    headers.set('range', `bytes=${begun.octets}-`)
    headers.set('if-range', begun.validator)
  } else {
    if (known?.etag) headers.set('if-none-match', known.etag)
    if (known?.lastModified) headers.set('if-modified-since', known.lastModified)
  }
  const stall = new AbortController()
  const timer = setTimeout(() => stall.abort(passing(`no octet for ${patience / 1000} s`)), patience)
  try {
    const signal = AbortSignal.any([stall.signal, AbortSignal.timeout(longest)])
    const response = await fetch(url, { headers, signal })
    if (response.status === 304) return { kind: 'unchanged' }
    const resumed = response.status === 206 && begun !== null
    if (response.status === 416 || (resumed && !continues(response, begun.octets))) {
      await discard(part)
      throw passing('what was there of it does not fit; it begins anew')
    }
    judge(url, response)
    const offset = resumed ? begun.octets : 0
    const version = resumed ? begun.version : versionOf(response)
    const length = contentLength(response)
    const total = length === null ? null : offset + length
    if ((total ?? 0) > mostOctets) throw tooLarge(mostOctets)
    const file = await open(part, offset > 0 ? 'a' : 'w')
    try {
      if (offset === 0) noteVersion(url, part, version)
      const size = await receive(response, file, offset, (octets) => {
        timer.refresh()
        if (octets > mostOctets) throw tooLarge(mostOctets)
        onProgress?.({ octets, total })
      })
      if (total !== null && size !== total) throw passing(`${size} of ${total} octets came`)
      await file.sync()
      return { kind: 'fetched', size, sha256: await sha256Of(part), ...version }
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw stall.signal.aborted ? stall.signal.reason : explain(cause as Error)
  } finally {
    clearTimeout(timer)
  }
}

/** Writes the body behind what is there; returns the size of the file. */
async function receive(
  response: Response,
  file: FileHandle,
  offset: number,
  onOctets: (octets: number) => void,
): Promise<number> {
  let octets = offset
  for await (const chunk of response.body ?? []) {
    await file.writeFile(chunk)
    octets += chunk.length
    onOctets(octets)
  }
  return octets
}

/** Whether a body is worth reading. */
function judge(url: string, response: Response): void {
  const { status, statusText } = response
  if (/^https:/i.test(url) && !/^https:/i.test(response.url)) {
    throw new Error(`it leads to ${response.url}, which is not encrypted`)
  }
  if (status === 200 || status === 206) return
  const reason = `the server answers ${status}${statusText === '' ? '' : ` ${statusText}`}`
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const seconds = Number(response.headers.get('retry-after') ?? 0)
    throw passing(reason, Number.isNaN(seconds) ? 0 : Math.min(seconds * 1000, LONGEST_WAIT_MS))
  }
  throw new Error(reason)
}

interface Version {
  readonly etag: string | null
  readonly lastModified: string | null
}

function versionOf({ headers }: Response): Version {
  return { etag: headers.get('etag'), lastModified: headers.get('last-modified') }
}

function contentLength({ headers }: Response): number | null {
  // What the server encodes nevertheless is decoded already, and has another length.
  const length = headers.get('content-length')
  return length === null || headers.has('content-encoding') ? null : Number(length)
}

/** Whether a part of a file begins where it was asked to. */
function continues({ headers }: Response, octets: number): boolean {
  return new RegExp(`^bytes ${octets}-`).test(headers.get('content-range') ?? '')
}

interface BegunPart {
  readonly octets: number
  readonly version: Version
  /** What tells the server which version the part is of. */
  readonly validator: string
}

/** What an earlier attempt has left, if the server can be asked for the rest. */
async function begunPart(url: string, part: string): Promise<BegunPart | null> {
  try {
    const { size: octets } = await stat(part)
    const { url: noted, ...version } = JSON.parse(readFileSync(`${part}.json`, 'utf8')) as Noted
    const { etag, lastModified } = version
    // A weak ETag won't do: the file may be another octet for octet.
    const validator = etag !== null && !etag.startsWith('W/') ? etag : lastModified
    return octets > 0 && noted === url && validator !== null ? { octets, version, validator } : null
  } catch {
    return null
  }
}

type Noted = Version & { readonly url: string }

/** Notes which version the part is of. */
function noteVersion(url: string, part: string, version: Version): void {
  writeFileSync(`${part}.json`, JSON.stringify({ url, ...version } satisfies Noted))
}

/** Errors of fetch say «fetch failed» or «terminated»; why is in their causes. */
function explain(error: Error): Error {
  if (error instanceof Passing || error instanceof AsnzoneError) return error
  if (error.name === 'TimeoutError') return passing('it took too long')
  if (!(error instanceof TypeError)) return error
  const cause = error.cause as (Error & { code?: string }) | undefined
  const code = cause?.code ?? ''
  if (/CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO_VERIFY|ISSUER/.test(code)) {
    const mend = 'NODE_EXTRA_CA_CERTS names a file of certificates to trust besides the usual ones'
    return new Error(`its certificate is not trusted (${code}); ${mend}`, { cause: error })
  }
  return passing(cause?.message || code || error.message, 0, { cause: error })
}

function tooLarge(mostOctets: number): Error {
  return new Error(
    `larger than ${Math.round((mostOctets / MEGABYTE) * 10) / 10} MB; raise max-size if that is right`,
  )
}

function failure(url: string, cause: Error): AsnzoneError {
  return new AsnzoneError('ASNZONE_FETCH', `${url}: ${cause.message}`, { cause })
}
