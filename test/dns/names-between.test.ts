// RFC 8020 2: names between two served apexes are empty non-terminals, and nothing else is.

import { expect, test } from 'vitest'
import { Responder } from '../../src/dns/responder.ts'
import { query, TYPE } from '../support/message.ts'
import { smallTable, smallZoneSet } from '../support/small-table.ts'
import { respond } from '../support/transports.ts'

const responder = new Responder(
  smallTable(),
  smallZoneSet({
    top: { apex: 'example.test', owner: 'none' },
    deep: {
      apex: 'd.c.b.example.test',
      owner: 'ip',
      txt: '{asn}',
      example: { ask: '8.8.8.8', type: 'TXT', answer: '"15169"' },
    },
    alone: { apex: 'y.x.elsewhere.test', owner: 'none' },
    above: {
      apex: 'lists.test',
      owner: 'ip',
      txt: '{asn}',
      example: { ask: '8.8.8.8', type: 'TXT', answer: '"15169"' },
    },
    inside: { apex: '1.0.0.10.lists.test', owner: 'none' },
  }),
)

test.each([
  ['the upper apex', 'example.test', 0],
  ['between two apexes', 'b.example.test', 0],
  ['between two apexes, in any case', 'C.b.Example.test', 0],
  ['the lower apex', 'd.c.b.example.test', 0],
  ['below the lower apex', '8.8.8.8.d.c.b.example.test', 0],
  ['beside a name between', 'a.example.test', 3],
  ['below a name between', 'a.b.example.test', 3],
  ['above an apex with none above it', 'x.elsewhere.test', 5],
])('%s', (_, name, rcode) => {
  const reply = respond(responder, query(name, { id: 1, type: TYPE.A }), 'udp')
  expect((reply?.[3] ?? 0) & 15).toBe(rcode)
})

test.each([
  ['an apex below names that are between', 'd.c.b.example.test', 'example.test'],
  ['an apex with none above it', 'y.x.elsewhere.test', 'y.x.elsewhere.test'],
  ['an apex that is the name of an address of which nothing is known', '1.0.0.10.lists.test', 'lists.test'],
])('RFC 4035 3.1.4.1: DS of %s', (_, name, zone) => {
  respond(responder, query(name, { type: TYPE.DS }), 'udp')
  expect([responder.rcode, responder.zone?.name]).toEqual([0, zone])
})
