// The files of the pages, read once: whatever is asked for later can't lead to another file.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Context } from 'hono'

/** The pages and what belongs to them. */
const DIRECTORY = fileURLToPath(new URL('../../web/', import.meta.url))

/** The path of the page of an AS or a country. */
export const HOLDINGS = '/holdings'

/** The names of pages, without which they are asked for. */
const PAGES: Readonly<Record<string, string>> = {
  '/index.html': '/',
  '/lookup.html': '/lookup',
  '/statistics.html': '/statistics',
  '/policy.html': '/policy',
  '/holdings.html': HOLDINGS,
}

/** What is shown for a page that there is not. */
const MISSING = 'missing.html'

/** Files of packages, by the path that pages ask for. */
const LIBRARIES: Readonly<Record<string, string>> = {
  '/vendor/uplot.js': 'uplot/dist/uPlot.esm.js',
  '/vendor/uplot.css': 'uplot/dist/uPlot.min.css',
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** A file as it is sent. */
interface StaticFile {
  readonly type: string
  readonly tag: string
  readonly plain: Buffer<ArrayBuffer>
  /** Packed when it is asked for first: all of them together would hold up the start of the thread. */
  packed: Buffer<ArrayBuffer> | null
}

/** The files of the pages, by their paths. */
export class StaticFiles {
  readonly #files = new Map<string, StaticFile>()
  readonly #missing = readStatic(join(DIRECTORY, MISSING))

  /** @throws {Error} of the file system when one is missing. */
  constructor() {
    for (const name of readdirSync(DIRECTORY)) {
      if (name === MISSING || !(extname(name) in TYPES)) continue
      this.#files.set(PAGES[`/${name}`] ?? `/${name}`, readStatic(join(DIRECTORY, name)))
    }
    const { resolve } = createRequire(import.meta.url)
    for (const [path, module] of Object.entries(LIBRARIES)) this.#files.set(path, readStatic(resolve(module)))
  }

  /** The paths of all files. */
  get paths(): string[] {
    return [...this.#files.keys()]
  }

  /** Answers a request for a file that there is. */
  answer(context: Context, path: string): Response {
    const file = this.#files.get(path)
    if (file === undefined) throw new Error(`no file ${path}`)
    const { type, tag, plain } = file
    // Asked for again each time: after an update of asnzone the old script must not meet the new page.
    const headers = { 'content-type': type, etag: tag, 'cache-control': 'no-cache', vary: 'accept-encoding' }
    if (context.req.header('if-none-match') === tag) return context.body(null, 304, headers)
    const takesGzip = /\bgzip\b/.test(context.req.header('accept-encoding') ?? '')
    if (!takesGzip) return context.body(plain, 200, headers)
    file.packed ??= gzipSync(plain)
    return context.body(file.packed, 200, { ...headers, 'content-encoding': 'gzip' })
  }

  /** Answers a browser that asks for what there is not. */
  answerMissing(context: Context): Response {
    const { type, plain } = this.#missing
    return context.body(plain, 404, { 'content-type': type, 'cache-control': 'no-store' })
  }
}

function readStatic(file: string): StaticFile {
  const plain = readFileSync(file)
  const tag = `"${createHash('sha256').update(plain).digest('hex').slice(0, 16)}"`
  return { type: TYPES[extname(file)], tag, plain, packed: null }
}
