// Tells by its first octets what a file is that is not data file: an archive, a web page and the like.

/** How many octets are enough: a tar archive says so in its 257th. */
export const FIRST_OCTETS = 512

const UNPACK = 'unpack it and name the file that is in it'
const PAGE = 'what was fetched is a page, not the file'

/** What a data file is to be. */
export type FileKind = 'text' | 'json' | 'binary'

/** The first octets of a kind of file, what it is and what to do. */
const KINDS: readonly (readonly [at: number, magic: string, is: string])[] = [
  [257, 'ustar', `a tar archive; ${UNPACK}`],
  [0, 'PK\x03\x04', `a zip archive; ${UNPACK}`],
  [0, 'PK\x05\x06', 'a zip archive with nothing in it'],
  [0, 'PK\x07\x08', `a part of a zip archive; ${UNPACK}`],
  [0, '\xfd7zXZ\0', 'packed with xz; unpack it, or pack it with gzip'],
  [0, '\x28\xb5\x2f\xfd', 'packed with zstd; unpack it, or pack it with gzip'],
  [0, '7z\xbc\xaf\x27\x1c', `a 7z archive; ${UNPACK}`],
  [0, 'Rar!', `a RAR archive; ${UNPACK}`],
  [0, '\x1f\x8b', 'packed with gzip twice; unpack it once'],
  [0, 'BZh', 'packed with bzip2 inside; unpack it'],
  [0, 'SQLite format 3\0', 'an SQLite database, which is not read'],
  [0, '%PDF-', 'a PDF document'],
]

/**
 * What is wrong with a file that begins so, if anything is.
 *
 * @param first its first octets, after it was unpacked; more do no harm
 * @param kind what it should be
 * @returns what it is, such as «a tar archive; unpack it …», or null when nothing speaks against it
 */
export function wrongKind(first: Buffer, kind: FileKind): string | null {
  const isText = kind !== 'binary'
  for (const [at, magic, is] of KINDS) {
    if (first.toString('latin1', at, at + magic.length) === magic) return is
  }
  const begin = first.subarray(0, FIRST_OCTETS)
  if (isText && /^(\xff\xfe|\xfe\xff)/.test(begin.toString('latin1', 0, 2))) {
    return 'text in UTF-16; write it as UTF-8'
  }
  if (isText && begin.includes(0)) return 'binary, no text; the format of a MaxMind DB file is mmdb'
  const text = begin
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()
  if (/^<(!doctype|html|head|body|\?xml|!--|error)/i.test(text)) return `a page of HTML or XML; ${PAGE}`
  const isJson = /^[{[]\s*("|\{|\[|\]|\})/.test(text)
  if (isJson && kind !== 'json') return 'JSON, which is read as format vrp-json alone'
  return null
}
