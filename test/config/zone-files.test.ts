// Which zone files are read, which zones are disabled, and complaints about both.

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { PRESETS, readZoneDefinitions } from '../../src/config/zone-files.ts'
import { messageOf } from '../support/errors.ts'
import { temporaryFolder } from '../support/folders.ts'

const zoneFile = (...ids: string[]): string => {
  const zone = { apex: 'x.test', owner: 'none' }
  return JSON.stringify({ zones: Object.fromEntries(ids.map((id) => [id, zone])) })
}

const idsOf = (path?: string, disable: readonly string[] = []): string[] =>
  readZoneDefinitions(path, disable).map(({ id }) => id)

describe('files', () => {
  test('the presets', () => {
    const ids = idsOf()
    expect(ids).toEqual(
      expect.arrayContaining(['geo', 'origin', 'cymru-origin', 'rspamd-asn', 'routeviews', 'nerd-dk']),
    )
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('each preset says in a comment who reads it', () => {
    for (const name of readdirSync(PRESETS)) {
      expect(readFileSync(`${PRESETS}${name}`, 'utf8'), name).toMatch(/^# .*Readers[: ]/s)
    }
  })

  test("a user's own come after the presets, in alphabetical order, .yaml and .yml", () => {
    const path = temporaryFolder({
      'b.yml': zoneFile('own-b'),
      'a.yaml': zoneFile('own-a2', 'own-a1'),
      'notes.txt': 'no zone file',
      'c.yaml.bak': 'no zone file',
    })
    expect(idsOf(path)).toEqual([...idsOf(), 'own-a2', 'own-a1', 'own-b'])
  })

  test('what is not a file is refused, and not waited for', () => {
    const path = temporaryFolder({ 'a.yaml': zoneFile('own-a') })
    execFileSync('mkfifo', [`${path}/b.yaml`])
    expect(messageOf('ASNZONE_ZONE', () => idsOf(path))).toBe(
      `${path}/b.yaml: it is not a file; remove it from the directory of zones`,
    )
  })

  test('an empty folder', () => {
    expect(idsOf(temporaryFolder({}))).toEqual(idsOf())
  })
})

describe('disable', () => {
  test('a preset by its file, a zone by its name', () => {
    const ids = idsOf(undefined, ['cymru', 'rspamd-asn6'])
    expect(ids).not.toContain('cymru-origin')
    expect(ids).not.toContain('cymru-as')
    expect(ids).not.toContain('rspamd-asn6')
    expect(ids).toContain('rspamd-asn')
  })

  test('what is disabled may be defined anew', () => {
    const path = temporaryFolder({ 'mine.yaml': zoneFile('cymru-as') })
    const [mine] = readZoneDefinitions(path, ['cymru']).filter(({ id }) => id === 'cymru-as')
    expect(mine.file).toBe(`${path}/mine.yaml`)
  })

  test('a disabled file of the user does not clash', () => {
    const path = temporaryFolder({ 'mine.yaml': zoneFile('cymru-as') })
    expect(idsOf(path, ['mine'])).toEqual(idsOf())
  })

  test.each([
    ['cymrv', "disable: there is no preset or zone 'cymrv'; did you mean 'cymru'?"],
    ['rspamd-asn7', "disable: there is no preset or zone 'rspamd-asn7'; did you mean 'rspamd-asn'?"],
    ['something-else', "disable: there is no preset or zone 'something-else'; see asnzone zones"],
  ])('%s', (name, message) => {
    expect(messageOf('ASNZONE_CONFIG', () => readZoneDefinitions(undefined, [name]))).toBe(message)
  })
})

describe('complaints', () => {
  test('a zone of the name of a preset', () => {
    const path = temporaryFolder({ 'mine.yaml': zoneFile('geo') })
    expect(messageOf('ASNZONE_ZONE', () => readZoneDefinitions(path, []))).toBe(
      `${path}/mine.yaml:1: zone geo is in ${PRESETS}asnzone.yaml too; rename one`,
    )
  })

  test('a folder that is missing', () => {
    expect(messageOf('ASNZONE_ZONE', () => readZoneDefinitions('/nowhere', []))).toMatch(
      /^zones: the folder \/nowhere does not exist$/,
    )
  })

  test.each([
    ['no YAML', 'zones: [', /:1: /],
    ['an alias of nothing', 'zones: *x', /mine\.yaml:1: \*x stands for a value/],
    [
      'a wrong field: its line, zone and name',
      'zones:\n  one:\n    apex: a.test\n    owner: none\n    ttl: soon\n',
      /mine\.yaml:5: zone one, ttl: 'soon' is not a whole number of seconds/,
    ],
    [
      'an unknown field: its line',
      'zones:\n  one:\n    apex: a.test\n    owner: none\n    tll: 1\n',
      /mine\.yaml:5: zone one: no such key as 'tll'$/,
    ],
    [
      'a country that there is not, in a list: its line',
      'zones:\n  one:\n    apex: a.test\n    lists:\n      country:\n        - DE\n        - UK\n',
      /mine\.yaml:7: zone one, lists\.country: 'UK' is not an ISO 3166-1 country code; did you mean GB\?$/,
    ],
    [
      'a country that there is not, alone',
      'zones:\n  one:\n    apex: a.test\n    lists: { asn: 1 }\n    country: xx\n',
      /mine\.yaml:5: zone one, country: 'xx' is not an ISO 3166-1 country code; write two letters such as DE$/,
    ],
    ...[
      ['Russia', 'RU'],
      ['south korea', 'KR'],
      ['DEU', 'DE'],
    ].map(([written, code]): [string, string, RegExp] => [
      `a country that is written ${written}`,
      `zones:\n  one:\n    apex: a.test\n    lists: { country: [DE, ${written}] }\n`,
      new RegExp(
        `mine\\.yaml:4: zone one, lists\\.country: '${written}' is not an ISO 3166-1 country code; did you mean ${code}\\?$`,
        'i',
      ),
    ]),
    [
      'a text with braces in a map in braces',
      'zones:\n  one: { apex: l.{domain}, lists: { asn: 1 } }\n',
      /mine\.yaml:2: a text with braces needs quotation marks here: write "l\.\{domain\}"$/,
    ],
    [
      'a map where none belongs',
      'zones:\n  one: { apex: a.test } {}\n',
      /mine\.yaml:2: (?!a text with braces)/,
    ],
    [
      'an AS out of range, in a list: its line',
      'zones:\n  one:\n    apex: a.test\n    lists:\n      asn:\n        - 1\n        - 4294967296\n',
      /mine\.yaml:7: zone one, lists\.asn: '4294967296' is not an AS number from 1 to 4294967295$/,
    ],
    [
      'an unknown condition: its line',
      'zones:\n  one:\n    apex: a.test\n    lists:\n      asn: 1\n      contry: DE\n',
      /mine\.yaml:6: zone one, lists: no such key as 'contry'; known are country, asn, distance, score, rpki, reputation$/,
    ],
    ['nothing', '', /mine\.yaml: zones: it is missing; write a map/],
  ])('%s', (_, text, message) => {
    const path = temporaryFolder({ 'mine.yaml': text })
    expect(messageOf('ASNZONE_ZONE', () => readZoneDefinitions(path, []))).toMatch(message)
  })
})
