// A zone's example as a question.

import { expect, test } from 'vitest'
import { exampleQuestion, ownerOf } from '../../src/zones/example.ts'
import { smallZoneSet } from '../support/small-table.ts'

test.each([
  ['8.8.4.1', '1.4.8.8'],
  ['2001:4860:4860::8888', '8.8.8.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.0.6.8.4.1.0.0.2'],
  ['::1', `1.${'0.'.repeat(30)}0`],
  ['2001::', `${'0.'.repeat(28)}1.0.0.2`],
  ['::', `${'0.'.repeat(31)}0`],
  ['1:2:3:4:5:6:7:8', '8.0.0.0.7.0.0.0.6.0.0.0.5.0.0.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0'],
  ['AS15169', 'AS15169'],
])('%s is asked for as %s', (queried, owner) => {
  expect(ownerOf(queried)).toBe(owner)
})

test('a zone without names has no example, a zone a country only that of the example', () => {
  const { zones } = smallZoneSet()
  const questions = new Map(zones.map((zone) => [zone.name, exampleQuestion(zone)?.name ?? null]))
  expect(questions.get('asnzone.internal')).toBeNull()
  expect(questions.get('geo.asnzone.internal')).toBe('8.8.8.8.geo.asnzone.internal')
  expect(questions.get('us.countries.nerd.dk')).toBe('8.8.8.8.us.countries.nerd.dk')
  expect(questions.get('nl.countries.nerd.dk')).toBeNull()
})
