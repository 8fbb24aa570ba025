// SHA-256 sums that are published beside a file: `<64 hexadecimal digits>  <file name>`.

import { AsnzoneError } from '../../../errors.ts'

/**
 * The sum in the text of a checksum file, in lower case: of the line that names the file, or of the only line.
 *
 * @throws {AsnzoneError} `ASNZONE_FETCH` when there is none.
 */
export function readChecksum(text: string, file: string, url: string): string {
  const lines = text.split('\n').flatMap((line) => {
    const found = /^([\da-f]{64})(?:\s+[ *]?(\S.*))?$/i.exec(line.trim())
    return found === null ? [] : [{ sum: found[1].toLowerCase(), name: found[2] }]
  })
  const sum = lines.find(({ name }) => name?.endsWith(file)) ?? (lines.length === 1 ? lines[0] : undefined)
  if (sum === undefined || (sum.name !== undefined && !sum.name.endsWith(file))) {
    throw new AsnzoneError('ASNZONE_FETCH', `${url}: no SHA-256 sum of ${file} in it`)
  }
  return sum.sum
}
