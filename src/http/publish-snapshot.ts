// Hands out what asnzone build has written: the manifest, its signature and the packed snapshots, and nothing else that
// may lie in that directory.
//
// A manifest is short and asked for again and again; a packed snapshot is never changed, is read from the disk a chunk
// at a time as its reader takes it, and can be gone on with where a download was cut off.

import { createHash } from 'node:crypto'
import { closeSync, fstatSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from 'hono'
import {
  MANIFEST_NAME,
  MOST_MANIFEST,
  MOST_SIGNATURE,
  PACKED_NAME,
  SIGNATURE_SUFFIX,
} from '../data/snapshot/published-names.ts'
import { openForReading, readText } from '../system/safe-file.ts'
import type { HttpEnvironment } from './access.ts'
import { hasTag } from './etag.ts'

/** Octets that are read at a time: so few that other requests don't notice. */
const CHUNK_OCTETS = 64 << 10

/** For how long who is in between may keep each: a minute, and for ever. */
const MANIFEST_CACHE = 'max-age=60'
const PACKED_CACHE = 'max-age=31536000, immutable'

/** The files of one directory. */
export class SnapshotFiles {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Answers a request for a file, whether there is one or not. */
  answer(context: Context<HttpEnvironment>, name: string): Response {
    const path = join(this.#directory, name)
    try {
      if (PACKED_NAME.test(name)) return answerPacked(context, name, openForReading(path))
      if (name === MANIFEST_NAME)
        return answerShort(context, readText(path, MOST_MANIFEST), 'application/json')
      if (name === `${MANIFEST_NAME}${SIGNATURE_SUFFIX}`) {
        return answerShort(context, readText(path, MOST_SIGNATURE), 'text/plain; charset=utf-8')
      }
    } catch {
      // There is none, or it is something else than a file of ours.
    }
    return context.json({ error: `no ${name} is published` }, 404)
  }
}

function answerShort(context: Context, text: string, type: string): Response {
  const tag = `"${createHash('sha256').update(text).digest('hex').slice(0, 16)}"`
  const headers = { etag: tag, 'cache-control': MANIFEST_CACHE, 'content-type': type }
  if (hasTag(context, tag)) return context.body(null, 304, headers)
  return context.body(text, 200, headers)
}

/** The name tells the contents, so that it is the ETag. */
function answerPacked(context: Context<HttpEnvironment>, name: string, fd: number): Response {
  const { size } = fstatSync(fd)
  const tag = `"${name.replace(/\..*/, '')}"`
  const headers = { etag: tag, 'cache-control': PACKED_CACHE, 'accept-ranges': 'bytes' }
  const from = startOf(context, tag, size)
  const whole = { ...headers, 'content-type': 'application/gzip', 'content-length': String(size - from) }
  const isHead = context.req.method === 'HEAD'
  if (hasTag(context, tag) || isHead) {
    closeSync(fd)
    return isHead ? context.body(null, 200, whole) : context.body(null, 304, headers)
  }
  // Who has got less than was announced notices by that.
  const body = streamOf(fd, from, size, () => context.env.outgoing.destroy())
  if (from === 0) return context.body(body, 200, whole)
  return context.body(body, 206, { ...whole, 'content-range': `bytes ${from}-${size - 1}/${size}` })
}

/** Where the reader wants to go on (RFC 9110 14.2); 0 for any other kind of range, which is then answered whole. */
function startOf(context: Context, tag: string, size: number): number {
  const start = Number(/^bytes=(\d{1,12})-$/.exec(context.req.header('range') ?? '')?.[1] ?? 0)
  const isSame = [undefined, tag].includes(context.req.header('if-range'))
  return isSame && start < size && context.req.method === 'GET' ? start : 0
}

/**
 * The file from a position on, which is closed in the end.
 *
 * @param onShort told when it has become shorter meanwhile
 */
function streamOf(
  fd: number,
  from: number,
  size: number,
  onShort: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = from
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull: (controller) => {
        const chunk = new Uint8Array(Math.min(CHUNK_OCTETS, size - at))
        const length = chunk.length === 0 ? 0 : readSync(fd, chunk, 0, chunk.length, at)
        at += length
        if (length > 0) controller.enqueue(chunk.subarray(0, length))
        if (at < size && length > 0) return
        closeSync(fd)
        controller.close()
        if (at < size) onShort()
      },
      cancel: () => closeSync(fd),
    },
    { highWaterMark: 0 },
  )
}
