// Templates: what each field writes, what stands for unknown ones, and how long an answer may get.

import { describe, expect, test } from 'vitest'
import { parseCidr } from '../../src/table/cidr-text.ts'
import { prefixLengthOf, recordOf, type Table } from '../../src/table/table.ts'
import { addressTemplate, mappedAddressTemplate } from '../../src/zones/address-template.ts'
import { MAX_ANSWER_OCTETS, WORD_OVERRUN } from '../../src/zones/limits.ts'
import { packetOver } from '../../src/zones/packet.ts'
import { QueriedName } from '../../src/zones/queried-name.ts'
import type { Template } from '../../src/zones/template.ts'
import { textFieldNames, textTemplate } from '../../src/zones/text-template.ts'
import { textStrings } from '../support/message.ts'
import { smallTable } from '../support/small-table.ts'

const table = smallTable()
const fullTable = smallTable(undefined, {
  allocated: '2023-12-28',
  location: 7,
  distance: 8123,
  score: { sum: -42, parts: 'country XX -42' },
  reputation: { value: -18, evidence: 'AS15169 | 22 spam, 2 ham | 2026-11-27' },
  rpki: {
    state: 'valid',
    family: 4,
    roas: [
      { asn: undefined, shorter: 0, more: 0 },
      { asn: 4294967295, shorter: 8, more: 16 },
    ],
    hasMore: false,
  },
})
const fullTable6 = smallTable(undefined, {
  rpki: {
    state: 'invalid',
    family: 6,
    roas: Array.from({ length: 5 }, (_, n) => ({ asn: 4294967290 + n, shorter: n, more: 128 - 42 + n })),
    hasMore: true,
  },
})

/** What a table knows of an address or an AS. */
function subjectOf(source: Table, text: string): QueriedName {
  const queried = new QueriedName()
  const asn = /^AS(\d+)$/.exec(text)?.[1]
  if (asn !== undefined) {
    queried.record = source.findAs(Number(asn))
    return queried
  }
  const { family, start } = parseCidr(text)
  const entry = family === 4 ? source.find4(start[0]) : source.find6(start[0], start[1], start[2], start[3])
  Object.assign(queried, {
    family,
    word0: start[0],
    word1: start[1] ?? 0,
    word2: start[2] ?? 0,
    word3: start[3] ?? 0,
  })
  queried.record = recordOf(entry)
  queried.prefixLength = prefixLengthOf(entry)
  return queried
}

/** The character-strings that a template writes; what lies around its RDATA must not change. */
function strings(
  template: string | readonly string[],
  queried: string,
  unknown = '',
  source = table,
): string[] {
  const compiled = textTemplate([template].flat(), unknown)
  const out = Buffer.alloc(7 + compiled.maxOctets + 7, 0xee)
  const end = compiled.write(packetOver(out), 7, source, subjectOf(source, queried))
  expect(end - 7).toBeLessThanOrEqual(compiled.maxOctets)
  expect(out.subarray(0, 7)).toEqual(Buffer.alloc(7, 0xee))
  // Copied a word at a time: the rest of the last one lies behind the end.
  expect(out.subarray(-4)).toEqual(Buffer.alloc(4, 0xee))
  return textStrings(out.subarray(7, end))
}

