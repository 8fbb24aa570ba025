// Errors that show only when a setting is used name the line that it stands on.

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { changesOf } from '../../src/config/changes.ts'
import { loadSettings } from '../../src/config/load.ts'
import { placed } from '../../src/config/places.ts'
import { AsnzoneError } from '../../src/errors.ts'
import { temporaryFolder } from '../support/folders.ts'

const PLACES = { 'log-file': 'a.yaml:3', http: 'a.yaml:4', group: 'a.yaml:5', 'policy.listen': 'a.yaml:7' }

const tell = (message: string): string =>
  (placed({ places: PLACES }, new AsnzoneError('ASNZONE_CONFIG', message)) as Error).message

test('an error that begins with a file has the line of the setting that names it', () => {
  const settings = {
    places: { sources: 'a.yaml:1', score: 'a.yaml:2', 'policy.users': 'a.yaml:3' },
    sources: [{ from: ['/x.csv'] }],
    score: { files: ['/w.csv'] },
    policy: { users: '/u.json' },
  }
  const of = (message: string): string =>
    (placed(settings, new AsnzoneError('ASNZONE_DATA', message)) as Error).message
  expect(of('/x.csv: there is no such file')).toBe('a.yaml:1: sources: /x.csv: there is no such file')
  expect(of('/w.csv: it is a directory')).toBe('a.yaml:2: score: /w.csv: it is a directory')
  expect(of('/u.json: no')).toBe('a.yaml:3: policy.users: /u.json: no')
  expect(of('/x.csv:3: a row')).toBe('/x.csv:3: a row')
  expect(of('/y.csv: no')).toBe('/y.csv: no')
})

describe('an error', () => {
  test.each([
    ['log-file /: EISDIR', 'a.yaml:3: log-file /: EISDIR'],
    ['http: 0.0.0.0:80 can be reached', 'a.yaml:4: http: 0.0.0.0:80 can be reached'],
    ['user -, group x: there is no such group', 'a.yaml:5: user -, group x: there is no such group'],
    ['listen [::1]:1 and http [::1]:1 are one', 'a.yaml:4: listen [::1]:1 and http [::1]:1 are one'],
    ['policy.listen unix:/x: no', 'a.yaml:7: policy.listen unix:/x: no'],
    ['192.0.2.1:1 (TCP): choose another --http', 'a.yaml:4: 192.0.2.1:1 (TCP): choose another --http'],
  ])('%s', (message, told) => {
    expect(tell(message)).toBe(told)
    expect(tell(told), 'once').toBe(told)
  })

  test.each([
    'query-log /: EISDIR',
    'zones/http: no such file',
    'a.csv:1: http is no country',
    'toString: no',
  ])('%s is of no setting in the file', (message) => expect(tell(message)).toBe(message))
})

describe('the lines of settings', () => {
  const contents = 'http: 127.0.0.1:1\npolicy:\n  listen: 127.0.0.1:2\nallow: ::1\n'
  const file = join(temporaryFolder({ 'asnzone.yaml': contents }), 'asnzone.yaml')

  test('are those of the file, for the parts of one as well', () => {
    expect(loadSettings({ configFile: file }).places).toMatchObject({
      http: `${file}:1`,
      'policy.listen': `${file}:3`,
      allow: `${file}:4`,
    })
  })

  test('go where something else decides', () => {
    const { places } = loadSettings({
      configFile: file,
      options: { http: '127.0.0.1:3', 'policy-listen': ['127.0.0.1:4'] },
      environment: { ASNZONE_ALLOW: '::1' },
    })
    expect(Object.keys(places ?? {})).not.toContain('http')
    expect(Object.keys(places ?? {})).not.toContain('policy.listen')
    expect(Object.keys(places ?? {})).not.toContain('allow')
  })

  test('are those of the file as it was read last', () => {
    const [before, read] = [loadSettings({}), loadSettings({ configFile: file })]
    expect(changesOf(before, read).settings.places).toEqual(read.places)
  })
})
