// docs/decisions/: one page a decision, each of the same three sections, and each listed in docs/architecture.md.

import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { projectPath, readDocument, section } from './markdown.ts'

const files = readdirSync(projectPath('docs/decisions')).sort()

test('the decisions are numbered without a gap, and listed in docs/architecture.md with their titles', () => {
  const list = section(readDocument('docs/architecture.md'), 'Decisions')
  const listed = [...list.matchAll(/^(\d+)\. \[(.*)\]\(decisions\/(.*)\)$/gm)].map(
    ([, number, title, file]) => {
      expect(file).toMatch(new RegExp(`^${number.padStart(4, '0')}-[a-z\\d-]+\\.md$`))
      expect(readDocument(`docs/decisions/${file}`)).toMatch(new RegExp(`^# ${number}\\. ${title}\n`))
      return file
    },
  )
  expect(listed).toEqual(files)
  expect(files.map((file) => Number(file.slice(0, 4)))).toEqual(files.map((_, index) => index + 1))
})

describe.each(files)('%s', (file) => {
  const text = readDocument(`docs/decisions/${file}`)

  test('has context, decision and consequence, and is short', () => {
    expect([...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual([
      'Context',
      'Decision',
      'Consequence',
    ])
    for (const heading of ['Context', 'Decision', 'Consequence']) {
      expect(section(text, heading).trim(), heading).not.toBe('')
    }
    expect(text.split('\n').length).toBeLessThan(30)
  })
})
