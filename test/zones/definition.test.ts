// Zone files: what they may say, their defaults, and errors that name the file, the zone and the field.

import { describe, expect, test } from 'vitest'
import { parseZoneFile } from '../../src/zones/definition.ts'
import { messageOf } from '../support/errors.ts'

const EXAMPLE = { ask: '8.8.8.8', type: 'TXT', answer: '"15169"' }
const ZONE = { apex: 'a.example', owner: 'ipv4', txt: '{asn}', example: EXAMPLE }

const parse = (zone: Readonly<Record<string, unknown>>) =>
  parseZoneFile('own.yaml', { zones: { mine: zone } })

test('defaults', () => {
  expect(parse(ZONE)).toEqual([
    {
      id: 'mine',
      file: 'own.yaml',
      apex: ['a.example'],
      owner: 'ipv4',
      needs: 'anything',
      txt: ['{asn}'],
      unknown: '',
      partial: false,
      'multi-origin': false,
      ttl: 3600,
      'negative-ttl': 300,
      example: EXAMPLE,
    },
  ])
})

test('lists where one would do, and every field', () => {
  const all = {
    apex: ['{cc}.a.example', '{cc}.b.example'],
    owner: 'ip',
    needs: 'country',
    country: '{cc}',
    txt: ['{asn}', '{name}'],
    a: '127.0.0.2',
    unknown: '--',
    partial: true,
    'multi-origin': true,
    ttl: 0,
    'negative-ttl': 2147483647,
    example: { ...EXAMPLE, cc: 'us' },
  }
  expect(parse(all)).toEqual([{ ...all, id: 'mine', file: 'own.yaml' }])
})

test('zones in the order of the file', () => {
  const zones = { b: ZONE, a: ZONE, 'c-1': { apex: 'top.example', owner: 'none' } }
  expect(parseZoneFile('own.yaml', { zones }).map(({ id }) => id)).toEqual(['b', 'a', 'c-1'])
})

test('members of json stay in the order of the file', () => {
  const json = { score: '{score}', asn: '{asn}', by: 'us', n: 1, no: false, none: null }
  expect(Object.entries(parse({ ...ZONE, txt: undefined, json })[0].json ?? {})).toEqual(Object.entries(json))
})

test("a list of one's own: three lines, and what they stand for", () => {
  expect(parse({ apex: 'a.example', lists: { country: ['ru', 'CN'], asn: 'AS64500' } })).toMatchObject([
    {
      owner: 'ip',
      lists: { country: ['RU', 'CN'], asn: [64500] },
      a: '127.0.0.2',
      txt: ['country {country}, AS{asn}'],
    },
  ])
})

