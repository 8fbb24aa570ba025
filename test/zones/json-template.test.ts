// JSON objects in TXT records: what each member becomes, how it is escaped, and how long it may get.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Responder } from '../../src/dns/responder.ts'
import { recordOf, type Table } from '../../src/table/table.ts'
import { endString, mostStrings } from '../../src/zones/character-strings.ts'
import { type JsonMember, jsonTemplate } from '../../src/zones/json-template.ts'
import { endJsonValue, JSON_VALUE } from '../../src/zones/json-value.ts'
import { MAX_ANSWER_OCTETS } from '../../src/zones/limits.ts'
import { packetOver } from '../../src/zones/packet.ts'
import { QueriedName } from '../../src/zones/queried-name.ts'
import { textFieldNames } from '../../src/zones/text-template.ts'
import { anyCharacter } from '../support/any-text.ts'
import { query, readMessage, TYPE } from '../support/message.ts'
import { ROWS, smallTable, smallZoneSet } from '../support/small-table.ts'
import { respond } from '../support/transports.ts'

const GOOGLE = 0x08080808
const NOTHING_BUT_AS = 0xcb007101

const fullTable = smallTable(undefined, {
  allocated: '2023-12-28',
  location: 7,
  distance: 8123,
  score: { sum: -42, parts: 'country XX -42' },
  reputation: { value: 18, evidence: 'AS15169 | 2 spam, 22 ham' },
  rpki: {
    state: 'invalid',
    family: 4,
    roas: [
      { asn: undefined, shorter: 0, more: 0 },
      { asn: 64500, shorter: 8, more: 16 },
    ],
    hasMore: false,
  },
})

type Members = Readonly<Record<string, JsonMember>>

/** The character-strings of the object that a table's entry for an IPv4 address gives; what lies around it must not change. */
function strings(members: Members, table: Table, address = GOOGLE, multiOrigin = false): Uint8Array[] {
  const template = jsonTemplate(members, multiOrigin)
  const queried = new QueriedName()
  const entry = table.find4(address)
  Object.assign(queried, { family: 4, word0: address, record: recordOf(entry), prefixLength: entry & 0xff })
  const out = Buffer.alloc(7 + template.maxOctets + 7, 0xee)
  const end = template.write(packetOver(out), 7, table, queried)
  expect(end - 7).toBeLessThanOrEqual(template.maxOctets)
  expect([...out.subarray(0, 7), ...out.subarray(-4)]).toEqual(new Array(11).fill(0xee))
  return stringsOf(out.subarray(7, end))
}

function stringsOf(rdata: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = []
  let at = 0
  for (; at < rdata.length; at += rdata[at] + 1) found.push(rdata.subarray(at + 1, at + 1 + rdata[at]))
  expect(at).toBe(rdata.length)
  return found
}

const text = (members: Members, table: Table, address = GOOGLE, multiOrigin = false): string =>
  Buffer.concat(strings(members, table, address, multiOrigin)).toString()

const tableNaming = (name: string): Table => smallTable(ROWS.map((row) => ({ ...row, name })))