describe('fields of text', () => {
  test.each([
    ['ip', '8.8.8.8', '8.8.8.8'],
    ['ip', '2001:4860:4860::8888', '2001:4860:4860::8888'],
    ['ip', '::ffff:8.8.8.8', '::ffff:8.8.8.8'],
    ['asn', '8.8.8.8', '15169'],
    ['asn', '203.0.112.1', '4294967295'],
    ['name', '8.8.8.8', 'Google LLC'],
    ['name', '200.0.0.1', 'São Paulo Telecomunicações'],
    ['country', '8.8.8.8', 'US'],
    ['country-lower', '8.8.8.8', 'us'],
    ['registry', '193.0.0.1', 'ripencc'],
    ['rpki', '8.8.8.8', 'valid'],
    ['roas', '8.8.8.8', 'AS15169 8.8.8.0/24, AS4294967295 8.8.0.0/16-32'],
    ['allocated', '8.8.8.8', '2023-12-28'],
    ['distance', '8.8.8.8', '8123'],
    ['score', '8.8.8.8', '-42'],
    ['score-parts', '8.8.8.8', 'country XX -42'],
    ['reputation', '8.8.8.8', '-18'],
    ['reputation-evidence', '8.8.8.8', 'AS15169 | 22 spam, 2 ham | 2026-11-27'],
    ['city', '8.8.8.8', 'Mountain View'],
    ['region', '8.8.8.8', 'California'],
    ['city-country', '8.8.8.8', 'US'],
    ['continent', '8.8.8.8', 'NA'],
    ['latitude', '8.8.8.8', '37.4223'],
    ['longitude', '8.8.8.8', '-122.085'],
    ['prefix', '8.8.8.8', '8.8.8.0/24'],
    ['prefix', '2001:4860:4860::8888', '2001:4860:4840::/42'],
    ['network', '66.128.51.163', '66.128.48.0'],
    ['network', '2001:db8:ffff::1', '2001:db8::'],
    ['length', '66.128.51.163', '20'],
    ['length', '2001:db8::1', '32'],
    ['range', '66.128.51.163', '66.128.48.0-66.128.63.255'],
    ['range', '2001:4860:4860::8888', '2001:4860:4840::-2001:4860:487f:ffff:ffff:ffff:ffff:ffff'],
    ['range', '::ffff:8.8.8.8', '::ffff:808:800-::ffff:808:8ff'],
    ['range', '198.51.100.1', '198.51.100.0-198.51.100.255'],
  ])('{%s} of %s is %s', (field, queried, text) => {
    expect(strings(`{${field}}`, queried, '?', fullTable)).toEqual([text])
  })

  test('{roas} of IPv6, as many as there can be', () => {
    const roas = Array.from({ length: 5 }, (_, n) => {
      const network = n < 1 ? '2001:4860:4840::' : '2001:4860:4800::'
      return `AS${4294967290 + n} ${network}/${42 - n}-128`
    })
    const [told] = strings('{roas}', '2001:4860:4860::8888', '?', fullTable6)
    expect(told).toBe(`${roas.join(', ')}, more`.slice(0, 255))
  })

  test('every field has a row above', () => {
    const attributes = [
      'asn',
      'name',
      'country',
      'country-lower',
      'registry',
      'rpki',
      'roas',
      'allocated',
      'distance',
      'score',
      'reputation',
      'reputation-evidence',
    ]
    const places = ['ip', 'city', 'region', 'city-country', 'continent', 'latitude', 'longitude']
    const rows = [...attributes, 'score-parts', ...places, 'prefix', 'network', 'length', 'range']
    expect(textFieldNames().sort()).toEqual(rows.sort())
  })

  test.each([
    ['asn', '198.51.100.1'],
    ['name', '203.0.113.1'],
    ['country', '203.0.113.1'],
    ['country-lower', '203.0.113.1'],
    ['registry', '203.0.113.1'],
    ['rpki', '8.8.8.8'],
    ['roas', '8.8.8.8'],
    ['allocated', '8.8.8.8'],
    ['distance', '8.8.8.8'],
    ['score-parts', '8.8.8.8'],
    ['reputation', '8.8.8.8'],
    ['reputation-evidence', '8.8.8.8'],
    ['city', '8.8.8.8'],
    ['region', '8.8.8.8'],
    ['city-country', '8.8.8.8'],
    ['continent', '8.8.8.8'],
    ['latitude', '8.8.8.8'],
    ['longitude', '8.8.8.8'],
    ['prefix', '198.51.100.1'],
    ['network', '198.51.100.1'],
    ['length', '198.51.100.1'],
    ['prefix', 'AS15169'],
  ])('{%s} of %s is not known', (field, queried) => {
    expect(strings(`<{${field}}>`, queried, '--')).toEqual(['<-->'])
    expect(strings(`<{${field}}>`, queried, '')).toEqual(['<>'])
  })

  test('the text for unknown fields may be longer than the field, and need not be ASCII', () => {
    expect(strings('{country}', '203.0.113.1', 'ünbekannt')).toEqual(['ünbekannt'])
  })

  test('one template, several names: nothing stays behind', () => {
    const template = textTemplate(['{name} in {country}'], '--')
    const out = Buffer.alloc(template.maxOctets + 4)
    const texts = ['8.8.8.8', '203.0.113.1', '193.0.0.1', '8.8.8.8'].map((address) =>
      textStrings(out.subarray(0, template.write(packetOver(out), 0, table, subjectOf(table, address)))),
    )
    expect(texts).toEqual([
      ['Google LLC in US'],
      ['-- in --'],
      ['Reseaux IP Europeens Network Coordination Centre (RIPE NCC) in NL'],
      ['Google LLC in US'],
    ])
  })
})

