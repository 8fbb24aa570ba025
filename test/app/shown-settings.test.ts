// The settings that a page shows: those that were set, and no secret of them.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { shownSettings } from '../../src/app/shown-settings.ts'
import { loadSettings } from '../../src/config/load.ts'
import { temporaryFolder } from '../support/folders.ts'

function shownOf(lines: string): { file: string; shown: ReturnType<typeof shownSettings> } {
  const file = join(temporaryFolder(), 'asnzone.yaml')
  writeFileSync(file, lines)
  return { file, shown: shownSettings(loadSettings({ configFile: file, environment: {} })) }
}

test('what is as it comes is not shown', () => {
  expect(shownSettings(loadSettings({ environment: {}, configFile: undefined }))).toEqual([])
  expect(shownOf('max-age: 45d\nlisten: ["127.0.0.1:5300", "[::1]:5300"]\n').shown).toEqual([])
})

test('each kind of value, and where it stands', () => {
  const { file, shown } = shownOf(
    [
      'listen: 127.0.0.1:5301',
      'allow: [192.0.2.0/24, "2001:db8::/32"]',
      'here: 52.52,13.40',
      'stats: true',
      'workers: 3',
      'score: { default: -5 }',
    ].join('\n'),
  )
  expect(shown).toEqual([
    { name: 'listen', value: '127.0.0.1:5301', place: `${file}:1` },
    { name: 'allow', value: '192.0.2.0/24, 2001:db8::/32', place: `${file}:2` },
    { name: 'here', value: '52.52, 13.4', place: `${file}:3` },
    { name: 'score', value: null, place: `${file}:6` },
    { name: 'stats', value: 'true', place: `${file}:4` },
    { name: 'workers', value: '3', place: `${file}:5` },
  ])
})

test('no secret is shown', () => {
  const { shown } = shownOf(
    [
      'http: 127.0.0.1:8053',
      'http-token: SECRET-0123456789abcdef',
      'cookie-secret: 5ec4e70123456789abcdef0123456789',
      'feed-url: https://user:SECRET@mirror.example/data',
      'sources: [{ what: asn, format: ip-location-db, from: "https://x.example/a.csv?key=SECRET" }]',
      'policy:',
      '  listen: [127.0.0.1:4646]',
      '  http: 127.0.0.1:8180',
      '  http-token: SECRET-0123456789abcdef',
    ].join('\n'),
  )
  expect(JSON.stringify(shown)).not.toMatch(/SECRET|5ec4e7/)
  expect(shown.map(({ name, value }) => [name, value])).toEqual([
    ['sources', null],
    ['feed-url', 'https://mirror.example/data'],
    ['http', '127.0.0.1:8053'],
    ['http-token', null],
    ['cookie-secret', null],
    ['policy', null],
  ])
})
