// Refuses a stream that was compressed: its lines are no lines, and nothing would be learned of them without a word.

import { onceLookedAt } from '../system/first-octets.ts'

/** How a kind begins, and what unpacks it to standard output. */
const KINDS: readonly { readonly magic: string; readonly kind: string; readonly unpack: string }[] = [
  { magic: '\x1f\x8b', kind: 'gzip', unpack: 'zcat' },
  { magic: '\xfd7zXZ\0', kind: 'xz', unpack: 'xzcat' },
  { magic: '\x28\xb5\x2f\xfd', kind: 'zstd', unpack: 'zstdcat' },
  // A text may begin with BZh as well: a block follows, or the end of an empty file.
  { magic: 'BZh1AY&SY', kind: 'bzip2', unpack: 'bzcat' },
  { magic: 'BZh\x17rE8P\x90', kind: 'bzip2', unpack: 'bzcat' },
]

/** Octets that are enough to tell. */
const FIRST_OCTETS = 10

/**
 * The octets of a stream as they are.
 *
 * @throws {Error} with the mend when the first of them are those of a compressed file; and of the stream.
 */
export const refuseCompressed = (stream: AsyncIterable<Buffer>): AsyncIterable<Buffer> =>
  onceLookedAt(stream, FIRST_OCTETS, refuse)

function refuse(first: Buffer): void {
  // How hard bzip2 has tried is of no interest.
  const begin = first.toString('latin1', 0, FIRST_OCTETS).replace(/^BZh[1-9]/, 'BZh')
  const found = KINDS.find(({ magic }) => begin.startsWith(magic))
  if (found === undefined) return
  throw new Error(`it is packed with ${found.kind}; unpack it: ${found.unpack} FILE | asnzone learn …`)
}
