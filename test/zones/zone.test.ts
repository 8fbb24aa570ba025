// A zone: what it answers about, and the TXT record of its apex.

import { describe, expect, test } from 'vitest'
import { parseCidr } from '../../src/table/cidr-text.ts'
import { recordOf } from '../../src/table/table.ts'
import { parseZoneFile } from '../../src/zones/definition.ts'
import { QueriedName } from '../../src/zones/queried-name.ts'
import { wireName } from '../../src/zones/wire-name.ts'
import type { Zone } from '../../src/zones/zone.ts'
import { compileZoneSet } from '../../src/zones/zone-set.ts'
import { textStrings } from '../support/message.ts'
import { smallTable } from '../support/small-table.ts'

const table = smallTable()

function zonesOf(fields: Readonly<Record<string, unknown>>, about: readonly string[] = []): readonly Zone[] {
  const example = { ask: '8.8.8.8', type: 'TXT', answer: '' }
  const definitions = parseZoneFile('own.yaml', {
    zones: { mine: { apex: 'a.test', owner: 'ip', txt: '{asn}', example, ...fields } },
  })
  const authority = { nameservers: [wireName('ns.test')], contact: wireName('dns.test'), serial: 1, about }
  return compileZoneSet(definitions, { domain: 'test', countries: ['DE', 'US'], authority }).zones
}

function isListed(zone: Zone, address: string): boolean {
  const queried = new QueriedName()
  queried.record = recordOf(table.find4(parseCidr(address).start[0]))
  return zone.lists(table, queried)
}

describe('what a zone answers about', () => {
  const ADDRESSES = {
    both: '8.8.8.8',
    'country alone': '198.51.100.1',
    'AS alone': '203.0.113.1',
    nothing: '10.0.0.1',
  }

  test.each([
    ['anything', { needs: 'anything' }, ['both', 'country alone', 'AS alone']],
    ['an AS', { needs: 'asn' }, ['both', 'AS alone']],
    ['a country', { needs: 'country' }, ['both', 'country alone']],
    ['one country', { country: 'us' }, ['both']],
    ['one country, and an AS', { country: 'DE', needs: 'asn' }, []],
  ])('it needs %s', (_, fields, expected) => {
    const [zone] = zonesOf(fields)
    const listed = Object.entries(ADDRESSES).filter(([, address]) => isListed(zone, address))
    expect(listed.map(([what]) => what)).toEqual(expected)
  })

  test('a zone a country', () => {
    const [germany, states] = zonesOf({ apex: '{cc}.test', country: '{cc}' })
    expect([germany.name, isListed(germany, '198.51.100.1'), isListed(germany, '8.8.8.8')]).toEqual([
      'de.test',
      true,
      false,
    ])
    expect([states.name, isListed(states, '198.51.100.1'), isListed(states, '8.8.8.8')]).toEqual([
      'us.test',
      false,
      true,
    ])
  })
})

describe('the TXT record of an apex', () => {
  const aboutOf = (about: readonly string[]): string[] =>
    textStrings(Buffer.from(zonesOf({}, about)[0].body.aboutRdata))

  test('one character-string each', () => {
    expect(aboutOf(['asnzone 1.2.3', 'credit: Ü'])).toEqual(['asnzone 1.2.3', 'credit: Ü'])
  })

  test('a string is cut behind 255 octets', () => {
    expect(aboutOf(['x'.repeat(300), 'y'])).toEqual(['x'.repeat(255), 'y'])
  })

  test('strings that the longest record cannot hold are left out', () => {
    const strings = ['1', '2', '3', '4'].map((digit) => digit.repeat(255))
    expect(aboutOf([...strings, '5'])).toEqual(strings)
  })
})
