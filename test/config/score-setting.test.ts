// The settings score and here, and settings that are switches.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadSettings } from '../../src/config/load.ts'
import { temporaryFolder } from '../support/folders.ts'

function settingsOf(yaml: string) {
  const configFile = join(temporaryFolder(), 'asnzone.yaml')
  writeFileSync(configFile, yaml)
  return { configFile, load: () => loadSettings({ configFile }) }
}

describe('the setting score', () => {
  it('takes what an administrator writes', () => {
    const { score } = settingsOf(`
score:
  countries:
    - codes: [DE, us, NO]
      weight: 10
  default: -5
  unknown: -3
  distance:
    - { over: 4000, weight: -2 }
  asns:
    - { asns: [64500, AS64501, "64502"], weight: -20 }
  prefixes:
    - { cidr: 2001:db8::/32, weight: 4 }
  rpki: { invalid: -20 }
  files: [weights.csv]
`).load()
    expect(score).toEqual({
      enabled: true,
      countries: [{ codes: ['DE', 'US', 'NO'], weight: 10 }],
      default: -5,
      unknown: -3,
      distance: [{ over: 4000, weight: -2 }],
      asns: [{ asns: [64500, 64501, 64502], weight: -20 }],
      prefixes: [{ cidr: '2001:db8::/32', weight: 4 }],
      rpki: { valid: 0, 'not-found': 0, invalid: -20 },
      files: ['weights.csv'],
    })
  })

  it('is nothing by default', () => {
    const nothing = {
      enabled: true,
      countries: [],
      default: 0,
      unknown: 0,
      distance: [],
      asns: [],
      prefixes: [],
      rpki: { valid: 0, 'not-found': 0, invalid: 0 },
      files: [],
    }
    expect(settingsOf('').load().score).toEqual(nothing)
    expect(settingsOf('score:').load().score).toEqual(nothing)
    expect(settingsOf('score: {}').load().score).toEqual(nothing)
  })

  it.each([
    {
      name: 'a state of RPKI that there is not',
      yaml: 'score:\n  rpki:\n    vaild: -1\n',
      reason: ":3: score.rpki: no such key as 'vaild'; did you mean 'valid'?",
    },
    {
      name: 'a key of another level',
      yaml: 'score:\n  rpki:\n    unknown: -1\n',
      reason: ":3: score.rpki: no such key as 'unknown'; known are valid, not-found, invalid",
    },
    {
      name: 'a country that is none',
      yaml: 'score:\n  countries:\n    - weight: 1\n      codes:\n        - DE\n        - UK\n',
      reason: ":6: score.countries[0].codes[1]: 'UK' is not an ISO 3166-1 country code; did you mean GB?",
    },
    {
      name: 'a fraction',
      yaml: 'score:\n  default: 1.5\n',
      reason: ":2: score.default: '1.5' is not a whole number",
    },
    {
      name: 'a word',
      yaml: 'score:\n  default: bad\n',
      reason: ":2: score.default: 'bad' is not a whole number",
    },
    {
      name: 'a bad CIDR',
      yaml: 'score:\n  prefixes:\n    - cidr: 10.0.0.0/8\n      weight: 1\n    - cidr: 10.0.0/8\n      weight: 1\n',
      reason: ":5: score.prefixes[1].cidr: '10.0.0/8' is not an IP address or a CIDR",
    },
    {
      name: 'an AS number that is none',
      yaml: 'score:\n  asns:\n    - asns: [4294967296]\n      weight: 1\n',
      reason: ":3: score.asns[0].asns[0]: '4294967296' is not an AS number",
    },
    {
      name: 'a missing weight',
      yaml: 'score:\n  distance:\n    - over: 4000\n',
      reason: ":3: score.distance[0].weight: 'undefined' is not a whole number",
    },
    {
      name: 'a misspelt key',
      yaml: 'score:\n  defualt: 1\n',
      reason: ":2: score: no such key as 'defualt'; did you mean 'default'?",
    },
    {
      name: 'a distance below zero',
      yaml: 'score:\n  distance:\n    - { over: -1, weight: 1 }\n',
      reason: ':3: score.distance[0].over',
    },
  ])('refuses $name with the line', ({ yaml, reason }) => {
    const { configFile, load } = settingsOf(yaml)
    expect(load).toThrow(`${configFile}${reason}`)
  })

  it('is neither an option nor an environment variable', () => {
    const { configFile } = settingsOf('')
    expect(() => loadSettings({ configFile, environment: { ASNZONE_SCORE: '5' } })).toThrow(
      'ASNZONE_SCORE: score can be set in the config file only',
    )
  })
})

describe('the setting here', () => {
  it.each([
    {
      name: 'a pair of coordinates',
      yaml: 'here: 52.52, -13.4',
      here: { latitude: 52.52, longitude: -13.4 },
    },
    { name: 'an object', yaml: 'here: {lat: -90, lon: 180}', here: { latitude: -90, longitude: 180 } },
    { name: 'nothing', yaml: '', here: undefined },
  ])('takes $name', ({ yaml, here }) => {
    expect(settingsOf(yaml).load().here).toEqual(here)
  })

  it.each(['66.128.51.163', '2001:db8::1'])('takes the address %s', (address) => {
    const { configFile } = settingsOf('')
    expect(loadSettings({ configFile, environment: { ASNZONE_HERE: address } }).here).toMatchObject({
      address,
    })
  })

  it.each([
    'here: 91,0',
    'here: 0,181',
    'here: {lat: 1}',
    'here: {lat: 1, lon: 2, alt: 3}',
    'here: 10.0.0.0/8',
    'here: Berlin',
    'here: "1..2,3"',
    'here: 7',
  ])('refuses %s', (yaml) => {
    expect(settingsOf(yaml).load).toThrow('an IP address, LAT,LON such as 52.52,13.40')
  })
})

describe('a switch', () => {
  it.each([
    { text: 'true', value: true },
    { text: 'No', value: false },
    { text: '1', value: true },
  ])('is $value for $text', ({ text, value }) => {
    const { configFile } = settingsOf('')
    const environment = { ASNZONE_STATS: text }
    expect(loadSettings({ configFile, environment }).stats.enabled).toBe(value)
  })

  it('is refused when it is neither on nor off', () => {
    const { configFile } = settingsOf('')
    const environment = { ASNZONE_STATS: 'maybe' }
    expect(() => loadSettings({ configFile, environment })).toThrow('ASNZONE_STATS: ')
  })

  it('is on when the option is given', () => {
    const { configFile } = settingsOf('stats: false')
    expect(loadSettings({ configFile, options: { stats: true } }).stats.enabled).toBe(true)
  })
})
