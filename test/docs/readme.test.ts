// The README and the pages of settings, zones and commands against the code: tables, examples of files, the recipe. What
// they show of a running server is asked in test/server/readme.test.ts.

import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { policyOf } from '../../src/app/treatment.ts'
import { loadSettings } from '../../src/config/load.ts'
import { settingValue } from '../../src/config/setting-values.ts'
import type { Setting } from '../../src/config/settings/setting.ts'
import { environmentName, SETTINGS, type SettingName, settingNames } from '../../src/config/settings.ts'
import { parseZoneFile } from '../../src/zones/definition.ts'
import { temporaryFolder } from '../support/folders.ts'
import { presetZones, smallZoneSet } from '../support/small-table.ts'
import {
  codeBlocks,
  codeSpans,
  consoleExamples,
  firstTable,
  onlyBlock,
  readDocument,
  section,
} from './markdown.ts'

const readme = readDocument('README.md')
const settingsPage = readDocument('docs/settings.md')
const zonesPage = readDocument('docs/served-zones.md')
const pages = [readme, settingsPage, zonesPage, readDocument('docs/commands.md')]
const presets = presetZones()

test('the table of settings is the one in the code', () => {
  const code = settingNames.map((name) => {
    const { help, kind, leaves }: Setting = SETTINGS[name]
    const place = leaves === undefined ? 'config file only' : `\`${environmentName(name)}_…\``
    const variable = kind === 'structure' ? place : `\`${environmentName(name)}\``
    return [`\`${name}\``, variable, defaultOf(SETTINGS[name]), help]
  })
  expect(firstTable(settingsPage)).toEqual(code)
})

test.each(codeBlocks(settingsPage).filter(({ language }) => language === 'yaml'))(
  'an example of a config file is accepted: $code',
  ({ code }) => {
    const folder = temporaryFolder({ 'asnzone.yaml': code })
    const settings = loadSettings({ configFile: `${folder}/asnzone.yaml` })
    for (const [name, value] of Object.entries(parse(code))) {
      expect(settingValue(settings, name as SettingName)).toEqual(value)
    }
    expect(() => policyOf(settings)).not.toThrow()
  },
)

describe('the table of zones', () => {
  const rows = new Map(firstTable(section(zonesPage, 'Zones')).map((row) => [row[4], row]))

  test('has a row for each zone of the presets and no other', () => {
    const ids = presets.map(({ file, id }) => `${file.replace(/^.*\/|\.yaml$/g, '')}: ${id}`)
    expect([...rows.keys()].sort()).toEqual(ids.sort())
  })

  test.each(presets.map((zone) => [zone.id, zone] as const))('row of %s', (id, zone) => {
    const row = [...rows.values()].find(([, , , , key]) => key.endsWith(`: ${id}`)) ?? []
    const [names, asked, answer] = row
    const apexes = zone.apex.map((apex) => apex.replace('{domain}', 'asnzone.internal').replace('{cc}', 'CC'))
    expect(codeSpans(names)).toEqual(expect.arrayContaining(apexes))
    const families = {
      ipv4: 'IPv4',
      ipv6: 'IPv6',
      ip: 'IPv4, IPv6',
      address: 'IPv4, IPv6, networks, as written',
      asn: 'AS numbers',
      none: 'nothing',
    }
    expect(asked).toBe(families[zone.owner])
    if (zone.example !== undefined) expect(codeSpans(answer)).toContain(zone.example.answer)
  })
})

test('the zone of one’s own compiles', () => {
  const block = codeBlocks(section(zonesPage, 'Add a zone of your own')).find(
    ({ language }) => language === 'yaml',
  )
  const contents = parse(block?.code ?? '') as { zones: Record<string, unknown> }
  expect(parseZoneFile('who.yaml', contents).map(({ id }) => id)).toEqual(['who'])
  expect(smallZoneSet(contents.zones).zones.map(({ name }) => name)).toEqual(['who.asnzone.internal'])
})

test('the recipe for dnsmasq is the one that the page of resolvers has, and its tests run', () => {
  const recipes = codeBlocks(section(readDocument('docs/consumers/resolvers.md'), 'dnsmasq'))
  expect(recipes.map(({ code }) => code)).toContain(onlyBlock(readme, 'dnsmasq'))
})

test('the recipe for BIND names every apex but the lists of one country', () => {
  const recipes = codeBlocks(section(readDocument('docs/consumers/resolvers.md'), 'BIND'))
  const code = recipes.map((block) => block.code).join('\n')
  for (const apex of presets.flatMap((zone) => zone.apex)) {
    const name = apex.replace('{domain}', 'asnzone.internal')
    if (!name.includes('{')) expect(code).toContain(`zone "${name}" {`)
  }
})

test('every command of a console block is one that a test runs', () => {
  const commands = pages.flatMap(consoleExamples).map(({ command }) => command)
  const untested = commands.filter(
    (command) => !/^(dig @127\.0\.0\.1 -p 5300|dig \+short|npx --no-install asnzone) /.test(command),
  )
  expect(commands.length).toBeGreaterThan(10)
  expect(untested).toEqual([])
})

test('the README is read in one sitting: at most 150 lines', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(151)
})

test('blocks are of known kinds, so that none escapes these tests', () => {
  const tested = ['console', 'dnsmasq', 'yaml']
  // The first commands of all are not for a unit test to run.
  const others = ['sh']
  const languages = new Set(pages.flatMap(codeBlocks).map(({ language }) => language))
  expect([...languages].filter((language) => ![...tested, ...others].includes(language))).toEqual([])
})

/** The default as the table shows it. */
function defaultOf({ schema, standard }: Setting): string {
  if (standard !== undefined) return standard
  const value: unknown = schema.parse(undefined)
  const values = (Array.isArray(value) ? value : [value]).filter((item) => item !== undefined)
  return values.length === 0 ? 'none' : values.map((item) => `\`${String(item)}\``).join(', ')
}
