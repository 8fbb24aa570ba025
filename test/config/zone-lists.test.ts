// Lists of one's own and the settings that their conditions take.

import { expect, test } from 'vitest'
import { answeringOf } from '../../src/app/setup.ts'
import { loadSettings } from '../../src/config/load.ts'
import { messageOf } from '../support/errors.ts'
import { temporaryFolder } from '../support/folders.ts'

/** Reads a zone file with these conditions as a server with these settings does. */
function answering(lists: string, settings: string) {
  const zones = temporaryFolder({ 'own.yaml': `zones:\n  one:\n    apex: a.test\n    lists:\n${lists}\n` })
  const config = temporaryFolder({ 'asnzone.yaml': `zones: ${zones}\n${settings}\n` })
  const load = () => answeringOf(loadSettings({ configFile: `${config}/asnzone.yaml` }))
  return { load, place: `${zones}/own.yaml` }
}

const DISTANCE = '      country: DE\n      distance: { over: 1000 }'
const SCORE = '      score: { below: 0 }'
const RPKI = '      rpki: invalid'

test.each([
  [
    'a distance without here',
    DISTANCE,
    'score: { default: 1 }',
    "6: zone one, lists.distance: no distance is known without the setting 'here'; set it, or remove the condition",
  ],
  [
    'a distance of the setting too-far without here',
    '      distance: { over: "{too-far}" }',
    '',
    '5: zone one, lists.distance: no distance is known',
  ],
  [
    'a score without weights',
    SCORE,
    'here: "52,13"',
    "5: zone one, lists.score: every score is 0 without the setting 'score'; set it, or remove the condition",
  ],
  [
    'a state of RPKI without ROAs',
    RPKI,
    'sources: [{ what: asn, format: pfx2as, from: /x }]',
    "5: zone one, lists.rpki: no state is known without a source of 'what: rpki'; name one, or remove the condition",
  ],
  [
    'a distance over the greatest that there is, by a setting',
    '      distance: { over: "{too-far}" }',
    'here: "52,13"\ntoo-far: 20015',
    "5: zone one, lists.distance: no distance is over 20015, which the setting 'too-far' is; write a number, or lower the setting",
  ],
  [
    'limits of which one is a setting, and which leave nothing',
    '      distance: { over: "{too-far}", below: 3000 }',
    'here: "52,13"',
    '5: zone one, lists.distance: no whole number is over 4000 and below 3000; write limits that leave one (too-far is 4000)',
  ],
  [
    'a setting twice',
    '      distance: { over: "{too-far}", below: "{too-far}" }',
    'snapshot: { from: /srv/www }',
    '5: zone one, lists.distance: no whole number is over 4000 and below 4000; write limits that leave one (too-far is 4000)',
  ],
  [
    'a reputation without learn',
    '      reputation: { below: -9 }',
    'score: { default: 1 }',
    "5: zone one, lists.reputation: nothing is learned without the setting 'learn'; set it, or remove the condition",
  ],
  [
    'a score that is not enabled, whatever is learned',
    SCORE,
    'score: { enabled: false }\nlearn: {}',
    '5: zone one, lists.score: every',
  ],
  [
    'a score that is not enabled',
    SCORE,
    'score: { enabled: false, default: 1 }',
    '5: zone one, lists.score: every',
  ],
])('%s is refused', (_, lists, settings, message) => {
  const { load, place } = answering(lists, settings)
  const thrown = messageOf('ASNZONE_ZONE', load)
  expect(thrown.slice(0, `${place}:${message}`.length)).toBe(`${place}:${message}`)
})

test.each([
  ['a distance of the setting too-far', '      distance: { over: "{too-far}" }', 'here: "52,13"'],
  ['a distance with here', DISTANCE, 'here: "52,13"'],
  ['a score of what is learned', SCORE, 'learn: {}'],
  ['a reputation with learn', '      reputation: { below: -9 }', 'learn: {}'],
  ['a score with a weight of countries', SCORE, 'score: { countries: [{ codes: [DE], weight: 1 }] }'],
  ['a state of RPKI with ROAs', RPKI, 'sources: [{ what: rpki, format: vrp-json, from: /x }]'],
  ['all with a published snapshot', `${DISTANCE}\n${SCORE}\n${RPKI}`, 'snapshot: { from: /srv/www }'],
  ['a score with a default', SCORE, 'score: { default: 1 }'],
])('%s is taken', (_, lists, settings) => {
  const { definitions } = answering(lists, settings).load()
  expect(definitions.find(({ id }) => id === 'one')?.lists).toBeDefined()
})
