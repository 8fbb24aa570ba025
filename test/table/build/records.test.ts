// Records are numbered as they are met, each combination of attributes once, and each AS is summed up.

import { describe, expect, test, vi } from 'vitest'
import { ATTRIBUTE, ATTRIBUTE_COUNT } from '../../../src/table/build/record-attributes.ts'
import type { Describe } from '../../../src/table/build/record-texts.ts'
import { RecordsBuilder } from '../../../src/table/build/records.ts'
import { emptyIntervalMap } from '../../../src/table/interval-map.ts'
import {
  COLUMN,
  COUNTRY_NUMBER,
  type ColumnName,
  RECORD_SHIFT,
  RECORD_WORDS,
} from '../../../src/table/layout.ts'

/** What each attribute is called: AS 7 is «name of 7», country 8 «C8», registry 9 «rir9». */
const describeFacts: Describe = ([asn, country, registry]) => ({
  ...(asn !== 0 && { asn: String(asn), name: `name of ${asn}` }),
  ...(country !== 0 && { country: { code: `C${country}`, number: country } }),
  ...(registry !== 0 && { registry: `rir${registry}` }),
  score: { sum: 0, parts: '' },
})

/** Attributes by name; an attribute that isn't given is unknown. */
function attributesOf(known: Partial<Record<keyof typeof ATTRIBUTE, number>>): Uint32Array {
  const attributes = new Uint32Array(ATTRIBUTE_COUNT)
  for (const [attribute, value] of Object.entries(known))
    attributes[ATTRIBUTE[attribute as keyof typeof ATTRIBUTE]] = value
  return attributes
}

function textOf(builder: RecordsBuilder, record: number, column: ColumnName): string {
  const strings = builder.strings.finish()
  const offset = builder.finish()[(record << RECORD_SHIFT) + COLUMN[column]]
  return Buffer.from(strings.subarray(offset + 1, offset + 1 + strings[offset])).toString()
}

const offsetOf = (builder: RecordsBuilder, record: number, column: ColumnName): number =>
  builder.finish()[(record << RECORD_SHIFT) + COLUMN[column]]

describe('numbers', () => {
  test('each combination of attributes has one, in the order they are met', () => {
    const builder = new RecordsBuilder(describeFacts)
    const combinations = [
      { asn: 1 },
      { asn: 1, country: 1 },
      { country: 1 },
      { asn: 1 },
      { country: 1 },
      { asn: 1, country: 1, registry: 1 },
      { asn: 1, country: 1 },
    ]
    expect(combinations.map((known) => builder.number(attributesOf(known)))).toEqual([1, 2, 3, 1, 3, 4, 2])
  })

  test('the array of attributes stays the caller’s', () => {
    const builder = new RecordsBuilder(describeFacts)
    const attributes = attributesOf({ asn: 1 })
    builder.number(attributes)
    attributes[ATTRIBUTE.asn] = 2
    expect([builder.number(attributes), builder.number(attributesOf({ asn: 1 }))]).toEqual([2, 1])
  })

  test('nothing known is record 0', () => {
    const builder = new RecordsBuilder(describeFacts)
    expect(builder.number(attributesOf({}))).toBe(0)
    expect(builder.finish().length).toBe(RECORD_WORDS)
  })

  test('hold when the table of records grows', () => {
    const builder = new RecordsBuilder(describeFacts)
    const combinations = Array.from({ length: 10_000 }, (_, n) =>
      attributesOf({ asn: ((n + 1) * 2654435761) >>> 0, country: n % 7, registry: n % 3 }),
    )
    const numbers = combinations.map((attributes) => builder.number(attributes))
    expect(numbers).toEqual(combinations.map((_, n) => n + 1))
    expect(combinations.map((attributes) => builder.number(attributes))).toEqual(numbers)
    expect(builder.finish().length).toBe(10_001 * RECORD_WORDS)
    const wrong = combinations.filter(
      (attributes, n) =>
        textOf(builder, numbers[n], 'asn') !== String(attributes[ATTRIBUTE.asn]) ||
        textOf(builder, numbers[n], 'country') !== (n % 7 === 0 ? '' : `C${n % 7}`),
    )
    expect(wrong).toEqual([])
  })
})

