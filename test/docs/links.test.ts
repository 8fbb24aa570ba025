// Links between documents, and the paths that they name, lead somewhere.

import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { anchors, codeSpans, projectPath, readDocument } from './markdown.ts'

/** What runs of programs make; it need not be there. */
const generated = readDocument('.gitignore').split('\n')

const documents = [
  ...readdirSync(projectPath('.')).filter((name) => name.endsWith('.md')),
  ...readdirSync(projectPath('docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

describe.each(documents)('%s', (document) => {
  const text = readDocument(document)
  const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link]) => link)

  test('links', () => {
    const broken = links.filter((link) => {
      const [path, anchor] = link.split('#')
      const target = path === '' ? document : join(dirname(document), path)
      if (!existsSync(projectPath(target))) return true
      return anchor !== undefined && !anchors(readDocument(target)).includes(anchor)
    })
    expect(broken).toEqual([])
  })

  test('paths of the project', () => {
    const paths = codeSpans(text).filter((code) =>
      /^(src|zones|test|bench|data|scripts|docs|\.ci)\/[\w./-]*$/.test(code),
    )
    const missing = paths.filter((path) => !existsSync(projectPath(path)) && !generated.includes(path))
    expect(missing).toEqual([])
  })
})
