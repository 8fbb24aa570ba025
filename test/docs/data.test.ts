// docs/data.md against the code: feeds, keys, formats, examples.

import { describe, expect, test } from 'vitest'
import { planOf } from '../../src/app/data-sources.ts'
import { loadSettings } from '../../src/config/load.ts'
import { FEEDS, sourcesSchema } from '../../src/config/sources-setting.ts'
import { FORMATS, formatNames } from '../../src/data/formats/formats.ts'
import { readOverrides } from '../../src/data/formats/overrides.ts'
import { COLUMN_NAMES } from '../../src/data/formats/reading/csv-layout.ts'
import { DATASETS } from '../../src/data/sources/dataset.ts'
import { collect } from '../support/collect.ts'
import { temporaryFolder } from '../support/folders.ts'
import { codeSpans, firstTable, onlyBlock, readDocument, section } from './markdown.ts'

const manual = readDocument('docs/data.md')

test('the feeds are those of the setting', () => {
  expect(firstTable(section(manual, 'Fresh data')).map(([feed]) => codeSpans(feed)[0])).toEqual([...FEEDS])
})

describe('sources of one’s own', () => {
  const part = section(manual, 'Sources of your own')
  const rows = firstTable(part)

  test('every key is explained', () => {
    expect(rows.flatMap(([keys]) => codeSpans(keys))).toEqual(Object.keys(sourcesSchema.element.shape))
  })

  test('every kind of data is named', () => {
    expect(codeSpans(rows[0][1])).toEqual([...DATASETS])
  })

  test('the example is accepted', () => {
    const folder = temporaryFolder({ 'asnzone.yaml': onlyBlock(part, 'yaml') })
    const { sources } = planOf(loadSettings({ configFile: `${folder}/asnzone.yaml` }))
    expect(sources.map(({ dataset, format }) => `${dataset} ${format}`)).toEqual([
      'override overrides',
      'asn pfx2as',
      'registry rir',
      'country mmdb',
    ])
  })
})

test('every format is there, with what it tells', () => {
  const rows = firstTable(section(manual, 'Formats')).map(([format, tells]) => [
    codeSpans(format)[0],
    codeSpans(tells),
  ])
  expect(rows).toEqual(formatNames.map((name) => [name, [...FORMATS[name].datasets]]))
})

test('every column of CSV files that is named is read', () => {
  const [, ...rows] = firstTable(section(manual, 'CSV files'))
  const named = rows.flatMap(([, names]) => codeSpans(names)).filter((name) => !/^(AS)?\d+$/.test(name))
  const known = Object.values(COLUMN_NAMES).flat()
  expect(named.filter((name) => !known.includes(name))).toEqual([])
  expect(named.length).toBeGreaterThan(15)
})

test('the overrides of the example can be read', async () => {
  const { rows, names } = await collect(readOverrides, 'override', onlyBlock(manual, 'csv'))
  expect(rows.asn).toHaveLength(2)
  expect(rows.country).toHaveLength(3)
  expect(rows.label).toHaveLength(4)
  expect(rows.location).toEqual(['10.1.0.0-10.1.255.255 AT 47.07 15.44 /16'])
  expect(names).toEqual({ AS64512: 'our LAN', AS64513: 'our customer' })
})
