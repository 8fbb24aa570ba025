// docs/conformance.md against the tests that it names.

import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { codeSpans, firstTable, projectPath, readDocument, section } from './markdown.ts'

const manual = readDocument('docs/conformance.md')

const rows = ['The message', 'Answers', 'EDNS', 'Transport'].flatMap((heading) =>
  firstTable(section(manual, heading)).map(([rfcs, behaviour, tests]) => ({
    rfcs: rfcs.match(/RFC \d+/g) ?? [],
    title: `${rfcs}: ${behaviour}`,
    files: codeSpans(tests),
  })),
)

test('there are rows', () => {
  expect(rows.length).toBeGreaterThan(40)
})

describe.each(rows)('$title', ({ rfcs, files }) => {
  test('is tested, in files that there are', () => {
    expect(files).not.toEqual([])
    expect(files.filter((file) => !existsSync(projectPath(file)))).toEqual([])
  })

  test('and they name each RFC', () => {
    const texts = files.map(readDocument).join('\n')
    expect(rfcs).not.toEqual([])
    expect(rfcs.filter((rfc) => !texts.includes(rfc))).toEqual([])
  })
})

test.each(['test/server/conformance', 'test/support/protocol-suite'])(
  'every file in %s is named',
  (folder) => {
    const named = codeSpans(manual)
    const files = readdirSync(projectPath(folder)).map((file) => `${folder}/${file}`)
    expect(files.filter((file) => !named.includes(file))).toEqual([])
  },
)

test('files that only register tests, for others to run, are called suites', () => {
  const files = readdirSync(projectPath('test'), { recursive: true, encoding: 'utf8' })
  const registering = files.filter((file) => {
    // Haraka is installed below test/consumers/, with tests of its own.
    if (!file.endsWith('.ts') || /\.(test|suite)\.ts$/.test(file) || file.includes('node_modules'))
      return false
    // At the margin: a helper that a test calls with its own title may register one, too.
    return /^ {0,2}(?:describe|test)(?:\.each|\.concurrent)?\(/m.test(readDocument(`test/${file}`))
  })
  expect(registering).toEqual([])
})