describe('members', () => {
  test('come in the order of the file, fields and literals', () => {
    const members = {
      name: '{name}',
      a: 'text "x" \\',
      asn: '{asn}',
      n: -1.5,
      yes: true,
      no: false,
      none: null,
    }
    expect(text(members, fullTable)).toBe(
      '{"name":"Google LLC","a":"text \\"x\\" \\\\","asn":15169,"n":-1.5,"yes":true,"no":false,"none":null}',
    )
  })

  test.each([
    ['a literal first', { by: 'asnzone', asn: '{asn}' }, '{"by":"asnzone","asn":15169}'],
    ['a literal alone', { by: 'asnzone' }, '{"by":"asnzone"}'],
    ['an empty text', { by: '' }, '{"by":""}'],
  ])('%s', (_, members, expected) => {
    expect(text(members, fullTable)).toBe(expected)
  })

  const known: Readonly<Record<string, string | number>> = {
    ip: '8.8.8.8',
    asn: 15169,
    name: 'Google LLC',
    country: 'US',
    'country-lower': 'us',
    registry: 'arin',
    rpki: 'invalid',
    roas: 'AS15169 8.8.8.0/24, AS64500 8.8.0.0/16-32',
    allocated: '2023-12-28',
    distance: 8123,
    score: -42,
    'score-parts': 'country XX -42',
    reputation: 18,
    'reputation-evidence': 'AS15169 | 2 spam, 22 ham',
    city: 'Mountain View',
    region: 'California',
    'city-country': 'US',
    continent: 'NA',
    latitude: 37.4223,
    longitude: -122.085,
    prefix: '8.8.8.0/24',
    network: '8.8.8.0',
    length: 24,
    range: '8.8.8.0-8.8.8.255',
  }

  test('every field is one that is known below', () => {
    expect(Object.keys(known).sort()).toEqual(textFieldNames().sort())
  })

  test.each(textFieldNames())('{%s} is a value of its kind, or null', (field) => {
    expect(JSON.parse(text({ x: `{${field}}`, y: 1 }, fullTable))).toEqual({ x: known[field], y: 1 })
    const bare = smallTable([{ cidr: '203.0.113.0/24', country: 'DE' }], { score: undefined })
    const always = ['ip', 'country', 'country-lower', 'range']
    const none = JSON.parse(text({ x: `{${field}}`, y: 1 }, bare, NOTHING_BUT_AS))
    if (!always.includes(field)) expect(none).toEqual({ x: null, y: 1 })
  })

  test('an AS is a list where a zone tells them all', () => {
    const table = smallTable(undefined, { origins: '15169 64500 4294967295' })
    expect(text({ asn: '{asn}' }, table, GOOGLE, true)).toBe('{"asn":[15169,64500,4294967295]}')
    expect(text({ asn: '{asn}' }, table, GOOGLE)).toBe('{"asn":15169}')
    expect(text({ asn: '{asn}', prefix: '{prefix}' }, smallTable(), 0xc6336401, true)).toBe(
      '{"asn":null,"prefix":null}',
    )
  })

  test.each([
    ['8.8.8.8', '8.8.8.8'],
    ['8.8.8.0/25', '8.8.8.0/25'],
    ['8.8.8.8/32', '8.8.8.8'],
    ['2001:4860:4860:0::8888', '2001:4860:4860::8888'],
    ['2001:4860:4860::/48', '2001:4860:4860::/48'],
    ['::FFFF:8.8.8.8', '::ffff:8.8.8.8'],
    ['::ffff:808:800/120', '::ffff:8.8.8.0/120'],
    ['64:ff9b::8.8.8.8', '64:ff9b::808:808'],
  ])('of %s, ip is %s', (asked, ip) => {
    const responder = new Responder(smallTable(), smallZoneSet())
    const message = query(`${asked}.json.asnzone.internal`, { type: TYPE.TXT, edns: {} })
    const [{ rdata }] = readMessage(respond(responder, message, 'udp')!).answers
    expect(JSON.parse(Buffer.concat(stringsOf(rdata)).toString())).toMatchObject({ ip, asn: 15169 })
  })

  test('an address before a network is no network', () => {
    const responder = new Responder(
      smallTable(),
      smallZoneSet({
        r: {
          apex: 'r.test',
          owner: 'ip',
          json: { ip: '{ip}' },
          example: { ask: '8.8.8.8', type: 'TXT', answer: '' },
        },
        w: {
          apex: 'w.test',
          owner: 'address',
          json: { ip: '{ip}' },
          example: { ask: '8.8.8.8', type: 'TXT', answer: '' },
        },
      }),
    )
    const ip = (name: string): string => {
      const [{ rdata }] = readMessage(respond(responder, query(name, { type: TYPE.TXT }), 'udp')!).answers
      return JSON.parse(Buffer.from(rdata.subarray(1)).toString()).ip
    }
    const nibbles = [...'20014860484000000000000000000001'].reverse().join('.')
    const names = [
      '8.8.8.0/24.w.test',
      '8.8.8.8.r.test',
      '8.8.8.0/24.w.test',
      `${nibbles}.r.test`,
      '8.8.8.0/24.w.test',
      '8.8.8.8.w.test',
    ]
    expect(names.map(ip)).toEqual([
      '8.8.8.0/24',
      '8.8.8.8',
      '8.8.8.0/24',
      '2001:4860:4840::1',
      '8.8.8.0/24',
      '8.8.8.8',
    ])
  })

  test('the test entry of a list that tells JSON is JSON (RFC 5782 5)', () => {
    const example = { ask: '8.8.8.8', type: 'TXT', answer: '' }
    const zones = smallZoneSet({
      l: { apex: 'l.test', owner: 'ip', a: '127.0.0.2', json: { asn: '{asn}' }, example },
    })
    const responder = new Responder(smallTable(), zones)
    const [{ rdata }] = readMessage(
      respond(responder, query('2.0.0.127.l.test', { type: TYPE.TXT }), 'udp')!,
    ).answers
    expect(JSON.parse(Buffer.concat(stringsOf(rdata)).toString())).toEqual({ test: 'RFC 5782' })
  })
})

test('a list of one’s own that tells JSON has no other text', () => {
  const lists = { country: 'US' }
  const zones = smallZoneSet({ l: { apex: 'l.test', lists, json: { why: 'country', cc: '{country}' } } })
  const responder = new Responder(smallTable(), zones)
  const [{ rdata }] = readMessage(
    respond(responder, query('8.8.8.8.l.test', { type: TYPE.TXT }), 'udp')!,
  ).answers
  expect(JSON.parse(Buffer.concat(stringsOf(rdata)).toString())).toEqual({ why: 'country', cc: 'US' })
})

