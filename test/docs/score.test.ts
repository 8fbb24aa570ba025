// docs/score.md, docs/statistics.md and what the README says of both against the code.

import { join } from 'node:path'
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { barTable } from '../../src/cli/bar-table.ts'
import { addStats } from '../../src/cli/stats.ts'
import { loadSettings } from '../../src/config/load.ts'
import { scoreSchema } from '../../src/config/score.ts'
import { readCountryPoints } from '../../src/data/compile/country-points.ts'
import { readWeights } from '../../src/data/compile/weights.ts'
import { countryValue } from '../../src/data/countries.ts'
import { FORMATS } from '../../src/data/formats/formats.ts'
import { readWeightFile } from '../../src/data/formats/weights-csv.ts'
import { haversine } from '../../src/score/haversine.ts'
import { MAX_WEIGHT } from '../../src/score/weights.ts'
import { temporaryFolder } from '../support/folders.ts'
import { codeBlocks, codeSpans, firstTable, readDocument, section } from './markdown.ts'

const manual = readDocument('docs/score.md')
const statistics = readDocument('docs/statistics.md')

const readme = section(readDocument('README.md'), 'Score it')
const documents = [manual, statistics, readme]

test.each(documents.flatMap(codeBlocks).filter(({ language }) => language === 'yaml'))(
  'a config file with $code is accepted',
  ({ code }) => {
    const folder = temporaryFolder({ 'asnzone.yaml': code })
    expect(() => loadSettings({ configFile: join(folder, 'asnzone.yaml') })).not.toThrow()
  },
)

test.each(firstTable(section(manual, 'Distance')))(
  '%s: %s is %s km from its point',
  async (code, place, km) => {
    const [, latitude, longitude] = place.split(', ').map(Number)
    const point = (await readCountryPoints()).get(countryValue(code))!
    expect(haversine(point.latitude, point.longitude, latitude, longitude)).toBe(Number(km))
  },
)

describe('score', () => {
  test('the table of keys is the schema', () => {
    const documented = firstTable(section(manual, 'Score')).map(([key]) => codeSpans(key)[0])
    expect(documented).toEqual(Object.keys(scoreSchema.shape))
  })

  test('the example has every key', () => {
    const example = codeBlocks(section(manual, 'Score'))[0].code
    for (const key of Object.keys(scoreSchema.shape)) expect(example).toContain(`  ${key}:`)
  })

  test('the largest weight', () => {
    expect(manual).toContain(`from -${MAX_WEIGHT} to ${MAX_WEIGHT}`)
  })

  test('the weight file is one', async () => {
    const [{ code }] = codeBlocks(manual).filter(({ language }) => language === 'csv')
    const folder = temporaryFolder({ 'weights.csv': code })
    const { asns, prefixes, countries } = await readWeightFile(join(folder, 'weights.csv'))
    expect([asns.length, prefixes.length, countries.length]).toEqual([1, 1, 1])
    const setting = scoreSchema.parse({ files: [join(folder, 'weights.csv')] })
    expect((await readWeights(setting)).asns).toEqual(asns)
  })

  test('formats of cities', () => {
    const documented = firstTable(section(manual, 'Where an address is')).map(([name]) => codeSpans(name)[0])
    const formats = Object.entries(FORMATS).filter(([, { datasets }]) =>
      (datasets as readonly string[]).includes('city'),
    )
    expect(documented.sort()).toEqual(formats.map(([name]) => name).sort())
  })
})

describe('statistics', () => {
  test('the options are those of the command', () => {
    const program = new Command()
    addStats(program)
    const [command] = program.commands
    const shared = ['--config', '--data-dir']
    const options = command.options.map(({ long }) => String(long)).filter((long) => !shared.includes(long))
    const documented = firstTable(section(statistics, 'Looking at them')).map(
      ([option]) => codeSpans(option)[0],
    )
    expect(documented).toEqual(options)
  })

  test('the table is one that the command prints', () => {
    const [{ code }] = codeBlocks(statistics).filter(({ language }) => language === 'text')
    const lines = [
      { key: 'US', name: 'United States', counter: 800 },
      { key: 'DE', name: 'Germany', counter: 400 },
      { key: '--', name: 'not known', counter: 34 },
    ]
    expect(`${code.trimEnd()}\n`).toBe(barTable('Countries, total', lines, 25, null))
  })
})
