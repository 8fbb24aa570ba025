// Which config is read where none is named, and where its data lies.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defaultDataDirectory, FOUND_CONFIG_FILES, findConfig } from '../../src/config/found-config.ts'
import { temporaryFolder } from '../support/folders.ts'

const folder = temporaryFolder({ here: '', service: '' })
const [here, service, none] = ['here', 'service', 'none'].map((name) => join(folder, name))

test.each([
  ['the first that is there', undefined, {}, [here, service], { file: here, isNamed: false }],
  ['else the next', undefined, {}, [none, service], { file: service, isNamed: false }],
  ['none', undefined, {}, [none], { file: null, isNamed: false }],
  [
    'one below a file is not there',
    undefined,
    {},
    [join(here, 'x'), service],
    { file: service, isNamed: false },
  ],
  ['the one that is named, there or not', none, {}, [here], { file: none, isNamed: true }],
  ['an option before a variable', none, { ASNZONE_CONFIG: here }, [service], { file: none, isNamed: true }],
  ['a variable', undefined, { ASNZONE_CONFIG: here }, [service], { file: here, isNamed: true }],
  [
    'an empty variable names none',
    undefined,
    { ASNZONE_CONFIG: '' },
    [service],
    { file: service, isNamed: false },
  ],
] as const)('%s', (_, named, environment, candidates, found) => {
  expect(findConfig(named, environment, candidates)).toEqual(found)
})

test('commands look into the working directory first, then where the service has it', () => {
  expect(FOUND_CONFIG_FILES).toEqual(['asnzone.yaml', '/etc/asnzone/asnzone.yaml'])
})

test.each([
  ['of systemd', 'asnzone.yaml', { STATE_DIRECTORY: '/s', XDG_CACHE_HOME: '/c' }, '/s'],
  ['of systemd, for the service', '/etc/asnzone/asnzone.yaml', { STATE_DIRECTORY: '/s' }, '/s'],
  ['of the service', '/etc/asnzone/asnzone.yaml', { XDG_CACHE_HOME: '/c' }, '/var/lib/asnzone'],
  ['of the service, however it is written', '/etc/asnzone/../asnzone/asnzone.yaml', {}, '/var/lib/asnzone'],
  ['of a user', 'asnzone.yaml', { XDG_CACHE_HOME: '/c' }, '/c/asnzone'],
  ['of a user without config', null, { XDG_CACHE_HOME: '/c' }, '/c/asnzone'],
])('the data directory %s', (_, file, environment, directory) => {
  expect(defaultDataDirectory(file, environment)).toBe(directory)
})
