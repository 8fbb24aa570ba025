// Asks for a file over HTTP and goes where the server redirects to, as far as that is safe.
//
// A server of data is not trusted: each hop is checked, by the address that is connected to and not by its name, so
// that neither a redirection nor a name that changes its address reaches what only this host can.

import { lookup as dnsLookup, type LookupAddress } from 'node:dns'
import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { Readable } from 'node:stream'
import { createBrotliDecompress, createUnzip } from 'node:zlib'
import { nameOfUrl, withoutUser } from '../../sources/source-url.ts'
import { type Environment, proxyFor, requestThrough } from './proxy.ts'
import { sent } from './sent.ts'
import { kindOfTarget, mayLeadTo, type TargetKind, withoutBrackets } from './target.ts'

/** How often a server may redirect. */
const MAX_REDIRECTS = 5

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** What a request is sent with. */
export interface RequestOptions {
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Finds the addresses of a name; that of the system when not given. */
  readonly resolve?: typeof dnsLookup.__promisify__
  /** Judges an address; `kindOfTarget` when not given. */
  readonly kindOf?: typeof kindOfTarget
  /** Names the proxies; the process's own when not given. */
  readonly environment?: Environment
}

/** The answer to a request, where it was found in the end. */
export interface FileResponse {
  readonly status: number
  readonly statusText: string
  readonly headers: IncomingHttpHeaders
  /** Whether the body comes packed, so that its length is not that of the file. */
  readonly isEncoded: boolean
  /** Unpacked. To leave it unread, destroy it. */
  readonly body: Readable
}

/**
 * Asks for a URL. User information in it becomes an Authorization header, which goes to its own origin only.
 *
 * @throws {Error} with the reason: with a code from the network, without one when a redirection must not be followed.
 */
export async function requestFile(first: string, options: RequestOptions): Promise<FileResponse> {
  let { url, authorization } = withoutUser(first)
  let firstKind: TargetKind | null = null
  for (let redirects = 0; ; redirects++) {
    const headers = { ...options.headers, ...(authorization !== null && { authorization }) }
    const { response, kind } = await requestHop(url, headers, firstKind, options)
    firstKind ??= kind
    const status = response.statusCode ?? 0
    const { location } = response.headers
    if (!REDIRECTS.has(status) || location === undefined) return fileResponse(response)
    response.destroy()
    if (redirects === MAX_REDIRECTS) throw new Error(`it redirects more than ${MAX_REDIRECTS} times`)
    const next = nextUrl(location, url)
    // What was given for one server is nothing for another; it isn't sent again when the way leads back.
    if (next.origin !== url.origin) authorization = null
    url = next
  }
}

function nextUrl(location: string, from: URL): URL {
  if (!URL.canParse(location, from.href)) throw new Error('it redirects to what is not a URL')
  const { url } = withoutUser(new URL(location, from).href)
  const name = nameOfUrl(url.href)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Error(`it leads to ${name}, which is not fetched`)
  }
  if (from.protocol === 'https:' && url.protocol === 'http:') {
    throw new Error(`it leads to ${name}, which is not encrypted`)
  }
  return url
}

/**
 * @param firstKind what the first URL led to; null for the first URL itself, which may lead anywhere
 * @returns the response, and what kind of target it is of
 */
async function requestHop(
  url: URL,
  headers: Readonly<Record<string, string>>,
  firstKind: TargetKind | null,
  { signal, resolve, kindOf = kindOfTarget, environment = process.env }: RequestOptions,
): Promise<{ readonly response: IncomingMessage; readonly kind: TargetKind }> {
  const checkAddress = (address: string): void => {
    const kind = kindOf(address)
    if (firstKind === null || mayLeadTo(kind, firstKind)) return
    throw new Error(`it leads to ${nameOfUrl(url.href)}, which is ${kind} (${address})`)
  }
  const host = withoutBrackets(url.hostname)
  // Only names are looked up.
  if (isIP(host) !== 0) checkAddress(host)
  const proxy = proxyFor(url, environment)
  if (proxy !== null) {
    // Names are looked up by the proxy, which reaches nothing that only this host can.
    const response = await requestThrough(proxy, url, { headers, signal })
    return { response, kind: isIP(host) === 0 ? 'public' : kindOf(host) }
  }
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  const lookup = checkedLookup(checkAddress, resolve)
  const request = send(url, { headers, signal, lookup, agent: false })
  // A connection that is closed has no address any more.
  let connectedTo = ''
  request.once('socket', (socket) =>
    socket.once('connect', () => {
      connectedTo = socket.remoteAddress ?? ''
    }),
  )
  const [response] = await sent<[IncomingMessage]>(request, 'response')
  return { response, kind: kindOf(connectedTo) }
}

/** Looks a name up for a socket, which then connects to no other address than what was checked here. */
function checkedLookup(
  checkAddress: (address: string) => void,
  resolve: RequestOptions['resolve'],
): LookupFunction {
  return (hostname, options, callback) => {
    const done = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[] = []): void => {
      try {
        if (error !== null) throw error
        for (const { address } of addresses) checkAddress(address)
        if (options.all === true) callback(null, addresses)
        else callback(null, addresses[0].address, addresses[0].family)
      } catch (refusal) {
        callback(refusal as NodeJS.ErrnoException, [])
      }
    }
    const all = { ...options, all: true as const }
    if (resolve === undefined) dnsLookup(hostname, all, done)
    else resolve(hostname, all).then((addresses) => done(null, addresses), done)
  }
}

function fileResponse(response: IncomingMessage): FileResponse {
  const { headers, statusCode: status = 0, statusMessage: statusText = '' } = response
  const encoding = headers['content-encoding']?.trim().toLowerCase() || 'identity'
  // What is no file is left unread, however it is packed.
  const body = status === 200 || status === 206 ? decode(response, encoding) : response
  // Whoever reads it is told, however late that begins; without a listener until then, it would end this process.
  body.on('error', () => {})
  return {
    status,
    statusText,
    headers,
    isEncoded: encoding !== 'identity',
    body,
  }
}

/** Unpacks what a server packs although it was asked not to. */
function decode(response: IncomingMessage, encoding: string): Readable {
  if (encoding === 'identity') return response
  const unpacker = /^(x-)?gzip$|^deflate$/.test(encoding)
    ? createUnzip()
    : encoding === 'br'
      ? createBrotliDecompress()
      : null
  if (unpacker === null) {
    response.destroy()
    throw new Error(`it comes packed in a way that was not asked for (${encoding})`)
  }
  response.once('error', (error) => unpacker.destroy(error))
  // Without a reader of the file nobody sends it.
  unpacker.once('close', () => response.destroy())
  return response.pipe(unpacker)
}
