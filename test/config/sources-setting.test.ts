// The setting `sources`: what it may say, and refusals that name the line and the mend.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadSettings } from '../../src/config/load.ts'
import type { Settings } from '../../src/config/setting-values.ts'
import { fileNameOf } from '../../src/data/sources/plan.ts'
import { temporaryFolder } from '../support/folders.ts'

const folder = temporaryFolder()

function settingsOf(yaml: string): Settings {
  const configFile = join(folder, 'asnzone.yaml')
  writeFileSync(configFile, yaml)
  return loadSettings({ configFile })
}

describe('refuses', () => {
  const one = (lines: string): string =>
    `domain: x.internal\nsources:\n  - ${lines.replaceAll('\n', '\n    ')}\n`
  test.each([
    ['a source that is not a list', 'sources: 5\n', ':1: sources: 5 is not a list of sources'],
    [
      'an unknown key',
      one('what: asn\nformat: pfx2as\nfrm: x'),
      ":5: sources[0]: no such key as 'frm'; did you mean 'from'?",
    ],
    [
      'an unknown format',
      one('what: asn\nformat: tsv\nfrom: x'),
      ":4: sources[0].format: 'tsv' is not one of ip-location-db, csv, iptoasn",
    ],
    [
      'an unknown kind',
      one('what: as\nformat: pfx2as\nfrom: x'),
      ":3: sources[0].what: 'as' is not one of asn, country, registry",
    ],
    [
      'what a format does not tell',
      one('what: country\nformat: pfx2as\nfrom: x'),
      ':3: sources[0].what: a file of format pfx2as tells asn, not country',
    ],
    [
      'no from',
      one('what: asn\nformat: pfx2as'),
      ':3: sources[0].from: it is missing; write a URL, a path or npm:package/file',
    ],
    [
      'a scheme that is not fetched',
      one('what: asn\nformat: pfx2as\nfrom: ftp://x/y'),
      ":5: sources[0].from: 'ftp://x/y' is not an http or https URL",
    ],
    ...['../../etc/passwd', '../x', '.hidden/x', '@a/../../x', 'a/../../x', 'a/b/..', 'a'].map(
      (name): [string, string, string] => [
        `the package ${name}`,
        one(`what: asn\nformat: pfx2as\nfrom: npm:${name}`),
        `:5: sources[0].from: 'npm:${name}' is not npm:PACKAGE/FILE, such as`,
      ],
    ),
    [
      'a URL that is none',
      one("what: asn\nformat: pfx2as\nfrom: 'https://a b/'"),
      ":5: sources[0].from: 'https://a b/' is not",
    ],
    [
      'a refresh of a path',
      one('what: asn\nformat: pfx2as\nfrom: x\nrefresh: 1d'),
      ':6: sources[0].refresh: only what comes from a URL',
    ],
    [
      'a checksum of a path',
      one("what: asn\nformat: pfx2as\nfrom: x\nchecksum: 'https://x/y'"),
      ':6: sources[0].checksum: only what',
    ],
    [
      'a refresh that is not a duration',
      one('what: asn\nformat: pfx2as\nfrom: https://x/y\nrefresh: daily'),
      ":6: sources[0].refresh: 'daily' is not a duration such as 12h",
    ],
    ['a top-level refresh of nothing', 'refresh: 0d\n', ":1: refresh: '0d' is not a duration such as 12h"],
    ['an unknown feed', 'feed: npm\n', ':1: feed: '],
    ['a feed from a path', 'feed-url: /srv/data\n', ':1: feed-url: it is not an http or https URL'],
    [
      'a sentinel without AS',
      'sentinels: 8.8.8.8=15169\n',
      ":1: sentinels: '8.8.8.8=15169' has no field; its AS is written 8.8.8.8=AS15169",
    ],
  ])('%s', (_name, yaml, message) => {
    expect(() => settingsOf(yaml)).toThrow(`asnzone.yaml${message}`)
  })

  test('no data at all', () => {
    expect(() => settingsOf('# first\nfeed: none\n')).toThrow(
      "asnzone.yaml:2: feed: with 'none' there is no data",
    )
  })

  test('sources outside of the config file', () => {
    const load = () => loadSettings({ environment: { ASNZONE_SOURCES: 'x' } })
    expect(load).toThrow('ASNZONE_SOURCES: sources can be set in the config file only')
  })
})

test('sentinels may be none', () => {
  expect(settingsOf('sentinels: []\n').guard.sentinels).toEqual([])
  expect(settingsOf('sentinels: 9.9.9.9=AS19281\n').guard.sentinels).toEqual(['9.9.9.9=AS19281'])
})

test.each([
  ['https://example.net/a/b.csv?x=1', 'b.csv'],
  ['https://example.net/', 'index'],
  ['npm:@a/b/c.csv', 'c.csv'],
  ['/srv/x.csv', 'x.csv'],
  ['x%20y.csv', 'x y.csv'],
])('the file of %s is %s', (from, name) => {
  expect(fileNameOf(from)).toBe(name)
})