describe('columns', () => {
  test('record 0 knows nothing', () => {
    const builder = new RecordsBuilder(describeFacts)
    builder.number(attributesOf({ asn: 1 }))
    expect([...builder.finish().subarray(0, RECORD_WORDS)]).toEqual(Array(RECORD_WORDS).fill(0))
  })

  test('hold the texts that they are described with, an unknown one the empty string', () => {
    const builder = new RecordsBuilder(() => ({
      asn: '15169',
      name: 'Google LLC',
      country: { code: 'US', number: 840 },
      registry: 'arin',
      allocated: '2023-12-28',
    }))
    const record = builder.number(attributesOf({ asn: 15169 }))
    const names = Object.keys(COLUMN) as ColumnName[]
    expect(Object.fromEntries(names.map((name) => [name, textOf(builder, record, name)]))).toEqual({
      asn: '15169',
      name: 'Google LLC',
      country: 'US',
      registry: 'arin',
      allocated: '2023-12-28',
      distance: '',
      score: '',
      location: '',
    })
    expect([offsetOf(builder, record, 'distance'), offsetOf(builder, record, 'score')]).toEqual([0, 0])
    const number = builder.strings.finish().subarray(offsetOf(builder, record, 'country') + COUNTRY_NUMBER)
    expect([...number.subarray(0, 3)]).toEqual([2, 840 >> 8, 840 & 255])
  })

  test.each([
    { sum: 0, side: 0, magnitude: 0 },
    { sum: 1, side: 2, magnitude: 1 },
    { sum: 255, side: 2, magnitude: 255 },
    { sum: 1000, side: 2, magnitude: 255 },
    { sum: -1, side: 1, magnitude: 1 },
    { sum: -256, side: 1, magnitude: 255 },
  ])('a score of $sum has its octets in front and its parts behind', ({ sum, side, magnitude }) => {
    const builder = new RecordsBuilder(() => ({ score: { sum, parts: 'some parts' } }))
    const record = builder.number(attributesOf({ country: 1 }))
    const offset = offsetOf(builder, record, 'score')
    const strings = builder.strings.finish()
    expect([...strings.subarray(offset - 3, offset)]).toEqual([2, side, magnitude])
    expect(textOf(builder, record, 'score')).toBe(String(sum))
    const parts = offset + strings[offset] + 1
    expect(Buffer.from(strings.subarray(parts + 1, parts + 1 + strings[parts])).toString()).toBe('some parts')
  })

  test('a reputation has its octets in front of those of the score, and its texts after the parts', () => {
    const reputation = { value: -18, evidence: 'AS14061' }
    const builder = new RecordsBuilder(([, country]) => ({
      score: { sum: -5, parts: 'some parts' },
      reputation: country === 3 ? undefined : { ...reputation, value: reputation.value + country },
    }))
    const offsets = [0, 3, 0, 4].map((country) =>
      offsetOf(builder, builder.number(attributesOf({ asn: 1, country })), 'score'),
    )
    const strings = builder.strings.finish()
    const block = (offset: number, length: number) => [...strings.subarray(offset - 6, offset + length)]
    const told = (text: string) => [text.length, ...Buffer.from(text)]
    const parts = [...told('-5'), ...told('some parts')]
    expect(block(offsets[0], parts.length + 12)).toEqual([
      ...[2, 1, 18, 2, 1, 5, ...parts],
      ...[...told('-18'), ...told('AS14061')],
    ])
    expect(block(offsets[1], parts.length + 2)).toEqual([2, 0, 0, 2, 1, 5, ...parts, 0, 0])
    expect(offsets[2]).toBe(offsets[0])
    expect(offsets[3]).not.toBe(offsets[0])
  })

  test('a distance has its octets in front', () => {
    const builder = new RecordsBuilder(() => ({ distance: 8123 }))
    const offset = offsetOf(builder, builder.number(attributesOf({ country: 1 })), 'distance')
    const strings = builder.strings.finish()
    expect([...strings.subarray(offset - 3, offset + 5)]).toEqual([2, 31, 187, 4, ...Buffer.from('8123')])
  })

  test('a location is described once, whatever the record', () => {
    const places: number[] = []
    const builder = new RecordsBuilder(
      ([, country]) => ({ location: country % 3000 }),
      (location) => {
        places.push(location)
        const nothing = { region: '', country: '', continent: '', latitude: '', longitude: '' }
        return { ...nothing, city: `City ${location}` }
      },
    )
    const texts = [7, 2999, 7, 3007].map((country) =>
      textOf(builder, builder.number(attributesOf({ country })), 'location'),
    )
    expect(texts).toEqual(['City 7', 'City 2999', 'City 7', 'City 7'])
    expect(places).toEqual([7, 2999])
  })

  test('equal distances, scores and countries are one string', () => {
    const builder = new RecordsBuilder(() => ({
      distance: 8123,
      score: { sum: -5, parts: 'country CN -5' },
      country: { code: 'CN', number: 156 },
    }))
    const records = [1, 2].map((country) => builder.number(attributesOf({ country })))
    for (const column of ['distance', 'score', 'country'] as const) {
      const [first, second] = records.map((record) => offsetOf(builder, record, column))
      expect(second).toBe(first)
    }
  })

  test('an AS without a name has an empty one', () => {
    const builder = new RecordsBuilder(() => ({ asn: '7' }))
    expect(offsetOf(builder, builder.number(attributesOf({ asn: 7 })), 'name')).toBe(0)
  })

  test('an AS’s name stands right behind its number', () => {
    const builder = new RecordsBuilder(describeFacts)
    builder.number(attributesOf({ asn: 64 }))
    const record = builder.number(attributesOf({ asn: 65, country: 1 }))
    const asn = offsetOf(builder, record, 'asn')
    expect(offsetOf(builder, record, 'name')).toBe(asn + 1 + '65'.length)
  })

  test('a text that is known is not written again', () => {
    const builder = new RecordsBuilder(describeFacts)
    const attributes = { asn: 7, country: 8, registry: 9 }
    const first = builder.number(attributesOf(attributes))
    const length = builder.strings.finish().length
    const others = [{ asn: 7 }, { asn: 7, country: 8 }, { country: 8, registry: 9 }]
    for (const other of others) builder.number(attributesOf(other))
    expect(builder.strings.finish().length).toBe(length)
    expect(offsetOf(builder, first + 1, 'name')).toBe(offsetOf(builder, first, 'name'))
  })

  test('attributes are described once a record', () => {
    const describing = vi.fn(describeFacts)
    const builder = new RecordsBuilder(describing)
    for (let n = 0; n < 3; n++) builder.number(attributesOf({ asn: 1 }))
    builder.number(attributesOf({ asn: 2 }))
    expect(describing).toHaveBeenCalledTimes(2)
  })
})

