// Each page of docs/consumers is linked in the README, and says what was tried and how to check it.

import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { projectPath, readDocument } from './markdown.ts'

const pages = readdirSync(projectPath('docs/consumers')).sort()

describe.each(pages)('docs/consumers/%s', (page) => {
  test('is linked in the README', () => {
    expect(readDocument('README.md')).toContain(`(docs/consumers/${page})`)
  })

  test('is run by a test', () => {
    // What has no page of its own is tried here and there.
    if (page === 'other-tools.md') return
    expect(existsSync(projectPath(`test/consumers/${page.replace('.md', '.test.ts')}`))).toBe(true)
  })
})
