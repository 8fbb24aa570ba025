// Downloads one file: only when it is new, with retries, resuming what was cut off, within limits.
//
// What has come so far lies in the part file, and beside it in PART.json which version of the file that is. A
// download that ends early, in this run or in an earlier one, goes on from there (RFC 9110 13.1.5, 14.2).

import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  ensureDirectory,
  fileStats,
  openAnew,
  openForAppending,
  readText,
  removeFile,
  writeText,
} from '../../../system/safe-file.ts'
import { VERSION } from '../../../version.ts'
import { keyOfUrl, nameOfUrl } from '../../sources/source-url.ts'
import { sha256Of } from '../../sources/store.ts'
import {
  explain,
  failure,
  MIN_OCTETS_PER_SECOND,
  Passing,
  passing,
  tooLarge,
  tooSlow,
  unreached,
} from './failures.ts'
import { type FileResponse, type RequestOptions, requestFile } from './request.ts'

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
  readonly maxOctets: number
  /** What to do where it is larger; `raise max-size` when not given. */
  readonly mendOfSize?: string
  readonly attempts?: number
  /** Milliseconds before the second attempt; doubled for each further one. */
  readonly pause?: number
  /** Milliseconds that a server may take to answer, and over which it must send as fast as is the least. */
  readonly patience?: number
  /** Milliseconds that all attempts together may take. */
  readonly longest?: number
  /** How names are looked up and addresses checked, where that is not as usual. */
  readonly network?: Pick<RequestOptions, 'resolve' | 'kindOf' | 'environment'>
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

/**
 * Downloads a URL into the part file, and syncs it.
 *
 * @throws {AsnzoneError} `ASNZONE_FETCH` with the URL and the reason when the last attempt has failed.
 */
export async function download(url: string, options: DownloadOptions): Promise<Download> {
  const { attempts = 5, pause = 1000, longest = 7_200_000, onRetry } = options
  ensureDirectory(dirname(options.part))
  const end = AbortSignal.timeout(longest)
  const contact = { isMade: false }
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptDownload(url, options, end, contact)
    } catch (cause) {
      if (!(cause instanceof Passing)) discard(options.part)
      if (!(cause instanceof Passing) || attempt === attempts || end.aborted)
        throw failure(url, contact.isMade ? (cause as Error) : unreached(url, cause as Error))
      const wait = Math.max(cause.wait, pause * 2 ** (attempt - 1) * (0.5 + Math.random()))
      onRetry?.(
        `${nameOfUrl(url)}: ${cause.message}; attempt ${attempt + 1} of ${attempts} in ${(wait / 1000).toFixed(1)} s`,
      )
      await sleep(wait)
    }
  }
}

/** Throws the part of a URL away: what came was wrong. */
export function discard(part: string): void {
  removeFile(part)
  removeFile(`${part}.json`)
}

