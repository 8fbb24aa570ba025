// A zone may print every AS that announces a prefix, the way Team Cymru does.

import { expect, test } from 'vitest'
import { askResponder } from '../../src/dns/ask-responder.ts'
import { Responder } from '../../src/dns/responder.ts'
import { buildTable } from '../../src/table/build/builder.ts'
import { flatten } from '../../src/table/build/flatten.ts'
import { RangesBuilder } from '../../src/table/build/ranges.ts'
import { ATTRIBUTE } from '../../src/table/build/record-attributes.ts'
import { parseCidr } from '../../src/table/cidr-text.ts'
import { detailOf } from '../../src/table/interval-map.ts'
import { parseZoneFile } from '../../src/zones/definition.ts'
import { wireName } from '../../src/zones/wire-name.ts'
import { compileZoneSet } from '../../src/zones/zone-set.ts'

const SETS = ['', '20738 20773']

function responder(): Responder {
  const rows = new RangesBuilder(4, 4)
  for (const [cidr, asn, set] of [
    ['94.136.40.0/24', 20738, 1],
    ['8.8.8.0/24', 15169, 0],
  ] as const) {
    const { start, end, length } = parseCidr(cidr)
    rows.add(start, end, asn, detailOf(length, set))
  }
  const table = buildTable({
    v4: { asn: flatten(rows.finish()).intervals },
    v6: {},
    describe: (attributes) => ({
      asn: String(attributes[ATTRIBUTE.asn]),
      name: 'x',
      ...(attributes[ATTRIBUTE.origins] !== 0 && { origins: SETS[attributes[ATTRIBUTE.origins]] }),
    }),
    metadata: { sources: [], date: '2026-06-17T19:00:00.000Z' },
  })
  const zone = (apex: string, options: object) => ({
    apex,
    owner: 'ipv4',
    txt: '{asn} | {prefix} | {name}',
    example: { ask: '8.8.8.8', type: 'TXT', answer: '' },
    ...options,
  })
  const definitions = parseZoneFile('test.yaml', {
    zones: { one: zone('one.test', {}), all: zone('all.test', { 'multi-origin': true }) },
  })
  const nameserver = wireName('ns.test')
  const authority = { nameservers: [nameserver], contact: nameserver, serial: 1, about: [] }
  return new Responder(table, compileZoneSet(definitions, { domain: 'test', countries: [], authority }))
}

test.each([
  ['one origin, the first', '1.40.136.94.one.test', '"20738 | 94.136.40.0/24 | x"'],
  ['all origins', '1.40.136.94.all.test', '"20738 20773 | 94.136.40.0/24 | x"'],
  ['all origins where there is one', '8.8.8.8.all.test', '"15169 | 8.8.8.0/24 | x"'],
])('%s', (_name, question, answer) => {
  expect(askResponder(responder(), question, 'TXT')).toBe(answer)
})
