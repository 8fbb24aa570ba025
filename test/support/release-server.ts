// A server on loopback that publishes files as GitHub's releases do, and fails in the ways that servers do.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { temporaryFolder } from './folders.ts'

/** What a server does with one request instead of answering it as it should. */
export type Fault =
  /** Answers with this status; `retryAfter` in seconds. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number }
  /** Breaks the connection behind so many octets of the body, which the client may not get all. */
  | { readonly kind: 'break'; readonly octets: number }
  /** The same when `received` is told that the client has them. */
  | { readonly kind: 'cut'; readonly octets: number }
  /** Sends so many octets of the body and then nothing. */
  | { readonly kind: 'stall'; readonly octets: number }
  /** Answers as it should, but not before `release` is called. */
  | { readonly kind: 'hold' }
  /** Sends an octet of the body now and then, without end. */
  | { readonly kind: 'trickle' }
  /** Answers as if it knew neither ranges nor lengths. */
  | { readonly kind: 'chunked' }
  /** Answers a range with another one. */
  | { readonly kind: 'wrong range' }
  /** Sends this body as it stands, with these headers. */
  | { readonly kind: 'body'; readonly body: Buffer; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'redirect'; readonly location: string }

/** A request that was answered. */
export interface SeenRequest {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly status: number
}

interface File {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** A running server; `faults` are used up one a request. */
export class ReleaseServer {
  readonly url: string
  /** The certificate to trust, for one that speaks TLS. */
  readonly certificate: string | null
  readonly requests: SeenRequest[] = []
  /** Called when a request comes in. */
  onRequest: () => void = () => {}
  readonly #files = new Map<string, File>()
  readonly #faults = new Map<string, Fault[]>()
  readonly #server: Server
  readonly #held: (() => void)[] = []
  #cut: { readonly at: number; readonly response: ServerResponse } | null = null

  private constructor(server: Server, url: string, certificate: string | null) {
    this.#server = server
    this.url = url
    this.certificate = certificate
  }

  static async start(options: { tls?: boolean } = {}): Promise<ReleaseServer> {
    let self: ReleaseServer | undefined
    const listener: RequestListener = (request, response) => self?.answer(request, response)
    const tls = options.tls === true ? makeCertificate() : null
    const server =
      tls === null
        ? createServer(listener)
        : createTlsServer({ key: tls.key, cert: tls.certificate }, listener)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    self = new ReleaseServer(
      server,
      `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}`,
      tls?.path ?? null,
    )
    return self
  }

  /** Publishes a file and its checksum, the way ip-location-db does. */
  publish(file: string, contents: string | Buffer, date = '2026-11-20T06:00:00Z'): void {
    const body = Buffer.from(contents as string)
    const sum = createHash('sha256').update(body).digest('hex')
    this.put(`/latest/${file}`, body, {
      etag: `"${sum.slice(0, 20)}"`,
      'last-modified': new Date(date).toUTCString(),
    })
    this.put(`/checksum/${file}.sha256`, `${sum}  ${file}\n`)
  }

  /** Puts a file at a path. */
  put(path: string, contents: string | Buffer, headers: Readonly<Record<string, string>> = {}): void {
    this.#files.set(path, { body: Buffer.from(contents as string), headers })
  }

  /** The next requests of a path meet these faults, one each. */
  fail(path: string, ...faults: Fault[]): void {
    this.#faults.set(path, [...(this.#faults.get(path) ?? []), ...faults])
  }

  /** Answers the requests that are held. */
  release(): void {
    for (const answer of this.#held.splice(0)) answer()
  }

  /** Told how much of a file a client has; breaks the connection where that is the place. */
  received(octets: number): void {
    if (this.#cut?.at === octets) this.#cut.response.destroy()
  }

  /** The requests of a path: their status, and the range that was asked for. */
  seen(path: string): string[] {
    return this.requests
      .filter((request) => request.path === path)
      .map(({ status, headers }) => `${status}${headers.range === undefined ? '' : ` ${headers.range}`}`)
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    this.onRequest()
    const path = request.url ?? ''
    response.once('close', () => {
      this.requests.push({ path, headers: request.headers, status: response.statusCode })
    })
    const fault = this.#faults.get(path)?.shift()
    const file = this.#files.get(path)
    if (fault?.kind === 'status') {
      if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter)
      response.writeHead(fault.status).end()
      return
    }
    if (fault?.kind === 'redirect') {
      response.writeHead(302, { location: fault.location }).end()
      return
    }
    if (fault?.kind === 'body') {
      response.writeHead(200, fault.headers).end(fault.body)
      return
    }
    if (fault?.kind === 'hold') {
      this.#held.push(() => this.answer(request, response))
      return
    }
    if (fault?.kind === 'trickle') {
      response.writeHead(200, { 'content-length': 1_000_000 })
      const timer = setInterval(() => response.write('x'), 10)
      response.once('close', () => clearInterval(timer))
      return
    }
    if (file === undefined) {
      response.writeHead(404).end()
      return
    }
    this.#send(file, request, response, fault)
  }

  #send(file: File, request: IncomingMessage, response: ServerResponse, fault: Fault | undefined): void {
    const { headers } = request
    const { etag, 'last-modified': lastModified } = file.headers
    const isKnown =
      headers['if-none-match'] === undefined
        ? lastModified !== undefined && headers['if-modified-since'] === lastModified
        : headers['if-none-match'] === etag
    if (isKnown) {
      response.writeHead(304, { ...(etag !== undefined && { etag }) }).end()
      return
    }
    if (fault?.kind === 'chunked') {
      response.writeHead(200, file.headers)
      response.write(file.body)
      response.end()
      return
    }
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
    const isSame =
      headers['if-range'] !== undefined && [etag, lastModified].includes(`${headers['if-range']}`)
    if (from > 0 && isSame && from >= file.body.length) {
      response.writeHead(416, { 'content-range': `bytes */${file.body.length}` }).end()
      return
    }
    const offset = from > 0 && isSame ? from : 0
    const body = file.body.subarray(offset)
    const first = fault?.kind === 'wrong range' ? offset + 1 : offset
    const range = { 'content-range': `bytes ${first}-${file.body.length - 1}/${file.body.length}` }
    const length = { 'content-length': String(body.length) }
    response.writeHead(offset > 0 ? 206 : 200, { ...file.headers, ...length, ...(offset > 0 && range) })
    if (fault?.kind !== 'break' && fault?.kind !== 'cut' && fault?.kind !== 'stall') {
      response.end(body)
      return
    }
    if (fault.kind === 'cut') this.#cut = { at: offset + fault.octets, response }
    response.write(body.subarray(0, fault.octets), () => {
      if (fault.kind === 'break') response.destroy()
    })
  }
}

let made: { key: string; certificate: string; path: string } | undefined

/** A certificate of 127.0.0.1 that signs itself; one for all servers of a test file. */
function makeCertificate(): { key: string; certificate: string; path: string } {
  if (made !== undefined && existsSync(made.path)) return made
  const folder = temporaryFolder()
  const [key, path] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:data.example']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  execFileSync(
    'openssl',
    ['req', '-x509', '-days', '2', ...curve, ...subject, '-keyout', key, '-out', path],
    {
      stdio: 'ignore',
    },
  )
  made = { key: readFileSync(key, 'utf8'), certificate: readFileSync(path, 'utf8'), path }
  return made
}
