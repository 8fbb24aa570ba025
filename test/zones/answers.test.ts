// What a zone answers with: which types, in which order, and what is refused.

import { describe, expect, test } from 'vitest'
import { askResponder } from '../../src/dns/ask-responder.ts'
import { Responder } from '../../src/dns/responder.ts'
import { compileAnswers } from '../../src/zones/answers.ts'
import { parseZoneFile, type ZoneDefinition } from '../../src/zones/definition.ts'
import { ANSWER_TYPES, typeNumber } from '../../src/zones/record-type.ts'
import { query, readMessage, TYPE } from '../support/message.ts'
import { smallTable, smallZoneSet } from '../support/small-table.ts'
import { respond } from '../support/transports.ts'

const example = { ask: '8.8.8.8', type: 'TXT', answer: '' }

const definitionOf = (fields: object): ZoneDefinition =>
  parseZoneFile('own.yaml', { zones: { mine: { apex: 'own.test', owner: 'ip', example, ...fields } } })[0]

describe('which types', () => {
  test.each([
    ['text', { txt: '{asn}' }, ['TXT']],
    ['an address: AAAA says the same', { a: '127.0.0.2' }, ['A', 'AAAA']],
    ['both, the text first', { a: '127.0.0.2', txt: '{asn}' }, ['TXT', 'A', 'AAAA']],
    ['an address, and AAAA none', { a: '127.0.0.2', aaaa: 'none' }, ['A']],
    ['text, and AAAA of its own', { txt: '{asn}', aaaa: '::ffff:127.0.0.9' }, ['TXT', 'AAAA']],
  ])('%s', (_, fields, names) => {
    expect(compileAnswers(definitionOf(fields)).map(({ name }) => name)).toEqual(names)
  })

  test('what the zone file has no word of is derived', () => {
    const derived = (fields: object) => compileAnswers(definitionOf(fields)).map(({ isDerived }) => isDerived)
    expect(derived({ a: '127.0.0.2' })).toEqual([false, true])
    expect(derived({ a: '127.0.0.2', aaaa: '::ffff:127.0.0.3' })).toEqual([false, false])
  })

  test.each([
    [{ a: '127.0.0' }, "a: '127.0.0' is not four octets or fields such as 127.0.0.2"],
    [
      { a: '127.0.0.2', aaaa: '::1' },
      "aaaa: '::1' is neither none nor ::ffff: and an address such as 127.0.0.2",
    ],
    [{ txt: '{no}' }, "txt: '{no}' is not a field; known are"],
  ])('%o is refused', (fields, message) => {
    expect(() => compileAnswers(definitionOf(fields))).toThrow(message)
  })
})

test('numbers of the types are those of IANA', () => {
  expect(ANSWER_TYPES.map(typeNumber)).toEqual(ANSWER_TYPES.map((name) => TYPE[name]))
})

describe('what is answered', () => {
  const zone = (fields: object): object => ({ owner: 'ip', example, ...fields })
  const responder = new Responder(
    smallTable(),
    smallZoneSet({
      list: zone({ apex: 'list.test', a: '127.0.{country-high}.{country-low}' }),
      own: zone({ apex: 'own.test', a: '127.0.0.2', aaaa: '::ffff:127.0.0.9' }),
      none: zone({ apex: 'none.test', a: '127.0.0.2', aaaa: 'none', txt: '{asn}' }),
    }),
  )

  test.each([
    ['list', 'A', '127.0.3.72'],
    ['list', 'AAAA', '::ffff:127.0.3.72'],
    ['list', 'TXT', ''],
    ['own', 'A', '127.0.0.2'],
    ['own', 'AAAA', '::ffff:127.0.0.9'],
    ['none', 'A', '127.0.0.2'],
    ['none', 'AAAA', ''],
    ['none', 'TXT', '"15169"'],
  ] as const)('%s.test, %s: %s', (name, type, answer) => {
    expect(askResponder(responder, `8.8.8.8.${name}.test`, type)).toBe(answer)
  })

  test('an address whose country is unknown has neither A nor AAAA', () => {
    for (const type of ['A', 'AAAA'] as const) {
      expect(askResponder(responder, `1.113.0.203.list.test`, type)).toBe('')
    }
  })

  test.each([
    ['8.8.8.8.list.test', TYPE.A],
    ['8.8.8.8.none.test', TYPE.TXT],
    ['2.0.0.127.list.test', TYPE.A],
    ['2.0.0.127.none.test', TYPE.TXT],
  ])('ANY of %s is one record, the first that the zone has (RFC 8482 4.1)', (name, type) => {
    const reply = readMessage(respond(responder, query(name, { type: TYPE.ANY }), 'udp')!)
    expect(reply.answers.map((record) => record.type)).toEqual([type])
  })

  test.each([
    ['list', 'AAAA', '::ffff:127.0.0.2'],
    ['own', 'AAAA', '::ffff:127.0.0.2'],
    ['none', 'AAAA', ''],
    ['none', 'TXT', '"test entry, RFC 5782"'],
    ['list', 'TXT', ''],
  ] as const)('the test entry of %s.test, %s: %s (RFC 5782 5)', (name, type, answer) => {
    expect(askResponder(responder, `2.0.0.127.${name}.test`, type)).toBe(answer)
  })
})