describe('summariseAses', () => {
  interface Met {
    readonly asn?: number
    readonly country?: number
    readonly registry?: number
    readonly family: 4 | 6
    readonly addresses: number
  }

  /** @param delegated the registry of all AS numbers */
  function summarise(all: readonly Met[], delegated: number): Record<number, string> {
    const builder = new RecordsBuilder(describeFacts)
    for (const { family, addresses, ...known } of all) {
      builder.countAddresses(builder.number(attributesOf(known)), family, addresses)
    }
    const { asNumbers, asRecords } = builder.summariseAses({
      registry: { ...emptyIntervalMap(1), values: Uint32Array.of(delegated) },
    })
    const text = (n: number, column: ColumnName): string => textOf(builder, asRecords[n], column) || '--'
    return Object.fromEntries(
      [...asNumbers].map((asn, n) => [
        asn,
        `${text(n, 'asn')} ${text(n, 'name')} ${text(n, 'country')} ${text(n, 'registry')}`,
      ]),
    )
  }

  test.each<{ name: string; met: Met[]; delegated?: number; summary: string }>([
    {
      name: 'the country most of its addresses are in, not most of its ranges',
      met: [
        { asn: 1, country: 10, registry: 1, family: 4, addresses: 256 },
        { asn: 1, country: 10, registry: 2, family: 4, addresses: 256 },
        { asn: 1, country: 11, registry: 2, family: 4, addresses: 1024 },
      ],
      summary: '1 name of 1 C11 rir5',
    },
    {
      name: 'addresses of one country add up over its ranges and registries',
      met: [
        { asn: 1, country: 11, registry: 1, family: 4, addresses: 700 },
        { asn: 1, country: 10, registry: 1, family: 4, addresses: 500 },
        { asn: 1, country: 10, registry: 1, family: 4, addresses: 100 },
        { asn: 1, country: 10, registry: 2, family: 4, addresses: 101 },
      ],
      summary: '1 name of 1 C10 rir5',
    },
    {
      name: 'of equals the country with the lower number, in whatever order',
      met: [
        { asn: 1, country: 12, registry: 1, family: 4, addresses: 256 },
        { asn: 1, country: 11, registry: 1, family: 4, addresses: 256 },
        { asn: 1, country: 13, registry: 1, family: 4, addresses: 256 },
      ],
      summary: '1 name of 1 C11 rir5',
    },
    {
      name: 'the registry of its number, whatever those of its prefixes are',
      met: [
        { asn: 1, country: 10, registry: 3, family: 4, addresses: 1 },
        { asn: 1, country: 10, registry: 1, family: 4, addresses: 1e6 },
        { asn: 1, country: 10, registry: 2, family: 6, addresses: 1e30 },
      ],
      summary: '1 name of 1 C10 rir5',
    },
    {
      name: 'IPv4 decides, few as it is',
      met: [
        { asn: 1, country: 10, registry: 1, family: 4, addresses: 256 },
        { asn: 1, country: 11, registry: 2, family: 6, addresses: 2 ** 96 },
      ],
      summary: '1 name of 1 C10 rir5',
    },
    {
      name: 'IPv6 decides where countries have as much IPv4',
      met: [
        { asn: 1, country: 10, registry: 1, family: 4, addresses: 2 ** 31 },
        { asn: 1, country: 11, registry: 1, family: 4, addresses: 2 ** 31 },
        { asn: 1, country: 10, registry: 1, family: 6, addresses: 1 },
        { asn: 1, country: 11, registry: 1, family: 6, addresses: 2 },
      ],
      summary: '1 name of 1 C11 rir5',
    },
    {
      name: 'IPv6 decides where an AS has no IPv4',
      met: [
        { asn: 2, country: 10, registry: 1, family: 4, addresses: 256 },
        { asn: 1, country: 12, registry: 2, family: 6, addresses: 2 ** 80 },
        { asn: 1, country: 11, registry: 3, family: 6, addresses: 2 ** 96 },
      ],
      summary: '1 name of 1 C11 rir5',
    },
    {
      name: 'IPv6 decides where no country of the IPv4 is known',
      met: [
        { asn: 1, registry: 1, family: 4, addresses: 256 },
        { asn: 1, country: 11, registry: 2, family: 6, addresses: 2 ** 80 },
        { asn: 1, country: 12, registry: 2, family: 6, addresses: 2 ** 96 },
      ],
      summary: '1 name of 1 C12 rir5',
    },
    {
      name: 'addresses whose country is unknown do not count',
      met: [
        { asn: 1, registry: 1, family: 4, addresses: 1e6 },
        { asn: 1, country: 10, registry: 1, family: 4, addresses: 1 },
      ],
      summary: '1 name of 1 C10 rir5',
    },
    {
      name: 'neither country nor registry known',
      met: [{ asn: 1, family: 4, addresses: 256 }],
      delegated: 0,
      summary: '1 name of 1 -- --',
    },
  ])('$name', ({ met, delegated = 5, summary }) => {
    expect(summarise(met, delegated)[1]).toBe(summary)
  })

  test('lists AS numbers in ascending order, up to the highest, and nothing else', () => {
    const builder = new RecordsBuilder(describeFacts)
    for (const asn of [4294967295, 7, 0, 65536, 1]) builder.number(attributesOf({ asn, country: 10 }))
    expect([...builder.summariseAses().asNumbers]).toEqual([1, 7, 65536, 4294967295])
  })

  test('adds a record only where no address has that combination', () => {
    const builder = new RecordsBuilder(describeFacts)
    const first = builder.number(attributesOf({ asn: 1, country: 10 }))
    const second = builder.number(attributesOf({ asn: 2, country: 10 }))
    const third = builder.number(attributesOf({ asn: 2, country: 11, registry: 2 }))
    builder.countAddresses(first, 4, 1)
    builder.countAddresses(second, 4, 1)
    builder.countAddresses(third, 4, 2)
    expect([...builder.summariseAses().asRecords]).toEqual([first, third + 1])
  })
})
