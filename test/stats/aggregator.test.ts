// Queries by record become queries by country and AS.

import { beforeAll, describe, expect, it } from 'vitest'
import { Aggregator, type Increments, noIncrements } from '../../src/stats/aggregator.ts'
import { createRecordCounts, RecordCounter, type RecordCounts } from '../../src/stats/record-counts.ts'
import { parseCidr } from '../../src/table/cidr-text.ts'
import { recordOf, type Table } from '../../src/table/table.ts'
import { tableOf } from '../support/table-of-rows.ts'

const ASN = '8.8.8.0,8.8.8.255,15169,Google LLC\n9.0.0.0,9.0.1.255,4294967294,"Nine, Inc."\n'
const COUNTRY = '8.0.0.0,8.255.255.255,US\n9.0.0.0,9.0.0.255,DE\n'

let table: Table
beforeAll(async () => {
  table = await tableOf([
    { dataset: 'asn', format: 'ip-location-db', name: 'asn.csv', contents: ASN },
    { dataset: 'country', format: 'ip-location-db', name: 'country.csv', contents: COUNTRY },
  ])
})

const recordFor = (address: string): number => recordOf(table.find4(parseCidr(address).start[0]))

function plain({ countries, ases }: Increments) {
  return {
    countries: Object.fromEntries(countries),
    ases: [...ases.values()]
      .sort((a, b) => a.asn - b.asn)
      .map(({ asn, name, queries }) => [asn, name, queries]),
  }
}

function collected(aggregator: Aggregator) {
  const increments = noIncrements()
  aggregator.collect(increments)
  return plain(increments)
}

function watched(slices = 2): { aggregator: Aggregator; counts: RecordCounts } {
  const aggregator = new Aggregator()
  const counts = createRecordCounts(table.recordCount, slices)
  aggregator.watch(table, counts)
  return { aggregator, counts }
}

const NOTHING = { countries: {}, ases: [] }

describe('Aggregator', () => {
  it('sums up the slices of all threads', () => {
    const { aggregator, counts } = watched(3)
    for (const slice of [0, 1, 2]) {
      const counter = new RecordCounter(counts, slice)
      for (let i = 0; i <= slice; i++) counter.count(recordFor('8.8.8.8'))
      counter.count(recordFor('9.0.0.1'))
    }
    new RecordCounter(counts, 1).count(recordFor('8.8.4.4'))
    expect(collected(aggregator)).toEqual({
      countries: { US: 7, DE: 3 },
      ases: [
        [0, '', 1],
        [15169, 'Google LLC', 6],
        [4294967294, 'Nine, Inc.', 3],
      ],
    })
  })

  it('tells what was counted since the last time only', () => {
    const { aggregator, counts } = watched()
    const counter = new RecordCounter(counts, 0)
    counter.count(recordFor('8.8.8.8'))
    expect(collected(aggregator).countries).toEqual({ US: 1 })
    expect(collected(aggregator)).toEqual(NOTHING)
    counter.count(recordFor('8.8.8.8'))
    counter.count(recordFor('8.8.8.8'))
    expect(collected(aggregator).countries).toEqual({ US: 2 })
  })

  it('adds to what it is given', () => {
    const { aggregator, counts } = watched()
    const counter = new RecordCounter(counts, 0)
    const increments = noIncrements()
    counter.count(recordFor('8.8.8.8'))
    aggregator.collect(increments)
    counter.count(recordFor('8.8.8.8'))
    aggregator.collect(increments)
    expect(plain(increments)).toEqual({ countries: { US: 2 }, ases: [[15169, 'Google LLC', 2]] })
  })

  it('counts addresses of which nothing, no country or no AS is known', () => {
    const { aggregator, counts } = watched()
    const counter = new RecordCounter(counts, 0)
    counter.count(recordFor('10.0.0.1'))
    counter.count(recordFor('9.0.1.1'))
    counter.count(recordFor('8.0.0.1'))
    expect(collected(aggregator)).toEqual({
      countries: { '--': 2, US: 1 },
      ases: [
        [0, '', 2],
        [4294967294, 'Nine, Inc.', 1],
      ],
    })
  })

  it('sees counters grow over their end', () => {
    const { aggregator, counts } = watched(1)
    const counter = new RecordCounter(counts, 0)
    const numbers = new Uint32Array(counts.buffer)
    numbers[recordFor('8.8.8.8')] = 0xffffffff
    expect(collected(aggregator).countries).toEqual({ US: 4294967295 })
    for (let i = 0; i < 3; i++) counter.count(recordFor('8.8.8.8'))
    expect(numbers[recordFor('8.8.8.8')]).toBe(2)
    expect(collected(aggregator).countries).toEqual({ US: 3 })
  })

  it('counts what others have counted before it watched: its thread may start late', () => {
    const counts = createRecordCounts(table.recordCount, 1)
    const counter = new RecordCounter(counts, 0)
    counter.count(recordFor('8.8.8.8'))
    const aggregator = new Aggregator()
    aggregator.watch(table, counts)
    expect(collected(aggregator).countries).toEqual({ US: 1 })
    expect(collected(aggregator)).toEqual(NOTHING)
  })

  it('watches the old table beside the new one until it is told to forget it', () => {
    const { aggregator, counts: before } = watched()
    const after = createRecordCounts(table.recordCount, 2)
    aggregator.watch(table, after)
    new RecordCounter(before, 1).count(recordFor('8.8.8.8'))
    new RecordCounter(after, 0).count(recordFor('9.0.0.1'))
    expect(collected(aggregator).countries).toEqual({ US: 1, DE: 1 })
    aggregator.forgetOthers()
    new RecordCounter(before, 1).count(recordFor('8.8.8.8'))
    new RecordCounter(after, 1).count(recordFor('9.0.0.1'))
    expect(collected(aggregator).countries).toEqual({ DE: 1 })
  })
})
