// Streams that were compressed are refused, in whatever pieces they come, and others come as they are.

import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { refuseCompressed } from '../../src/learn/compressed.ts'

/** All of a stream that comes in pieces of so many octets. */
async function all(octets: Buffer, size: number): Promise<string> {
  const pieces = Array.from({ length: Math.ceil(octets.length / size) }, (_, at) =>
    octets.subarray(at * size, (at + 1) * size),
  )
  const read: Buffer[] = []
  for await (const piece of refuseCompressed(Readable.from(pieces))) read.push(piece)
  return Buffer.concat(read).toString()
}

// «a» and the end of a line, by the programs themselves.
test.each([
  ['gzip', 'zcat', 'H4sIAAAAAAAAA0vkAgAHoerdAgAAAA=='],
  ['xz', 'xzcat', '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQABYQoAAAATRz+4k51F1AABGgLcLqV+H7bzfQEAAAAABFla'],
  ['zstd', 'zstdcat', 'KLUv/QRYEQAAYQpVyMwe'],
  ['bzip2', 'bzcat', 'QlpoOTFBWSZTWWM+1uIAAADBAAAQIAAgACEAgrF3JFOFCQYz7W4g'],
  ['bzip2', 'bzcat', 'QlpoORdyRThQkAAAAAA='],
])('%s', async (kind, unpack, octets) => {
  const packed = Buffer.from(octets, 'base64')
  for (const size of [1, 5, 1000]) {
    await expect(all(packed, size)).rejects.toThrow(
      `it is packed with ${kind}; unpack it: ${unpack} FILE | asnzone learn …`,
    )
  }
})

test.each(['', 'a', 'B', 'BZh\n', 'BZh9 8.8.8.8 spam\n', '1795767300 8.8.8.8 spam\n', '\u001f\n'])(
  '%j is not',
  async (text) => {
    for (const size of [1, 5, 1000]) expect(await all(Buffer.from(text), size)).toBe(text)
  },
)

test('a beginning that ends early is refused as well', async () => {
  await expect(all(Buffer.from([0x1f, 0x8b]), 1)).rejects.toThrow('zcat')
})