describe('errors of lists', () => {
  const KNOWN = 'country, asn, distance, score, rpki, reputation'
  test.each([
    ['no condition', {}, `lists: there is no condition; write one of ${KNOWN}`],
    ['no map', 'DE', "lists: 'DE' is not a map of keys and values"],
    ['an unknown condition', { name: 'x' }, `lists: no such key as 'name'; known are ${KNOWN}`],
    ['no country', { country: [] }, 'lists.country: the list is empty; write one with something in it'],
    [
      'a country that is false',
      { country: [false] },
      'lists.country: false is not a two-letter country code',
    ],
    ['no AS', { asn: [] }, 'lists.asn: the list is empty; write one with something in it'],
    ['AS 0', { asn: 0 }, "lists.asn: '0' is not an AS number from 1 to 4294967295"],
    ['half an AS', { asn: [1.5] }, "lists.asn: '1.5' is not an AS number from 1 to 4294967295"],
    ['an AS by name', { asn: 'GOOGLE' }, "lists.asn: 'GOOGLE' is not an AS number from 1 to 4294967295"],
    [
      'an AS that is a map',
      { asn: [{}] },
      'lists.asn: a map of keys and values is not an AS number from 1 to 4294967295',
    ],
    [
      'a state of RPKI that there is not',
      { rpki: ['invalid', 'unknown'] },
      "lists.rpki: 'unknown' is not one of valid, not-found, invalid",
    ],
    ['no state of RPKI', { rpki: [] }, 'lists.rpki: the list is empty; write one with something in it'],
    ['a distance alone', { distance: 4000 }, 'lists.distance: 4000 is not a map of keys and values'],
    ['no limit', { distance: {} }, 'lists.distance: it has neither over nor below; write one, or both'],
    [
      'a limit of another name',
      { distance: { above: 1 } },
      "lists.distance: no such key as 'above'; known are over and below",
    ],
    [
      'a distance beyond the Earth',
      { distance: { over: 20016 } },
      "lists.distance.over: 20016 is not a whole number of kilometres from 0 to 20014, or '{too-far}'",
    ],
    [
      'a negative distance',
      { distance: { below: -1 } },
      "lists.distance.below: -1 is not a whole number of kilometres from 1 to 20015, or '{too-far}'",
    ],
    [
      'a distance over the greatest',
      { distance: { over: 20015 } },
      "lists.distance.over: 20015 is not a whole number of kilometres from 0 to 20014, or '{too-far}'",
    ],
    [
      'a distance below the least',
      { distance: { below: 0 } },
      "lists.distance.below: 0 is not a whole number of kilometres from 1 to 20015, or '{too-far}'",
    ],
    [
      'a score over the greatest',
      { score: { over: 999_999_999 } },
      'lists.score.over: 999999999 is not a whole number from -999999999 to 999999998',
    ],
    [
      'limits that leave nothing',
      { score: { over: 5, below: 6 } },
      'lists.score: no whole number is over 5 and below 6; write limits that leave one',
    ],
    [
      'half a score',
      { score: { below: 0.5 } },
      'lists.score.below: 0.5 is not a whole number from -999999998 to 999999999',
    ],
  ])('%s', (_, lists, message) => {
    const thrown = messageOf('ASNZONE_ZONE', () => parse({ apex: 'a.example', lists }))
    expect(thrown).toBe(`own.yaml: zone mine, ${message}`)
  })

  test.each([
    [
      'a country beside a list without it',
      { country: 'us' },
      'country: no address is in US and in one of RU, CN; leave it out, or add it to lists.country',
    ],
    [
      'what no list answers with',
      { a: '127.0.0.1' },
      "a: '127.0.0.1' is what no list answers with (RFC 5782 2.1); write 127.0.0.2, or leave it out",
    ],
    [
      'the same in IPv6',
      { aaaa: '::ffff:127.0.0.1' },
      "aaaa: '::ffff:127.0.0.1' is what no list answers with (RFC 5782 2.1); write 127.0.0.2, or leave it out",
    ],
    ...['10.0.0.1', '1127.0.0.2', '{score-side}.0.0.2'].map((a): [string, object, string] => [
      `${a} as the answer of a list`,
      { a },
      `a: '${a}' is not in 127.0.0.0/8, where mail servers expect the answers of lists (RFC 5782 2.1); write one such as 127.0.0.2, or leave it out`,
    ]),
  ])('%s', (_, changes, message) => {
    const zone = { apex: 'a.example', lists: { country: ['RU', 'CN'] }, ...changes }
    expect(messageOf('ASNZONE_ZONE', () => parse(zone))).toBe(`own.yaml: zone mine, ${message}`)
  })

  test.each([
    { country: 'RU' },
    { country: '{cc}', apex: '{cc}.a.example' },
    { a: '127.1.{country-high}.{country-low}' },
    { aaaa: 'none' },
  ])('taken: %j', (changes) => {
    expect(parse({ apex: 'a.example', lists: { country: ['RU', 'CN'] }, ...changes })).toHaveLength(1)
  })

  test.each(['asn', 'none'])('owner %s', (owner) => {
    expect(messageOf('ASNZONE_ZONE', () => parse({ apex: 'a.example', lists: { asn: 1 }, owner }))).toBe(
      `own.yaml: zone mine, owner: a zone with lists has addresses, not owner ${owner}; leave owner out, or write ip`,
    )
  })
})

