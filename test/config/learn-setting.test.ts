// The setting learn.

import { describe, expect, test } from 'vitest'
import { LEARN_UNLESS_SET } from '../../src/config/learn.ts'
import { loadSettings } from '../../src/config/load.ts'
import { messageOf } from '../support/errors.ts'
import { temporaryFolder } from '../support/folders.ts'

const load = (yaml: string) =>
  loadSettings({ configFile: `${temporaryFolder({ 'asnzone.yaml': yaml })}/asnzone.yaml` }).learn

test('nothing is told unless it is set', () => {
  expect(load('')).toBe(undefined)
  expect(load('learn: {}')).toEqual(LEARN_UNLESS_SET)
  expect(LEARN_UNLESS_SET).toEqual({
    halfLife: 60 * 86_400,
    quota: 1_000_000,
    exclude: { asns: [], networks: [] },
    keepVerdicts: false,
    spam: 10,
    ham: 2,
    ownSymbols: ['ASNZONE_*'],
    reporters: {},
    trusted: [],
    weight: 1,
    most: 15,
  })
})

test('each of its keys', () => {
  const setting = load(`
learn:
  half-life: 4w
  quota: 5000
  exclude: [AS15169, 64500, 192.0.2.0/24, '2001:db8::/32']
  keep-verdicts: true
  spam: 6.5
  ham: -1
  own-symbols: [GEO_SCORE]
  reporters: { mx1: 0123456789abcdef }
  trusted: [192.0.2.0/24, 2001:db8::/32]
  weight: 0.5
  most: 20
`)
  expect(setting).toEqual({
    halfLife: 28 * 86_400,
    quota: 5000,
    exclude: { asns: [15169, 64500], networks: ['192.0.2.0/24', '2001:db8::/32'] },
    keepVerdicts: true,
    spam: 6.5,
    ham: -1,
    ownSymbols: ['GEO_SCORE'],
    reporters: { mx1: '0123456789abcdef' },
    trusted: ['192.0.2.0/24', '2001:db8::/32'],
    weight: 0.5,
    most: 20,
  })
})

describe('what is wrong is named', () => {
  test.each([
    ['{ half-life: 6h }', 'learn.half-life: a duration from 1d to 730d'],
    ['{ half-life: long }', "learn.half-life: 'long' is not a duration such as 60d"],
    ['{ quota: 0 }', 'learn.quota'],
    ['{ exclude: AS15169 }', "learn.exclude: 'AS15169' is not a list of ASes and networks"],
    ['{ exclude: [google] }', "learn.exclude[0]: 'google' is not an AS number"],
    ['{ exclude: [AS1, 192.0.2.1/24] }', "learn.exclude[1]: '192.0.2.1/24' has bits after its length"],
    ['{ exclude: [{}] }', 'learn.exclude[0]: a map of keys and values is not an AS number or a network'],
    ['{ keep-verdicts: 60 }', 'learn.keep-verdicts: 60 is not true or false'],
    ['{ spam: 2 }', "learn.spam: 2 is not above 'ham', which is 2"],
    ['{ reporters: { mx1: short } }', 'learn.reporters.mx1: '],
    ['{ reporters: { MX: 0123456789abcdef } }', 'learn.reporters'],
    ['{ trusted: [mx.example.org] }', 'learn.trusted[0]: '],
    ['{ own-symbols: ["*"] }', "learn.own-symbols[0]: '*' is not a symbol such as"],
    ['{ weight: -1 }', 'learn.weight'],
    ['{ most: 1.5 }', 'learn.most'],
    ['{ halflife: 60d }', "learn: no such key as 'halflife'; did you mean 'half-life'?"],
  ])('%s', (yaml, reason) => {
    expect(messageOf('ASNZONE_CONFIG', () => load(`learn: ${yaml}`))).toContain(reason)
  })
})
