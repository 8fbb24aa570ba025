// Apexes of addresses as they are written are told from all others, whatever else is served.

import { expect, test } from 'vitest'
import { wireName } from '../../src/zones/wire-name.ts'
import { WrittenApexes } from '../../src/zones/written-apexes.ts'
import { smallZoneSet } from '../support/small-table.ts'

/** Whether a name seems to be an apex of written addresses. */
function seems(written: WrittenApexes, name: string): boolean {
  const wire = new Uint8Array([...wireName(name), 0, 0, 0, 0, 0, 0, 0, 0])
  return written.has(new DataView(wire.buffer), 0)
}

test('every preset is told rightly, in any case', () => {
  const zoneSet = smallZoneSet()
  const written = new WrittenApexes(zoneSet)
  const told = zoneSet.zones.map(({ name }) => [name, seems(written, name.toUpperCase())])
  expect(told).toEqual(zoneSet.zones.map(({ name, body }) => [name, body.owner === 'address']))
})

test('apexes that begin alike are taken for what most are: reversed', () => {
  const example = { ask: '8.8.8.8', type: 'TXT', answer: '' }
  const zone = (apex: string, owner: string) => ({ apex, owner, txt: '{asn}', example })
  const zones = { a: zone('abc.defgh', 'address'), b: zone('abc.defgi', 'ip'), c: zone('ab.c', 'address') }
  const written = new WrittenApexes(smallZoneSet(zones))
  expect(seems(written, 'abc.defgh')).toBe(false)
  expect(seems(written, 'ab.c')).toBe(false)
  const alone = new WrittenApexes(smallZoneSet({ a: zones.a }))
  expect(seems(alone, 'abc.defgh')).toBe(true)
})
