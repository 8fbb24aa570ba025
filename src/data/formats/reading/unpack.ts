// Opens a data file as a stream of bytes: plain, gzip or bzip2, told apart by their first octets.

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, createReadStream, readSync } from 'node:fs'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { AsnzoneError } from '../../../errors.ts'
import { fileReason } from '../../../system/file-reason.ts'
import { onceLookedAt } from '../../../system/first-octets.ts'
import { openNamed } from '../../../system/safe-file.ts'
import type { Limits } from '../../compile/limits.ts'
import { FIRST_OCTETS, type FileKind, wrongKind } from './wrong-kind.ts'

const CHUNK_OCTETS = 1 << 20
const MEGABYTE = 1 << 20

/** How much of what bzip2 complains of is kept; the first line is told. */
const MAX_COMPLAINT = 4096

/**
 * The unpacked bytes of a file. What is not data file by its first octets, such as an archive, is refused.
 *
 * @param name the file's name for error messages
 * @throws {AsnzoneError} `ASNZONE_DATA` when the file can't be read or unpacked, or holds too much.
 */
export async function* unpack(
  name: string,
  path: string,
  { maxOctets }: Pick<Limits, 'maxOctets'>,
  kind: FileKind = 'binary',
): AsyncGenerator<Buffer, void, undefined> {
  let octets = 0
  const check = (begin: Buffer): void => {
    const is = wrongKind(begin, kind)
    if (is !== null) throw wrong(name, `is ${is}`)
  }
  try {
    for await (const chunk of onceLookedAt(streamOf(openNamed(path)), FIRST_OCTETS, check)) {
      octets += chunk.length
      if (octets > maxOctets) {
        const limit = `${Math.round(maxOctets / MEGABYTE)} MB`
        throw wrong(name, `unpacks to more than ${limit}; raise max-size if that is right`)
      }
      yield chunk
    }
  } catch (cause) {
    if (cause instanceof AsnzoneError) throw cause
    const { message } = cause as Error
    // What is not gzip from its beginning on isn't taken for one.
    const isBehind = message === 'incorrect header check'
    throw wrong(
      name,
      isBehind ? 'something follows its gzip data; pack or fetch it again' : fileReason(cause),
      cause,
    )
  }
}

type Packing = 'none' | 'gzip' | 'bzip2'

function packingOf(fd: number): Packing {
  const first = Buffer.alloc(3)
  readSync(fd, first, 0, first.length, 0)
  if (first[0] === 0x1f && first[1] === 0x8b) return 'gzip'
  return first.toString('latin1') === 'BZh' ? 'bzip2' : 'none'
}

/** The octets of an open file, which is closed when they have been read. */
function streamOf(fd: number): AsyncIterable<Buffer> {
  const packing = packingOf(fd)
  if (packing === 'bzip2') return bunzip2(fd)
  const file = createReadStream('', { fd, start: 0, highWaterMark: CHUNK_OCTETS })
  // The callback is there because an error without one is thrown; it comes out of the iteration as well.
  return packing === 'none' ? file : pipeline(file, createGunzip({ chunkSize: CHUNK_OCTETS }), () => {})
}

/** Node has no bzip2, and the one on the system is faster than any in JavaScript. */
async function* bunzip2(fd: number): AsyncGenerator<Buffer, void, undefined> {
  const child = spawn('bzip2', ['-dc'], { stdio: [fd, 'pipe', 'pipe'] }) as ChildProcessByStdio<
    null,
    Readable,
    Readable
  >
  closeSync(fd)
  const ended = once(child, 'close').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause
    throw new Error('is packed with bzip2, which is not installed; install bzip2 or unpack the file', {
      cause,
    })
  })
  // Looked at below; without this a failure that comes first would end the process.
  ended.catch(() => {})
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (complaint.length < MAX_COMPLAINT) complaint += text
  })
  try {
    yield* child.stdout as AsyncIterable<Buffer>
    const [code] = (await ended) as [number | null]
    if (code !== 0) throw new Error(bzip2Reason(complaint, code))
  } finally {
    child.kill()
  }
}

function bzip2Reason(complaint: string, code: number | null): string {
  if (/ends unexpectedly/.test(complaint))
    return 'its bzip2 data ends too early: it was cut off; fetch it again'
  if (/integrity|bad magic|not a bzip2 file|trailing garbage/.test(complaint)) {
    return 'its bzip2 data is damaged; fetch it again'
  }
  return complaint.trim().split('\n')[0] || `bzip2 ended with ${code}`
}

function wrong(name: string, reason: string, cause?: unknown): AsnzoneError {
  return new AsnzoneError('ASNZONE_DATA', `${name}: ${reason}`, { cause })
}
