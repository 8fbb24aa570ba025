// Published SHA-256 sums.

import { expect, test } from 'vitest'
import { readChecksum } from '../../../../src/data/update/fetch/checksum.ts'

const A = 'a'.repeat(64)
const B = 'b'.repeat(64)

test.each([
  ['the form of sha256sum', `${A}  data.csv\n`],
  ['binary mode', `${A} *data.csv\n`],
  ['a lone sum, in capitals', A.toUpperCase()],
  ['CR LF', `${A}  data.csv\r\n`],
  ['a path', `${A}  ./out/data.csv\n`],
  ['several files', `${B}  other.csv\n${A}  data.csv\n`],
  ['other lines around it', `# sums\n\n${A}  data.csv\n`],
])('%s', (_name, text) => {
  expect(readChecksum(text, 'data.csv', 'https://a.test/x')).toBe(A)
})

test.each([
  ['nothing', ''],
  ['another file', `${A}  other.csv\n`],
  ['a page of HTML', '<html></html>'],
  ['a sum of another kind', `${'a'.repeat(40)}  data.csv\n`],
  ['two sums without names', `${A}\n${B}\n`],
])('refuses %s', (_name, text) => {
  expect(() => readChecksum(text, 'data.csv', 'https://a.test/x')).toThrow(
    'https://a.test/x: no SHA-256 sum of data.csv in it',
  )
})