/** @param contact told when the server answers */
async function attemptDownload(
  url: string,
  options: DownloadOptions,
  end: AbortSignal,
  contact: { isMade: boolean },
): Promise<Download> {
  const { part, known, maxOctets, patience = 30_000, onProgress, network } = options
  const begun = begunPart(url, part)
  const headers: Record<string, string> = {
    'accept-encoding': 'identity',
    'user-agent': `asnzone/${VERSION}`,
    ...(begun === null ? askingForNews(known) : askingForRest(begun)),
  }
  const stall = new AbortController()
  const giveUp = (): void => stall.abort(passing(`no answer for ${patience / 1000} s`))
  let timer = setTimeout(giveUp, patience)
  let response: FileResponse | undefined
  try {
    const signal = AbortSignal.any([stall.signal, end])
    response = await requestFile(url, { headers, signal, ...network })
    contact.isMade = true
    if (response.status === 304) {
      if (headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined)
        return { kind: 'unchanged' }
      throw new Error('the server says that nothing is new (304), though it was asked for the file itself')
    }
    const resumed = response.status === 206 && begun !== null
    if (response.status === 416 || (resumed && !continues(response, begun.octets))) {
      discard(part)
      throw passing('what was there of it does not fit; it starts again')
    }
    checkResponse(response, resumed)
    const offset = resumed ? begun.octets : 0
    const version = resumed ? begun.version : versionOf(response)
    const length = contentLength(response)
    const total = length === null ? null : offset + length
    if ((total ?? 0) > maxOctets) throw tooLarge(maxOctets, options.mendOfSize)
    const file = await (offset > 0 ? openForAppending(part) : openAnew(part))
    try {
      if (offset === 0) noteVersion(url, part, version)
      let [there, thereBefore] = [offset, offset]
      clearTimeout(timer)
      timer = setInterval(() => {
        if (there - thereBefore < (MIN_OCTETS_PER_SECOND * patience) / 1000) stall.abort(tooSlow(patience))
        thereBefore = there
      }, patience)
      const size = await receive(response, file, offset, (octets) => {
        there = octets
        if (octets > maxOctets) throw tooLarge(maxOctets, options.mendOfSize)
        onProgress?.({ octets, total })
      })
      if (total !== null && size !== total) throw passing(`${size} of ${total} octets came`)
      await file.sync()
      return { kind: 'fetched', size, sha256: await sha256Of(part), ...version }
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (end.aborted) throw passing('it took too long')
    throw stall.signal.aborted ? stall.signal.reason : explain(cause as Error)
  } finally {
    clearTimeout(timer)
    response?.body.destroy()
  }
}

/** Headers that ask for a file only when it is another than the one that is there. */
function askingForNews(known: DownloadOptions['known']): Record<string, string> {
  return {
    ...(known?.etag && { 'if-none-match': known.etag }),
    ...(known?.lastModified && { 'if-modified-since': known.lastModified }),
  }
}

/** Headers that ask for the rest of a file. */
function askingForRest({ octets, validator }: BegunPart): Record<string, string> {
  return { range: `bytes=${octets}-`, 'if-range': validator }
}

/** Writes the body after what is there; returns the size of the file. */
async function receive(
  { body }: FileResponse,
  file: FileHandle,
  offset: number,
  onOctets: (octets: number) => void,
): Promise<number> {
  let octets = offset
  for await (const chunk of body as AsyncIterable<Buffer>) {
    await file.writeFile(chunk)
    octets += chunk.length
    onOctets(octets)
  }
  return octets
}

/** Whether a body is worth reading: a part is, where a part was asked for. */
function checkResponse({ status, statusText, headers }: FileResponse, resumed: boolean): void {
  if (status === 200 || resumed) return
  if (status === 206)
    throw new Error('the server sends a part of the file (206), though all of it was asked for')
  const reason = `the server answers ${status}${statusText === '' ? '' : ` ${statusText}`}`
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const seconds = Number(headers['retry-after'] ?? 0)
    throw passing(reason, Number.isNaN(seconds) ? 0 : Math.min(seconds * 1000, LONGEST_WAIT_MS))
  }
  throw new Error(reason)
}

interface Version {
  readonly etag: string | null
  readonly lastModified: string | null
}

function versionOf({ headers }: FileResponse): Version {
  return { etag: headers.etag ?? null, lastModified: headers['last-modified'] ?? null }
}

function contentLength({ headers, isEncoded }: FileResponse): number | null {
  // What the server encodes nevertheless is decoded already, and has another length.
  const length = headers['content-length']
  return length === undefined || isEncoded ? null : Number(length)
}

/** Whether a part of a file begins where it was asked to. */
function continues({ headers }: FileResponse, octets: number): boolean {
  return new RegExp(`^bytes ${octets}-`).test(headers['content-range'] ?? '')
}

interface BegunPart {
  readonly octets: number
  readonly version: Version
  /** What tells the server which version the part is of. */
  readonly validator: string
}

/** What an earlier attempt has left, if the server can be asked for the rest. */
function begunPart(url: string, part: string): BegunPart | null {
  try {
    const octets = fileStats(part)?.size ?? 0
    const { source, ...version } = JSON.parse(readText(`${part}.json`)) as Noted
    const { etag, lastModified } = version
    // A weak ETag won't do: the file may be another octet for octet.
    const validator = etag !== null && !etag.startsWith('W/') ? etag : lastModified
    return octets > 0 && source === keyOfUrl(url) && validator !== null
      ? { octets, version, validator }
      : null
  } catch {
    return null
  }
}

/** The source is the key of its URL. */
type Noted = Version & { readonly source: string }

/** Notes which version the part is of. */
function noteVersion(url: string, part: string, version: Version): void {
  const noted: Noted = { source: keyOfUrl(url), ...version }
  writeText(`${part}.json`, JSON.stringify(noted))
}
