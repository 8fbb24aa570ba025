// The recipes that asnzone init prints for resolvers are those of docs/consumers/resolvers.md, which the tests run.

import { describe, expect, test } from 'vitest'
import { forwardedNames } from '../../src/config/forwarded-names.ts'
import { RESOLVERS, type RecipeFile, resolverNames } from '../../src/config/resolver-recipes.ts'
import { readDocument } from '../docs/markdown.ts'
import { temporaryFolder } from '../support/folders.ts'

const page = readDocument('docs/consumers/resolvers.md')
/** The names of the table on the page, in its order. */
const NAMES = [...page.matchAll(/^\| (`[a-z0-9.`, ]+`) +\|/gm)].flatMap(([, cell]) =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
)

test('the page has the names that are sent by default', () => {
  const names = forwardedNames({ zones: undefined, disable: [], domain: 'asnzone.internal' })
  expect([...names].sort()).toEqual([...NAMES].sort())
})

describe.each(resolverNames)('%s', (name) => {
  const { label, files, afterwards } = RESOLVERS[name]
  const [, section = ''] = page.split(new RegExp(`^## ${label}$`, 'm'))
  const [own] = section.split(/^## /m)
  const on = (of: { host: string; port: number; names?: readonly string[] }): readonly RecipeFile[] =>
    files({ names: NAMES, ...of })

  test('each file is on the page as it is printed', () => {
    for (const { path, text } of on({ host: '127.0.0.1', port: 5300 })) {
      const shown = [...own.matchAll(/^`([^`]+)`[^\n]*:\n\n```[a-z]*\n(.*?)^```$/gms)]
      expect(shown.find(([, of]) => of === path)?.[2]).toBe(text)
    }
    for (const command of afterwards.split(' && ')) expect(own).toContain(`\`${command}\``)
  })

  test('another address, another port, other names', () => {
    const texts = on({ host: '::1', port: 5353, names: ['example.org'] }).map(({ text }) => text)
    const all = texts.join('')
    expect(all).not.toMatch(/127\.0\.0\.1[@#:]|127\.0\.0\.1 port|5300|cymru/)
    expect(all).toMatch(/::1@5353|::1#5353|\[::1\]:5353|::1 port 5353/)
    for (const text of texts) expect(text).toMatch(/example\.org|\[Resolve\]/)
  })
})

test('zones of one’s own are sent as well, what is disabled is not, and nothing that is below another name', () => {
  const zones = temporaryFolder({
    'own.yaml':
      'zones:\n  own:\n    apex: [own.example, below.own.example]\n    owner: ip\n    txt: "{asn}"\n    example: { ask: 8.8.8.8, type: TXT, answer: "15169" }\n' +
      '  lists:\n    apex: "{cc}.lists.example"\n    owner: ip\n    country: "{cc}"\n    a: 127.0.0.2\n    example: { ask: 8.8.8.8, cc: us, type: A, answer: 127.0.0.2 }\n',
  })
  const names = forwardedNames({ zones, disable: ['nerd-dk', 'cymru'], domain: 'asn.example.net' })
  expect([...names].sort()).toEqual(
    [
      'asn.example.net',
      'own.example',
      'lists.example',
      ...NAMES.filter((name) => !/internal|cymru|nerd/.test(name)),
    ].sort(),
  )
})
