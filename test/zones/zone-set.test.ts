// The set of zones: which zone a name lies in, and errors of compiling zones.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allCountryCodes } from '../../src/data/countries.ts'
import { parseZoneFile, type ZoneDefinition } from '../../src/zones/definition.ts'
import { packetOver } from '../../src/zones/packet.ts'
import { wireName } from '../../src/zones/wire-name.ts'
import type { Authority } from '../../src/zones/zone.ts'
import { compileZoneSet, type ZoneSet } from '../../src/zones/zone-set.ts'
import { messageOf } from '../support/errors.ts'
import { expectSame } from '../support/expect-same.ts'
import { name } from '../support/message.ts'
import { smallZoneSet } from '../support/small-table.ts'

const AUTHORITY: Authority = {
  nameservers: [wireName('ns.example')],
  contact: wireName('mail.example'),
  serial: 1,
  about: ['about'],
}

const EXAMPLE = { ask: '8.8.8.8', type: 'TXT', answer: '' }

function compile(zones: Readonly<Record<string, unknown>>, domain = 'test'): ZoneSet {
  const countries = ['DE', 'XK']
  return compileZoneSet(parseZoneFile('own.yaml', { zones }), { domain, countries, authority: AUTHORITY })
}

const served = (...apexes: string[]): ZoneSet =>
  compile({ mine: { apex: apexes, owner: 'ip', txt: '{asn}', example: EXAMPLE } })

/** Looks a name up as a responder does: where its labels lie in a packet. */
function find(zoneSet: ZoneSet, labels: string | readonly (string | Uint8Array)[]) {
  const packet = Buffer.concat([Buffer.alloc(12, 0x61), name(labels)])
  const positions: number[] = []
  for (let at = 12; packet[at] !== 0; at += packet[at] + 1) positions.push(at)
  const before = Buffer.from(packet)
  const zone = zoneSet.find(packetOver(packet), Uint32Array.from(positions), positions.length)
  if (!packet.equals(before)) expect.fail('the packet was changed')
  return zone === null ? null : { apex: zone.name, below: zoneSet.labelsBelow }
}

test('more zones than 16 bits can number: none is lost, and none is slow to find', () => {
  // Too many for the schema to take its time with: the definition is read with one apex.
  const [definition] = parseZoneFile('own.yaml', {
    zones: { mine: { apex: 'example', owner: 'ip', txt: '{asn}', example: EXAMPLE } },
  })
  const apex = Array.from({ length: 70_000 }, (_, i) => `z${i}.example`)
  const options = { domain: 'test', countries: [], authority: AUTHORITY }
  const many = compileZoneSet([{ ...definition, apex }], options)
  expect(many.zones).toHaveLength(70_000)
  const lost = apex.filter((it) => find(many, it)?.apex !== it)
  expect(lost).toEqual([])
  expect(find(many, 'z70000.example')).toBeNull()
})

test('more zones than the heap of a thread has room for are refused', () => {
  const [definition] = parseZoneFile('own.yaml', {
    zones: { mine: { apex: 'example', owner: 'ip', txt: '{asn}', example: EXAMPLE } },
  })
  const options = { domain: 'test', countries: [], authority: AUTHORITY }
  const apex = Array.from({ length: 100_001 }, (_, i) => `z${i}.example`)
  const compiled = (definitions: readonly ZoneDefinition[]) => compileZoneSet(definitions, options)
  expect(messageOf('ASNZONE_ZONE', () => compiled([{ ...definition, apex }]))).toBe(
    'own.yaml: zone mine, apex: there are more than 100000 apexes with it, and no more are served',
  )
  const single = apex.slice(0, 20_001).map((name) => ({ ...definition, apex: [name] }))
  expect(messageOf('ASNZONE_ZONE', () => compiled(single))).toBe(
    'own.yaml: zone mine, there are more than 20000 zones with it; one zone may have a list of apexes',
  )
})

