// The registries' statistics: who delegated what, to whom and when.

import { describe, expect, test } from 'vitest'
import { readRir } from '../../../src/data/formats/rir.ts'
import { collect } from '../../support/collect.ts'

const EXTENDED = `# a comment | with pipes
2.3|apnic|20260929|190268||20260928|+1000
apnic|*|ipv4|*|61684|summary
apnic|*|asn|*|12345|summary
apnic|AU|ipv4|1.0.0.0|256|20110811|assigned|A91872ED
apnic|CN|ipv4|1.0.1.0|768|20110414|allocated|A92E1062
apnic||ipv4|27.0.8.0|1024||reserved|
apnic||ipv4|43.224.0.0|512|00000000|available|
apnic|JP|ipv6|2001:200::|35|19990813|allocated|A91A560A
apnic|CN|asn|143674|3072|20210507|allocated|A9162E3D
`

test('reads registry and date of addresses and AS numbers', async () => {
  const { rows, ases, counts, skipped, date } = await collect(readRir, 'registry', EXTENDED, 11)
  expect(rows).toEqual({
    registry: [
      '1.0.0.0-1.0.0.255 apnic',
      '1.0.1.0-1.0.3.255 apnic',
      '2001:200::-2001:200:1fff:ffff:ffff:ffff:ffff:ffff apnic',
    ],
    allocated: [
      '1.0.0.0-1.0.0.255 20110811',
      '1.0.1.0-1.0.3.255 20110414',
      '2001:200::-2001:200:1fff:ffff:ffff:ffff:ffff:ffff 19990813',
    ],
  })
  expect(ases).toEqual({ registry: ['AS143674-AS146745 apnic'], allocated: ['AS143674-AS146745 20210507'] })
  expect(counts).toEqual({ 4: 2, 6: 1 })
  expect(skipped).toBe(2)
  expect(date).toBe('2026-09-28T00:00:00.000Z')
})

test('reads countries of addresses', async () => {
  const { rows, ases } = await collect(readRir, 'country', EXTENDED)
  expect(rows).toEqual({
    country: [
      '1.0.0.0-1.0.0.255 AU',
      '1.0.1.0-1.0.3.255 CN',
      '2001:200::-2001:200:1fff:ffff:ffff:ffff:ffff:ffff JP',
    ],
  })
  expect(ases).toEqual({})
})

test('reads the combined file of the NRO with its ninth column, and several registries', async () => {
  const text = [
    '2|nro|20261120|3|19821213|20261119|+0000',
    'iana|ZZ|ipv4|0.0.0.0|16777216|19810901|reserved|ietf|iana',
    'ripencc|NL|ipv4|193.0.0.0|2048|19930901|allocated|x|e-stats',
    'arin|US|asn|15169|1|20000330|assigned|y|e-stats',
    '',
  ].join('\r\n')
  const { rows, ases, date } = await collect(readRir, 'registry', text)
  expect(rows.registry).toEqual(['193.0.0.0-193.0.7.255 ripencc'])
  expect(ases.allocated).toEqual(['AS15169-AS15169 20000330'])
  expect(date).toBe('2026-11-19T00:00:00.000Z')
})

test.each(['registry', 'country'] as const)(
  'reads IPv6 by the length of its prefix, for %s',
  async (dataset) => {
    const text =
      'ripencc|NL|ipv6|2001:610::|32|19990813|allocated|x\nripencc|NL|IPv6|2001:0611:0000::|48|20010101|assigned|x\n'
    const { rows, counts } = await collect(readRir, dataset, text)
    const value = dataset === 'registry' ? 'ripencc' : 'NL'
    expect(rows[dataset]).toEqual([
      `2001:610::-2001:610:ffff:ffff:ffff:ffff:ffff:ffff ${value}`,
      `2001:611::-2001:611:0:ffff:ffff:ffff:ffff:ffff ${value}`,
    ])
    expect(counts).toEqual({ 4: 0, 6: 2 })
  },
)

test('knows the registry where there is no date', async () => {
  const text = 'arin|US|ipv4|3.0.0.0|256||allocated|x\narin|US|ipv4|4.0.0.0|256|00000000|allocated|x\n'
  const { rows, date } = await collect(readRir, 'registry', text)
  expect(rows).toEqual({ registry: ['3.0.0.0-3.0.0.255 arin', '4.0.0.0-4.0.0.255 arin'] })
  expect(date).toBeNull()
})

test('takes the last block of the space', async () => {
  const { rows } = await collect(readRir, 'registry', 'x|US|ipv4|255.255.255.0|256|20200101|allocated|\n')
  expect(rows.registry).toEqual(['255.255.255.0-255.255.255.255 x'])
})

describe('refuses', () => {
  test.each([
    ['a file without records', '2.3|apnic|20260929|0||20260928|+1000\n', /no record such as/],
    ['too few columns', 'arin|US|ipv4|3.0.0.0\n', /4 columns/],
    ['a record without a status', 'arin|US|ipv4|3.0.0.0|256|20200101\n', /without a status/],
    [
      'a block behind the end of the space',
      'arin|US|ipv4|255.255.255.0|257|20200101|allocated\n',
      /not a block/,
    ],
    ['a block of nothing', 'arin|US|ipv4|3.0.0.0|0|20200101|allocated\n', /not a block/],
    ['an IPv6 length of 129', 'arin|US|ipv6|2600::|129|20200101|allocated\n', /not a block/],
    ['AS numbers of 33 bits', 'arin|US|asn|4294967295|2|20200101|allocated\n', /not a block/],
    [
      'a registry whose name is longer than answers have room for',
      `${'x'.repeat(17)}|US|ipv4|3.0.0.0|256|20200101|allocated\n`,
      /not a name of a registry/,
    ],
    ['a registry without a name', '|US|ipv4|3.0.0.0|256|20200101|allocated\n', /not a name of a registry/],
    ['another type', 'arin|US|ipv8|1|2|20200101|allocated\n', /not a block/],
  ])('%s', async (_name, text, message) => {
    await expect(collect(readRir, 'registry', text)).rejects.toThrow(message)
  })
})
