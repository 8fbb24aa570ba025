// What is read of MaxMind DB records: what is asked for, and no more, whatever the file says.

import fc from 'fast-check'
import { Reader, type Response } from 'mmdb-lib'
import { describe, expect, it } from 'vitest'
import { readMmdb } from '../../../../src/data/formats/as-country-mmdb.ts'
import { Mmdb } from '../../../../src/data/formats/reading/mmdb.ts'
import { MmdbDecoder, type Wanted } from '../../../../src/data/formats/reading/mmdb-decoder.ts'
import { AsnzoneError } from '../../../../src/errors.ts'
import { anyText } from '../../../support/any-text.ts'
import { collect } from '../../../support/collect.ts'
import { encode, encodeOctets, pointerTo, writeMmdb } from '../../../support/mmdb-writer.ts'

/** What is wanted of a value that stands alone. */
function decoded(value: unknown, wanted: Wanted): unknown {
  return new MmdbDecoder(encode(value), 0).decode(0, wanted)
}

/** Where octets begin that are the first value of a map and have the key `x`. */
const OCTETS_AT = 6

/**
 * A map with lists in lists, of a few kilobytes: each of 100 pointers leads to the list before it, so that the last one
 * holds 100 ** 20 values. That one is below each of the keys.
 */
function nestedLists(keys: readonly string[]): Record<string, unknown> {
  const lists: Buffer[] = [encode(['x'])]
  let last = OCTETS_AT
  for (let level = 1; level <= 20; level++) {
    const list = encode(Array(100).fill(pointerTo(last)))
    last = OCTETS_AT + Buffer.concat(lists).length
    lists.push(list)
  }
  const octets = encodeOctets(Buffer.concat(lists))
  return { x: octets, ...Object.fromEntries(keys.map((key) => [key, pointerTo(last)])) }
}

describe('what is asked for', () => {
  const record = {
    country: { names: { de: 'Australien', en: 'Australia' }, iso_code: 'AU' },
    subdivisions: [{ iso_code: 'NSW', geoname_id: 2 }, { iso_code: 'X' }],
    location: { latitude: -33.9, accuracy_radius: 20 },
    asn: 13335,
    empty: [],
  }

  it.each<{ name: string; wanted: Wanted; found: unknown }>([
    { name: 'keys of a map', wanted: { asn: {} }, found: { asn: 13335 } },
    {
      name: 'keys of maps in it',
      wanted: { country: { iso_code: {} } },
      found: { country: { iso_code: 'AU' } },
    },
    {
      name: 'the first of a list',
      wanted: { subdivisions: [{ iso_code: {} }] },
      found: { subdivisions: [{ iso_code: 'NSW' }] },
    },
    { name: 'the first of an empty list', wanted: { empty: [{}] }, found: {} },
    { name: 'a key of what is a list', wanted: { subdivisions: { iso_code: {} } }, found: {} },
    { name: 'the first of what is a map', wanted: { country: [{}] }, found: {} },
    { name: 'a key of what is a number', wanted: { asn: { iso_code: {} } }, found: { asn: 13335 } },
    { name: 'a key that is not there', wanted: { constructor: {}, __proto__: {} }, found: {} },
  ])('$name', ({ wanted, found }) => {
    expect(decoded(record, wanted)).toEqual(found)
  })

  it.each([
    { name: 'a 16-bit number', octets: 'a20102', value: 258 },
    { name: 'no octets at all', octets: 'c0', value: 0 },
    { name: 'a negative number', octets: '0401ffffffff', value: -1 },
    { name: 'a 64-bit number', octets: '05020100000000', value: 2 ** 32 },
    { name: 'a float', octets: '04083fc00000', value: 1.5 },
    { name: 'a double', octets: '683ff8000000000000', value: 1.5 },
    { name: 'true', octets: '0107', value: true },
    { name: 'octets, which nothing asks for', octets: '8401020304', value: undefined },
    { name: 'a pointer of one octet', octets: '2003ff4141', value: 'A' },
  ])('$name', ({ octets, value }) => {
    expect(new MmdbDecoder(Buffer.from(octets, 'hex'), 0).decode(0, {})).toEqual(value)
  })

  it('agrees with mmdb-lib on whole records', () => {
    const text = anyText({ maxLength: 300 })
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.nat(),
        fc.double({ noNaN: true, noInteger: true }),
        tie('map'),
      ),
      map: fc.dictionary(fc.constantFrom('a', 'b', 'names', 'en'), tie('value'), { maxKeys: 4 }),
    })).map
    const wantedOf = (of: unknown): Wanted =>
      typeof of !== 'object' || of === null
        ? {}
        : Object.fromEntries(Object.entries(of).map(([key, member]) => [key, wantedOf(member)]))
    fc.assert(
      fc.property(value, (record) => {
        const bytes = writeMmdb([['10.0.0.0/8', record as Record<string, unknown>]], { ipVersion: 4 })
        const mmdb = new Mmdb('test.mmdb', bytes)
        const found: unknown[] = []
        mmdb.walk(4, (start, number) => {
          if (number !== 0) found.push(mmdb.record(number, start, wantedOf(record)))
        })
        expect(found).toEqual([new Reader<Response>(bytes).get('10.0.0.0')])
      }),
      { numRuns: 50 },
    )
  })
})