describe('errors', () => {
  const zone = (changes: Readonly<Record<string, unknown>>) => ({ zones: { mine: { ...ZONE, ...changes } } })
  const json = (members: unknown) => zone({ txt: undefined, json: members })

  test.each([
    ['no map', [], /^own\.yaml: an empty list is not a map of keys and values$/],
    ['nothing', {}, /^own\.yaml: zones: it is missing; write a map of keys and values$/],
    [
      'a zone that is not a map',
      { zones: { mine: 'x' } },
      /^own\.yaml: zone mine: 'x' is not a map of keys and values$/,
    ],
    [
      'a name with blanks',
      { zones: { 'my zone': ZONE } },
      /^own\.yaml: zone my zone: 'my zone' is not a name of small letters, digits and hyphens$/,
    ],
    ['another key beside zones', { zones: {}, zone: {} }, /^own\.yaml: no such key as 'zone'$/],
    ['an unknown field', zone({ tll: 60 }), /^own\.yaml: zone mine: no such key as 'tll'$/],
    [
      'no apex',
      zone({ apex: undefined }),
      /^own\.yaml: zone mine, apex: it is missing; write a text or a list$/,
    ],
    ['an empty list of apexes', zone({ apex: [] }), /^own\.yaml: zone mine, apex: /],
    [
      'no owner',
      zone({ owner: undefined }),
      'own.yaml: zone mine, owner: it is missing; write one of ipv4, ipv6, ip, address, asn, none',
    ],
    [
      'an unknown owner',
      zone({ owner: 'ipv5' }),
      /^own\.yaml: zone mine, owner: 'ipv5' is not one of ipv4, ipv6, /,
    ],
    [
      'an unknown need',
      zone({ needs: 'name' }),
      /^own\.yaml: zone mine, needs: 'name' is not one of anything, /,
    ],
    [
      'a TTL that is text',
      zone({ ttl: 'long' }),
      /^own\.yaml: zone mine, ttl: 'long' is not a whole number of seconds from/,
    ],
    [
      'a TTL with a fraction',
      zone({ ttl: 1.5 }),
      /^own\.yaml: zone mine, ttl: 1\.5 is not a whole number of seconds from/,
    ],
    ['a negative TTL', zone({ ttl: -1 }), /^own\.yaml: zone mine, ttl: -1 is not a whole number/],
    [
      'a TTL over 31 bits (RFC 2181 8)',
      zone({ ttl: 2147483648 }),
      /^own\.yaml: zone mine, ttl: 2147483648 is not a whole number of seconds from 0 to 2147483647$/,
    ],
    ['a negative TTL over 31 bits', zone({ 'negative-ttl': 1e10 }), /^own\.yaml: zone mine, negative-ttl: /],
    ['a number as text', zone({ txt: 5 }), /^own\.yaml: zone mine, txt: 5 is not a text or a list$/],
    ['a list as address', zone({ a: ['127.0.0.2'] }), /^own\.yaml: zone mine, a: a list is not a text$/],
    [
      'partial as text',
      zone({ partial: 'yes' }),
      /^own\.yaml: zone mine, partial: 'yes' is not true or false$/,
    ],
    ['neither txt nor a', zone({ txt: undefined }), 'own.yaml: zone mine, txt: a zone needs txt, json or a'],
    [
      'txt and json',
      zone({ json: { asn: '{asn}' } }),
      'own.yaml: zone mine, json: a zone has one TXT record: txt or json',
    ],
    [
      'json without a member',
      json({}),
      'own.yaml: zone mine, json: it has no member; write one such as asn: "{asn}"',
    ],
    ['a text as json', json('{asn}'), "own.yaml: zone mine, json: '{asn}' is not a map of keys and values"],
    ['a list as json', json(['{asn}']), 'own.yaml: zone mine, json: a list is not a map of keys and values'],
    [
      'an unknown field in json',
      json({ asn: '{asn}', town: '{town}' }),
      /^own\.yaml: zone mine, json\.town: '\{town\}' is not a field; known are \{ip\} /,
    ],
    ...[
      ['AS{asn}', 'text and a field'],
      ['{asn} {name}', 'two fields'],
      ['{asn', 'an open brace'],
      ['{{asn}}', 'braces in braces'],
    ].map(([member, what]): [string, object, string] => [
      `${what} in json`,
      json({ who: member }),
      `own.yaml: zone mine, json.who: '${member}' is neither one {field} nor a text without braces`,
    ]),
    [
      'an object in json',
      json({ as: { number: '{asn}' } }),
      'own.yaml: zone mine, json.as: a map of keys and values is not a {field}, a text, a number, true, false or null',
    ],
    [
      'a list in json',
      json({ as: ['{asn}'] }),
      'own.yaml: zone mine, json.as: a list is not a {field}, a text, a number, true, false or null',
    ],
    [
      'infinity in json',
      json({ x: Number.POSITIVE_INFINITY }),
      'own.yaml: zone mine, json.x: Infinity is not a {field}, a text, a number, true, false or null',
    ],
    ...[2 ** 64, -(2 ** 53), 1e300].map((number): [string, object, string] => [
      `the number ${number} in json`,
      json({ x: number }),
      'own.yaml: zone mine, json.x: a whole number beyond 9007199254740991 is another one for many readers of JSON; put it between quotation marks',
    ]),
    [
      'a member of json that is called __proto__',
      json(JSON.parse('{"__proto__": 1}')),
      "own.yaml: zone mine, json.__proto__: '__proto__' is not a name of letters, digits, hyphens and underscores that begins with a letter",
    ],
    [
      'a zone that is called __proto__',
      { zones: JSON.parse('{"__proto__": 1}') },
      "own.yaml: zone __proto__: '__proto__' is not a name of small letters, digits and hyphens",
    ],
    ...['address', 'ipv4'].map((owner): [string, object, string] => [
      `partial with owner ${owner}`,
      zone({ owner, partial: true }),
      `own.yaml: zone mine, partial: it is about reversed IPv6 names, which owner ${owner} has not; leave it out`,
    ]),
    ...[
      [{ txt: 'AS{asn} {prefix}' }, 'txt: {prefix}'],
      [{ txt: ['{asn}', '{name}[ {city}]'] }, 'txt: {city}'],
      [{ txt: undefined, json: { asn: '{asn}', ip: '{ip}' } }, 'json: {ip}'],
      [{ a: '127.0.0.{rpki-code}' }, 'a: {rpki-code}'],
    ].map(([changes, what]): [string, object, string] => [
      `${what} with owner asn`,
      zone({ owner: 'asn', ...(changes as object) }),
      `own.yaml: zone mine, ${what} is of addresses, and known of no AS; leave it out, or write another owner`,
    ]),
    ...['1', 'a b', '', '_x', 'é', 'a"b'].map((name): [string, object, string] => [
      `a member of json that is called '${name}'`,
      json({ [name]: '{asn}' }),
      `own.yaml: zone mine, json.${name}: '${name}' is not a name of letters, digits, hyphens and underscores that begins with a letter`,
    ]),
    [
      'a word for what is unknown in json',
      zone({ txt: undefined, json: { asn: '{asn}' }, unknown: '--' }),
      'own.yaml: zone mine, unknown: what is unknown is null in JSON; leave it out',
    ],
    [
      'json where there are no names',
      zone({ owner: 'none', txt: undefined, json: { asn: '{asn}' } }),
      'own.yaml: zone mine, owner: a zone of owner none holds no names, so it can have no json',
    ],
    [
      'no example',
      zone({ example: undefined }),
      'own.yaml: zone mine, example: a zone needs an example: a question and its answer',
    ],
    [
      'an example without an answer',
      zone({ example: { ask: '8.8.8.8', type: 'TXT' } }),
      /^own\.yaml: zone mine, example\.answer: it is missing; write a text$/,
    ],
    [
      'an example of another type',
      zone({ example: { ...EXAMPLE, type: 'SRV' } }),
      /^own\.yaml: zone mine, example\.type: 'SRV' is not one of TXT, A, AAAA/,
    ],
    [
      'an answer where there are no names',
      zone({ owner: 'none' }),
      'own.yaml: zone mine, owner: a zone of owner none holds no names, so it can have no txt',
    ],
    [
      '{cc} in the apex alone',
      zone({ apex: '{cc}.example' }),
      "own.yaml: zone mine, country: '{cc}' in an apex and country: '{cc}' go together",
    ],
    [
      '{cc} as country alone',
      zone({ country: '{cc}' }),
      "own.yaml: zone mine, country: '{cc}' in an apex and country: '{cc}' go together",
    ],
  ])('%s', (_, contents, message) => {
    const thrown = messageOf('ASNZONE_ZONE', () => parseZoneFile('own.yaml', contents))
    if (typeof message === 'string') expect(thrown).toBe(message)
    else expect(thrown).toMatch(message)
  })

  test('begin with the place where it is known', () => {
    const contents = zone({ ttl: -1 })
    const where = (path: readonly PropertyKey[]): string => `own.yaml:${path.length}`
    expect(() => parseZoneFile('own.yaml', contents, where)).toThrow(/^own\.yaml:3: zone mine, ttl: [^\n]*$/)
  })
})