describe('escaping (RFC 8259 7)', () => {
  test.each([
    ['quotation marks and backslashes', '"a" \\ b\\', '"\\"a\\" \\\\ b\\\\"'],
    ['short forms', '\b\t\n\f\r', '"\\b\\t\\n\\f\\r"'],
    ['other control characters', 'x\u0000\u001fy', '"x\\u0000\\u001fy"'],
    ['octets of UTF-8, DEL and solidus as they are', 'é€😀\u007f/', '"é€😀\u007f/"'],
  ])('%s', (_, name, expected) => {
    expect(text({ name: '{name}', asn: '{asn}' }, tableNaming(name))).toBe(`{"name":${expected},"asn":15169}`)
  })

  test('what would outgrow its room is null, and the rest is as it was', () => {
    const members = { name: '{name}', asn: '{asn}' }
    expect(JSON.parse(text(members, tableNaming('\u0001'.repeat(27))))).toEqual({ name: null, asn: 15169 })
    expect(JSON.parse(text(members, tableNaming('\u0001'.repeat(26))))).toEqual({
      name: '\u0001'.repeat(26),
      asn: 15169,
    })
  })

  test('any text comes back, wherever the strings are cut', () => {
    const character = fc.oneof(
      fc.constantFrom('"', '\\', '\n', '\u0000', '\u001f', ' ', 'a', 'é', '€', '😀'),
      anyCharacter,
    )
    const anyText = fc.string({ unit: character, minLength: 1, maxLength: 80 })
    fc.assert(
      fc.property(anyText, fc.nat({ max: 400 }), fc.nat({ max: 6 * 80 }), (it, length, room) => {
        const octets = Buffer.from(it)
        const before = Buffer.from(`{"fill":"${'é'.repeat(length >> 1)}${'x'.repeat(length & 1)}","text":"`)
        const out = Buffer.alloc(2000)
        out.set(before, 1)
        out.set(octets, 1 + before.length)
        const begin = 1 + before.length
        const end = endJsonValue(packetOver(out), begin, begin + octets.length, JSON_VALUE.string, room)
        out[end] = 0x7d
        const written = stringsOf(out.subarray(0, endString(out, 0, end + 1)))
        const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
        for (const string of written) decoder.decode(string)
        const { text: found } = JSON.parse(Buffer.concat(written).toString())
        const escaped = Buffer.byteLength(JSON.stringify(octets.toString())) - 2
        const fits = escaped === octets.length || escaped <= room
        expect(found).toBe(fits ? octets.toString() : null)
      }),
    )
  })
})

describe('how long an object may get', () => {
  test('to the octet what is reckoned with', () => {
    const table = smallTable(ROWS.map((row) => ({ ...row, asn: 4294967295, name: '"'.repeat(80) })))
    const members = { asn: '{asn}', name: '{name}' }
    expect(text(members, table)).toHaveLength(jsonTemplate(members, false).maxOctets - 1)
  })

  test('more than a packet has room for is refused', () => {
    const members = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, '{name}']))
    expect(() => jsonTemplate({ ...members, g: 'x'.repeat(80) }, false)).toThrow(
      new Error(
        'json: can give 1095 octets, more than 1024, which always fit one UDP packet: leave a member out',
      ),
    )
    expect(jsonTemplate(members, false).maxOctets).toBeLessThanOrEqual(MAX_ANSWER_OCTETS)
  })
})

describe('character-strings', () => {
  /** The strings that octets become. */
  function cut(octets: Uint8Array): Uint8Array[] {
    const out = Buffer.alloc(1 + octets.length + mostStrings(octets.length))
    out.set(octets, 1)
    return stringsOf(out.subarray(0, endString(out, 0, 1 + octets.length)))
  }

  test('a text of UTF-8 is cut between characters, and no octet is lost', () => {
    const any = fc
      .string({ unit: 'grapheme-composite', maxLength: 400 })
      .map((it) => Buffer.from(it).subarray(0, 1500))
    fc.assert(
      fc.property(any, fc.nat({ max: 4 }), (octets, ahead) => {
        const whole = Buffer.concat([Buffer.alloc(250 + ahead, 0x78), octets])
        const found = cut(whole)
        expect(Buffer.concat(found)).toEqual(whole)
        expect(found.length).toBeLessThanOrEqual(mostStrings(whole.length))
        for (const string of found.slice(1)) expect(string[0] & 0xc0).not.toBe(0x80)
      }),
    )
  })

  test('octets of any kind are cut as well', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 200, maxLength: 1000 }), (octets) => {
        expect(Buffer.concat(cut(octets))).toEqual(Buffer.from(octets))
      }),
    )
    const tails = Buffer.alloc(1000, 0x80)
    expect(cut(tails).map(({ length }) => length)).toEqual([255, 255, 255, 235])
  })
})