describe('what one record may decode to', () => {
  it.each(['asn', 'country', 'city', 'names'] as const)(
    'lists of lists of pointers are not followed, for %s',
    async (dataset) => {
      const known = ['country', 'city', 'location', 'subdivisions', 'country_code', 'latitude', 'postcode']
      const record = nestedLists([...known, 'autonomous_system_number', 'autonomous_system_organization'])
      const file = writeMmdb([['10.0.0.0/8', record]], { ipVersion: 4 })
      await expect(collect(readMmdb, dataset, file)).rejects.toThrow(/no (AS|country|coordinates) in it/)
    },
  )

  it('nor are those in the metadata', async () => {
    const file = writeMmdb([['10.0.0.0/8', { country_code: 'AU' }]], {
      ipVersion: 4,
      metadata: nestedLists(['description', 'languages', 'database_type']),
    })
    const { rows } = await collect(readMmdb, 'country', file)
    expect(rows.country).toEqual(['10.0.0.0-10.255.255.255 AU'])
  })

  it.each<{ name: string; value: unknown; wanted: Wanted; message: string }>([
    { name: 'values', value: Array(5000).fill(0), wanted: {}, message: 'more than 4096 values in it' },
    {
      name: 'octets of a text',
      value: 'x'.repeat(4097),
      wanted: {},
      message: 'a text of more than 4096 octets',
    },
    { name: 'pointers on end', value: pointerTo(0), wanted: {}, message: 'a pointer to a pointer' },
    {
      name: 'maps in themselves, as deep as is asked for',
      value: { a: pointerTo(0) },
      wanted: { a: { a: { a: {} } } },
      message: '',
    },
    {
      name: 'a list that is longer than the file',
      value: Buffer.from('1f04ffffff', 'hex'),
      wanted: [{}],
      message: 'the end of the file',
    },
    {
      name: 'a type that there is not',
      value: Buffer.from('0005', 'hex'),
      wanted: {},
      message: 'unknown type 12',
    },
  ])('$name', ({ value, wanted, message }) => {
    const read = (): unknown => decoded(value, wanted)
    if (message === '') expect(read()).toEqual({ a: { a: { a: {} } } })
    else expect(read).toThrow(message)
  })

  it('all records of a file together', () => {
    const decoder = new MmdbDecoder(encode(Array(200).fill(0)), 0)
    const readAll = (): void => {
      for (let record = 0; record < 1000; record++) decoder.decode(0, {})
    }
    expect(readAll).toThrow('the records of the file hold more than it can have in it')
  })

  it('any octets are read or refused with a reason', async () => {
    const good = writeMmdb([
      ['10.0.0.0/8', { country: { iso_code: 'AU' }, autonomous_system_number: 1, list: [1, { a: 'b' }] }],
      ['2001:db8::/32', { country_code: 'FR', latitude: 1.5, longitude: 2.5 }],
    ])
    const changes = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(changes, fc.constantFrom('asn', 'country', 'city'), async (changed, dataset) => {
        const bytes = Buffer.from(good)
        for (const [at, octet] of changed) bytes[at] = octet
        const refused = await collect(readMmdb, dataset as 'asn', bytes).then(
          () => null,
          (error: unknown) => error,
        )
        if (refused !== null) expect(refused).toBeInstanceOf(AsnzoneError)
      }),
      { numRuns: 500 },
    )
  })
})
