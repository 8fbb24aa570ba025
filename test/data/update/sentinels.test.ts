// Sentinels may name any field, and wrong ones are refused with the mend (issue 14, item 4).

import { expect, test } from 'vitest'
import { failureOf, readSentinel } from '../../../src/data/update/sentinels.ts'
import { tableOf } from '../../support/table-of-rows.ts'

test.each([
  ['8.8.8.8=AS15169', 'asn', '15169'],
  ['2001:db8::1 = as64500', 'asn', '64500'],
  ['8.8.8.8=US', 'country', 'US'],
  ['8.8.8.8=us', 'country', 'US'],
  ['8.8.8.8=ARIN', 'registry', 'arin'],
  ['8.8.8.8=name:Google LLC', 'name', 'Google LLC'],
  ['8.8.8.8=prefix:8.8.8.0/24', 'prefix', '8.8.8.0/24'],
  ['8.8.8.8=allocated:2014-03-14', 'allocated', '2014-03-14'],
  ['8.8.8.8=country:us', 'country', 'US'],
  ['8.8.8.8=asn:15169', 'asn', '15169'],
  ['8.8.8.8=city:Mountain View', 'city', 'Mountain View'],
])('%s', (text, field, value) => {
  expect(readSentinel(text)).toMatchObject({ field, value })
})

test.each([
  ['8.8.8.8', "'8.8.8.8' is not an address and what is known of it, such as 8.8.8.8=AS15169"],
  ['8.8.8.8=', 'is not an address and what is known of it'],
  ['8.8.8=US', "'8.8.8' is not an IP address; a sentinel is one, such as"],
  ['8.8.8.0/24=US', "'8.8.8.0/24' is not an IP address"],
  ['8.8.8.8=15169', "'8.8.8.8=15169' has no field; its AS is written 8.8.8.8=AS15169"],
  ['8.8.8.8=AS0', "'AS0' is not an AS number from 1"],
  ['8.8.8.8=QX', "'QX' is not an ISO 3166-1 country code"],
  ['8.8.8.8=Google', "'Google' is not an AS, country or registry; another field is named"],
  ['8.8.8.8=owner:Google', "there is no field 'owner'; known are asn, name, prefix, country"],
])('%s is refused', (text, message) => {
  expect(() => readSentinel(text)).toThrow(message)
})

test('new data must know what the data in service know, field by field', async () => {
  const table = (row: string) =>
    tableOf([
      {
        dataset: 'override',
        format: 'overrides',
        name: 'o.csv',
        contents: `cidr,asn,name,country\n${row}\n`,
      },
    ])
  const inService = await table('8.8.8.0/24,15169,Google LLC,US')
  const next = await table('8.8.8.0/24,15170,,DE')
  const failure = (text: string): string | null => failureOf(readSentinel(text), next, inService)
  expect(failure('8.8.8.8=US')).toBe('8.8.8.8 has the country DE in it, not US')
  expect(failure('8.8.8.8=AS15169')).toBe('8.8.8.8 is of AS15170 in it, not of AS15169')
  expect(failure('8.8.8.8=name:Google LLC')).toBe('8.8.8.8 has no name in it, not Google LLC')
  expect(failure('8.8.8.8=DE')).toBeNull()
  expect(failure('9.9.9.9=US')).toBeNull()
  expect(failureOf(readSentinel('8.8.8.8=US'), inService, inService)).toBeNull()
})
