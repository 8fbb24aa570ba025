// The setting `snapshot`: what is refused of where it is from, and that no secret is shown with it.

import { expect, test } from 'vitest'
import { loadSettings } from '../../src/config/load.ts'
import { newSigningKey } from '../../src/data/snapshot/minisign.ts'
import { temporaryFolder } from '../support/folders.ts'

test.each([
  [
    'https://me:PASSWORD@host.example/asnzone/?licence=SECRET',
    "'https://host.example/asnzone/' is not the URL of a directory",
  ],
  ['https://host.example/asnzone/#SECRET', "'https://host.example/asnzone/' is not the URL of a directory"],
  [
    'ftp://me:PASSWORD@host.example/asnzone/',
    "'ftp://host.example/asnzone/' is not an http, https or file URL",
  ],
])('%s is refused, and no secret of it is shown', (from, message) => {
  const folder = temporaryFolder({ 'asnzone.yaml': `snapshot: { from: '${from}' }\n` })
  const load = () => loadSettings({ configFile: `${folder}/asnzone.yaml` })
  expect(load).toThrow(message)
  expect(load).toThrow(/asnzone\.yaml:1: snapshot\.from: (?!.*(?:PASSWORD|SECRET))/)
})

const KEYS = [newSigningKey(), newSigningKey(), newSigningKey()].map(({ signing }) => signing.publicLine)

test.each([
  [
    'one key twice',
    [KEYS[0], KEYS[0]],
    /asnzone\.yaml:1: snapshot\.keys: the key \S{12}… is there twice; leave one out$/,
  ],
  ['three keys', KEYS, /asnzone\.yaml:1: snapshot\.keys: there are 3 keys, and 2 at most count; leave out /],
])('%s: refused with what to do', (_, keys, message) => {
  const folder = temporaryFolder({ 'asnzone.yaml': `snapshot: { from: x, keys: [${keys.join(', ')}] }\n` })
  expect(() => loadSettings({ configFile: `${folder}/asnzone.yaml` })).toThrow(message)
})