describe('find', () => {
  const zoneSet = served('example', 'b.example', 'd.c.b.example', 'other.test')

  test.each([
    ['an apex', 'example', 'example', 0],
    ['below an apex', 'x.example', 'example', 1],
    ['a deeper apex', 'b.example', 'b.example', 0],
    ['between two apexes', 'c.b.example', 'b.example', 1],
    ['the deepest apex', 'd.c.b.example', 'd.c.b.example', 0],
    ['far below the deepest apex', '1.2.3.4.d.c.b.example', 'd.c.b.example', 4],
    ['another case (RFC 4343)', 'X.D.c.B.eXaMpLe', 'd.c.b.example', 1],
    ['labels of an apex elsewhere', 'example.b.example', 'b.example', 1],
  ])('%s: %s', (_, text, apex, below) => {
    expect(find(zoneSet, text)).toEqual({ apex, below })
  })

  test.each(['', 'test', 'com', 'xexample', 'example.com', 'example.example2', 'exampl', 'b.exampleb'])(
    "'%s' is in no zone",
    (text) => {
      expect(find(zoneSet, text)).toBeNull()
    },
  )

  test('the case bit of octets that are not letters counts (RFC 4343 3)', () => {
    const special = served('a-b_c0.test')
    expect(find(special, 'A-B_C0.TEST')).toEqual({ apex: 'a-b_c0.test', below: 0 })
    const flipped = Buffer.from('a-b_c0').map((octet) => (octet < 0x60 ? octet ^ 0x20 : octet))
    expect(find(special, [flipped, 'test'])).toBeNull()
    expect(find(special, [Buffer.from('a-b_c0').map((octet) => octet | 0x80), 'test'])).toBeNull()
  })

  test('a dot in a label is not a border of labels', () => {
    expect(find(zoneSet, ['b.example'])).toBeNull()
    expect(find(zoneSet, ['c.b', 'example'])).toEqual({ apex: 'example', below: 1 })
  })

  test('the last 127 labels of a name', () => {
    expect(find(served('a'), new Array(127).fill('a'))).toEqual({ apex: 'a', below: 126 })
    const deep = new Array(40).fill('a').join('.')
    expect(find(served(deep), new Array(127).fill('a'))).toEqual({ apex: deep, below: 87 })
  })

  test('no zones', () => {
    expect(find(compileZoneSet([], { domain: 'test', countries: [], authority: AUTHORITY }), 'a')).toBeNull()
  })

  test('random names and apexes: as a search through the list says', { timeout: 60_000 }, () => {
    const label = fc.constantFrom('a', 'b', 'aa', 'A', 'B', 'aA', 'c-1')
    const text = fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join('.'))
    const apexes = fc.uniqueArray(text, {
      minLength: 1,
      maxLength: 12,
      selector: (apex) => apex.toLowerCase(),
    })
    fc.assert(
      fc.property(apexes, fc.array(text, { minLength: 20, maxLength: 20 }), (list, names) => {
        const random = served(...list)
        for (const asked of [...names, ...list]) {
          const lower = `.${asked.toLowerCase()}`
          const holders = list.map((apex) => apex.toLowerCase()).filter((apex) => lower.endsWith(`.${apex}`))
          const [deepest] = holders.sort((one, other) => other.length - one.length)
          expectSame(find(random, asked)?.apex, deepest)
        }
      }),
    )
  })

  test('each apex of the presets, and a name below it', () => {
    const presets = smallZoneSet()
    expect(presets.zones.length).toBeGreaterThan(2 * allCountryCodes().length)
    for (const { name: apex } of presets.zones) {
      expectSame(find(presets, apex.toUpperCase()), { apex, below: 0 })
      expectSame(find(presets, `_.${apex}`), { apex, below: 1 })
    }
  })
})

describe('compileZoneSet', () => {
  const zone = { apex: 'a.example', owner: 'ip', txt: '{asn}', example: EXAMPLE }

  test('{domain} is the domain, upper case and a final dot included', () => {
    const { zones } = compile(
      { mine: { ...zone, apex: ['{domain}', 'A.{domain}', 'B.example.'] } },
      'My.Net.',
    )
    expect(zones.map(({ name: apex }) => apex)).toEqual(['my.net', 'a.my.net', 'b.example'])
  })

  test('{cc} is each country, in lower case, and so is what it lists', () => {
    const list = { ...zone, apex: '{cc}.{domain}', country: '{cc}' }
    expect(compile({ mine: list }).zones.map(({ name: apex }) => apex)).toEqual(['de.test', 'xk.test'])
  })

  test.each([
    [
      'two zones of one apex',
      { one: zone, two: { ...zone, apex: 'A.EXAMPLE.' } },
      'own.yaml: zone two, apex: a.example is served by zone one of own.yaml already; disable one',
    ],
    [
      'an apex twice',
      { one: { ...zone, apex: ['b.example', 'b.example'] } },
      'own.yaml: zone one, apex: b.example is served by zone one of own.yaml already; disable one',
    ],
    ['the root', { one: { ...zone, apex: '.' } }, 'own.yaml: zone one, apex: the root cannot be served'],
    [
      'an empty label',
      { one: { ...zone, apex: 'a..b' } },
      "own.yaml: zone one, apex: 'a..b' has an empty label",
    ],
    [
      'an unknown placeholder',
      { one: { ...zone, apex: '{zone}.b' } },
      "own.yaml: zone one, apex: '{zone}.b' has a label with other characters than letters, digits, '-' and '_'",
    ],
    [
      'an unknown field of txt',
      { one: { ...zone, txt: '{asn} | {town}' } },
      /^own\.yaml: zone one, txt: '\{town\}' is not a field; known are \{ip\} \{asn\} .*\{range\}$/,
    ],
    [
      'an unknown field of a',
      { one: { ...zone, a: '127.0.0.{asn}' } },
      "own.yaml: zone one, a: '{asn}' is not a field; known are {country-high} {country-low} {distance-high} {distance-low} {rpki-code} {score-side} {score-magnitude} {reputation-side} {reputation-magnitude}",
    ],
    [
      'an answer that is too long',
      { one: { ...zone, txt: 'x'.repeat(1100) } },
      'own.yaml: zone one, txt: can give 1105 octets, more than 1024, which always fit one UDP packet: leave something out',
    ],
  ])('refuses %s', (_, zones, message) => {
    const thrown = messageOf('ASNZONE_ZONE', () => compile(zones))
    if (typeof message === 'string') expect(thrown).toBe(message)
    else expect(thrown).toMatch(message)
  })
})
