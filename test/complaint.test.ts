// What is wrong with a setting or a zone is told in our words, whatever is wrong with it.

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadSettings } from '../src/config/load.ts'
import type { Setting } from '../src/config/settings/setting.ts'
import { SETTINGS, settingNames } from '../src/config/settings.ts'
import type { AsnzoneError } from '../src/errors.ts'
import { parseZoneFile } from '../src/zones/definition.ts'
import { temporaryFolder } from './support/folders.ts'

/** zod's own words, and JavaScript's. */
const RAW =
  /Invalid|Too (small|big)|Unrecognized|expected |, received|undefined|NaN|\[object|: *(\(|$)|>=|<=|"\|"/

const HOSTILE = [5, -1, 1.5, 1e12, '', 'x y', [], [5], [''], [[1]], [{}], {}, { a: 1 }, true]

function complaints(contents: (hostile: unknown) => object): string[] {
  const folder = temporaryFolder()
  const configFile = join(folder, 'asnzone.yaml')
  return HOSTILE.flatMap((hostile) => {
    // Anew: ext4 waits for the disk when a file is written over.
    rmSync(configFile, { force: true })
    writeFileSync(configFile, JSON.stringify(contents(hostile)))
    try {
      loadSettings({ configFile })
      return []
    } catch (error) {
      expect((error as AsnzoneError).code).toBe('ASNZONE_CONFIG')
      return [(error as Error).message.slice(folder.length + 1)]
    }
  })
}

describe.each(settingNames)('%s', (name) => {
  it('is refused with its line, what stands there and what has to', () => {
    const found = complaints((hostile) => ({ [name]: hostile }))
    expect(found.length).toBeGreaterThan(3)
    for (const message of found) {
      expect(message).toMatch(/^asnzone\.yaml:1: /)
      expect(message).toContain(name)
      expect(message).not.toMatch(RAW)
      const { kind, help }: Setting = SETTINGS[name]
      if (kind !== 'structure') expect(message).toContain(`(${help})`)
    }
  })
})

it.each([
  [{ domain: 5 }, 'domain: 5 is not a text; write "5"'],
  [{ listen: 5300 }, 'listen: 5300 is not an address; write 127.0.0.1:5300'],
  [{ listen: ['127.0.0.1:53', 53] }, 'listen: item 2: 53 is not a text'],
  [{ http: 8053 }, 'http: 8053 is not an address; write 127.0.0.1:8053'],
  [{ http: 'localhost' }, "http: 'localhost' is not an address; write 127.0.0.1:8053"],
  [{ domain: 'a..b' }, "domain: 'a..b' has an empty label"],
  [{ contact: 'me@example.org' }, "contact: 'me@example.org' has an @; write me.example.org"],
  [{ nameservers: ['ns1.test', 'n s'] }, "nameservers: 'n s' has a label with other characters"],
  [{ allow: '10.0.0.5/8' }, "allow: '10.0.0.5/8' has bits after its length; did you mean 10.0.0.0/8?"],
  [{ workers: 0 }, 'workers: 0 is less than 1, the least'],
  [{ 'stats-interval': 0 }, 'stats-interval: 0 is less than 0.1, the least'],
  [{ refresh: '' }, 'refresh: an empty text is not a duration such as 12h, 1d or 6w'],
])('%j', (contents, message) => {
  const [told] = complaints(() => contents)
  expect(told.startsWith(`asnzone.yaml:1: ${message}`), told).toBe(true)
})

it.each(['http-token', 'cookie-secret'] as const)('%s is not told when it is wrong', (name) => {
  for (const value of ['s3cret', 12345678, ['s3cret']]) {
    const [told] = complaints(() => ({ [name]: value }))
    expect(told).not.toMatch(/s3cret|12345678/)
  }
})

describe('a zone', () => {
  const GOOD = { apex: 'a.test', owner: 'none' }
  const fields = [
    'apex',
    'owner',
    'needs',
    'country',
    'txt',
    'a',
    'unknown',
    'partial',
    'multi-origin',
    'ttl',
    'example',
  ]
  it.each(fields)('with a wrong %s is refused in our words', (field) => {
    for (const hostile of HOSTILE) {
      try {
        parseZoneFile('own.yaml', { zones: { mine: { ...GOOD, [field]: hostile } } })
      } catch (error) {
        expect((error as Error).message).toMatch(/^own\.yaml: zone mine[,:] /)
        expect((error as Error).message).not.toMatch(RAW)
      }
    }
  })
})