describe('strings', () => {
  test.each([
    ['text only', 'no field at all', ['no field at all']],
    ['fields side by side', '{asn}{country}{length}', ['15169US24']],
    ['a lone closing brace', '{asn}}', ['15169}']],
    ['one string a template', ['{asn}', '{network}', '{length}'], ['15169', '8.8.8.0', '24']],
    ['UTF-8', '«{asn}»', ['«15169»']],
    ['an empty string', ['', '{asn}'], ['', '15169']],
  ])('%s', (_, template, expected) => {
    expect(strings(template, '8.8.8.8')).toEqual(expected)
  })

  test.each([
    ['an empty last field', '{asn} | {allocated}', ['15169 |']],
    ['two empty last fields', '{asn} | {allocated} | {distance}', ['15169 |  |']],
    ['several blanks', '{asn}   ', ['15169']],
    ['an empty field in the middle keeps its place', '{asn} | {allocated} | {country}', ['15169 |  | US']],
    ['blanks in front stay', ' {asn}', [' 15169']],
    ['blanks alone', '   ', ['']],
    ['each string by itself', ['{asn} ', '{country} '], ['15169', 'US']],
  ])('trailing blanks are trimmed: %s', (_, template, expected) => {
    expect(strings(template, '8.8.8.8')).toEqual(expected)
  })

  test.each([
    [254, [254]],
    [255, [255]],
    [256, [255, 1]],
    [510, [255, 255]],
    [511, [255, 255, 1]],
    [1019, [255, 255, 255, 254]],
  ])('%i octets are split into strings of %j (RFC 1035 3.3)', (length, expected) => {
    const text = Array.from({ length }, (_, i) => String.fromCharCode(33 + (i % 58))).join('')
    const written = strings(text, '8.8.8.8')
    expect(written.map((string) => string.length)).toEqual(expected)
    expect(written.join('')).toBe(text)
  })

  test('a long string is split, the next one follows whole', () => {
    const written = strings(['x'.repeat(300), '{asn}'], '8.8.8.8')
    expect(written).toEqual(['x'.repeat(255), 'x'.repeat(45), '15169'])
  })
})

describe('what is refused', () => {
  const known =
    '{ip} {asn} {name} {country} {country-lower} {registry} {rpki} {roas} {allocated} {distance} {score} {score-parts} {reputation} {reputation-evidence} {city} {region} {city-country} {continent} {latitude} {longitude} {prefix} {network} {length} {range}'

  test.each([
    ['an unknown field', ['{asn} {town}'], `'{town}' is not a field; known are ${known}`],
    ['a field in upper case', ['{ASN}'], `'{ASN}' is not a field; known are ${known}`],
    ['a field without a name', ['{}'], `'{}' is not a field; known are ${known}`],
    ['a field of every object', ['{constructor}'], `'{constructor}' is not a field; known are ${known}`],
    ['an open brace', ['{asn} | {name'], "'{asn} | {name' has a '{' without a '}'"],
  ])('%s', (_, template, message) => {
    expect(() => textTemplate(template, '')).toThrow(new Error(message))
  })

  test('an answer that could be too long', () => {
    expect(textTemplate(['x'.repeat(1019)], '').maxOctets).toBe(1024)
    expect(() => textTemplate(['x'.repeat(1021)], '')).toThrow(
      new Error(
        `can give 1026 octets, more than ${MAX_ANSWER_OCTETS}, which always fit one UDP packet: leave something out`,
      ),
    )
  })

  test('the longest that a field can be counts, not what it is', () => {
    expect(() => textTemplate(new Array(13).fill('{name}'), '')).toThrow('can give 1053 octets')
    expect(() => textTemplate(['{country}'.repeat(20)], 'x'.repeat(60))).toThrow('can give 1205 octets')
  })
})

describe('addresses', () => {
  /** The octets of an answer, null for none; what lies around its RDATA must not change. */
  const octets = (compiled: Template, queried: string, source = fullTable): number[] | null => {
    const { maxOctets } = compiled
    const out = Buffer.alloc(4 + maxOctets + WORD_OVERRUN + 4, 0xee)
    const end = compiled.write(packetOver(out), 4, source, subjectOf(source, queried))
    expect([...out.subarray(0, 4), ...out.subarray(-4)]).toEqual(new Array(8).fill(0xee))
    expect([-1, 4 + maxOctets]).toContain(end)
    return end < 0 ? null : [...out.subarray(4, end)]
  }
  const address = (template: string, queried: string, source = fullTable): string | null =>
    octets(addressTemplate(template), queried, source)?.join('.') ?? null

  test.each([
    ['127.0.0.2', '8.8.8.8', '127.0.0.2'],
    ['255.0.255.0', '203.0.113.1', '255.0.255.0'],
    ['127.0.{country-high}.{country-low}', '8.8.8.8', '127.0.3.72'],
    ['127.0.{country-high}.{country-low}', '200.0.0.1', '127.0.0.76'],
    ['127.0.{country-high}.{country-low}', '192.0.2.1', '127.0.3.215'],
    ['{country-low}.{country-high}.0.1', '8.8.8.8', '72.3.0.1'],
    ['127.3.{distance-high}.{distance-low}', '8.8.8.8', '127.3.31.187'],
    ['127.0.{score-side}.{score-magnitude}', '8.8.8.8', '127.0.1.42'],
    ['127.0.0.{rpki-code}', '8.8.8.8', '127.0.0.2'],
    ['127.4.{reputation-side}.{reputation-magnitude}', '8.8.8.8', '127.4.1.18'],
  ])('%s of %s is %s', (template, queried, expected) => {
    expect(address(template, queried)).toBe(expected)
  })

  test('a distance of 0 km is an answer, a score of 0 and a country without a number are none', () => {
    const near = smallTable(undefined, { distance: 0, score: { sum: 0, parts: '' } })
    expect(address('127.3.{distance-high}.{distance-low}', '8.8.8.8', near)).toBe('127.3.0.0')
    expect(address('127.0.{score-side}.{score-magnitude}', '8.8.8.8', near)).toBeNull()
    expect(address('127.3.{distance-high}.{distance-low}', '8.8.8.8', table)).toBeNull()
    // Its registry is known, and no state of RPKI.
    expect(address('127.0.0.{rpki-code}', '8.8.8.8', table)).toBeNull()
    expect(address('127.4.{reputation-side}.{reputation-magnitude}', '8.8.8.8', table)).toBeNull()
  })

  test.each([
    ['without a country', '203.0.113.1'],
    ['with a country that has no ISO 3166-1 number', '100.64.0.1'],
  ])('%s there is no answer', (_, queried) => {
    expect(address('127.0.{country-high}.{country-low}', queried)).toBeNull()
  })

  test.each([
    ['three octets', '127.0.0', "'127.0.0' is not four octets or fields such as 127.0.0.2"],
    ['five octets', '1.2.3.4.5', "'1.2.3.4.5' is not four octets or fields such as 127.0.0.2"],
    ['256', '127.0.0.256', "'256' is neither an octet from 0 to 255 nor a field"],
    ['a leading zero', '127.0.0.02', "'02' is neither an octet from 0 to 255 nor a field"],
    ['nothing', '127..0.2', "'' is neither an octet from 0 to 255 nor a field"],
    ['a word', '127.0.0.x', "'x' is neither an octet from 0 to 255 nor a field"],
    [
      'a field of text',
      '127.0.0.{asn}',
      "'{asn}' is not a field; known are {country-high} {country-low} {distance-high} {distance-low} {rpki-code} {score-side} {score-magnitude} {reputation-side} {reputation-magnitude}",
    ],
    [
      'a field of every object',
      '127.0.0.{toString}',
      "'{toString}' is not a field; known are {country-high} {country-low} {distance-high} {distance-low} {rpki-code} {score-side} {score-magnitude} {reputation-side} {reputation-magnitude}",
    ],
  ])('refuses %s', (_, template, message) => {
    expect(() => addressTemplate(template)).toThrow(new Error(message))
  })

  test('an AAAA record says the same as IPv4 is written in IPv6 (RFC 4291 2.5.5.2)', () => {
    const mapped = [...new Array(10).fill(0), 0xff, 0xff]
    const template = mappedAddressTemplate('::ffff:127.0.{country-high}.{country-low}')
    expect(octets(template, '8.8.8.8')).toEqual([...mapped, 127, 0, 3, 72])
    expect(octets(template, '203.0.113.1')).toBeNull()
    expect(octets(mappedAddressTemplate('::ffff:127.0.0.2'), '8.8.8.8')).toEqual([...mapped, 127, 0, 0, 2])
  })

  test.each([
    ['127.0.0.2', "'127.0.0.2' is neither none nor ::ffff: and an address such as 127.0.0.2"],
    ['::ffff:127.0.0', "'127.0.0' is not four octets or fields such as 127.0.0.2"],
  ])('an AAAA record of %s is refused', (template, message) => {
    expect(() => mappedAddressTemplate(template)).toThrow(new Error(message))
  })
})
