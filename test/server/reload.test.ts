// Replacements of the table in service: one at a time, and whatever goes wrong the old table stays.

import { beforeEach, describe, expect, test } from 'vitest'
import { AsnzoneError } from '../../src/errors.ts'
import { Reloader, type ReloadOutcome, type Replacement } from '../../src/server/reload.ts'
import type { Table } from '../../src/table/table.ts'
import { smallTable } from '../support/small-table.ts'

const FIRST = smallTable()
const SECOND = smallTable()
const THIRD = smallTable()

let events: string[]
let outcomes: ReloadOutcome[]
let reloader: Reloader
let failSwap: boolean

const nameOf = (table: Table): string => (table === FIRST ? 'first' : table === SECOND ? 'second' : 'third')

beforeEach(() => {
  events = []
  outcomes = []
  failSwap = false
  reloader = new Reloader({
    table: FIRST,
    swap: async ({ table }) => {
      if (failSwap) throw new Error('a worker is gone')
      events.push(`swap ${nameOf(table)}`)
    },
    onOutcome: (outcome) => outcomes.push(outcome),
    releaseMemory: async () => void events.push('released'),
  })
})

function replacement(table: Table): Replacement {
  return {
    table,
    accept: async () => void events.push(`accept ${nameOf(table)}`),
    refuse: async () => void events.push(`refuse ${nameOf(table)}`),
  }
}

test('a new table is swapped in, then accepted, then memory is given back', async () => {
  const outcome = await reloader.reload('SIGHUP', async (inService) => {
    events.push(`build beside ${nameOf(inService)}`)
    return replacement(SECOND)
  })
  expect(events).toEqual(['build beside first', 'swap second', 'accept second', 'released'])
  expect(reloader.table).toBe(SECOND)
  expect(outcome).toMatchObject({ trigger: 'SIGHUP', kind: 'replaced', reason: null })
  expect(outcomes).toEqual([outcome])
  expect(reloader.last).toBe(outcome)
})

test('what tells of the outcome may throw, and what refuses a table: the next one has its turn', async () => {
  const failing = new Reloader({
    table: FIRST,
    swap: () => Promise.reject(new Error('a worker is gone')),
    onOutcome: (outcome) => {
      if (outcome.trigger === 'first') throw new Error('no log')
      outcomes.push(outcome)
    },
  })
  const build = async () => ({ ...replacement(SECOND), refuse: () => Promise.reject(new Error('no disk')) })
  const [first, second] = [failing.reload('first', build), failing.reload('second', build)]
  await expect(first).rejects.toThrow('no log')
  expect(await second).toMatchObject({ kind: 'failed', reason: 'a worker is gone' })
  expect(await failing.reload('first', build).catch(() => 'again')).toBe('again')
  expect([failing.current, outcomes.length]).toEqual([null, 1])
})

test('nothing new changes nothing', async () => {
  const outcome = await reloader.reload('SIGHUP', async () => null)
  expect([outcome.kind, outcome.reason, events]).toEqual(['unchanged', null, ['released']])
  expect(reloader.table).toBe(FIRST)
})

describe('the old table stays when the new one', () => {
  test.each([
    ['is refused', new AsnzoneError('ASNZONE_REFUSED', 'it is older'), 'refused', 'it is older'],
    ['can’t be read', new AsnzoneError('ASNZONE_DATA', 'a.csv:1: no'), 'failed', 'a.csv:1: no'],
    ['is not built for a reason that nobody foresaw', new RangeError('no memory'), 'failed', 'no memory'],
  ] as const)('%s', async (_name, error, kind, reason) => {
    const outcome = await reloader.reload('SIGHUP', () => Promise.reject(error))
    expect(outcome).toMatchObject({ kind, reason })
    expect(events).toEqual(['released'])
    expect(reloader.table).toBe(FIRST)
    expect(reloader.counts).toMatchObject({ [kind]: 1, replaced: 0 })
  })

  test('can’t be swapped in', async () => {
    failSwap = true
    const outcome = await reloader.reload('SIGHUP', async () => replacement(SECOND))
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'a worker is gone' })
    expect(events).toEqual(['refuse second', 'released'])
    expect(reloader.table).toBe(FIRST)
  })

  test('and the next one may replace it', async () => {
    await reloader.reload('SIGHUP', () => Promise.reject(new Error('no')))
    await reloader.reload('SIGHUP', async () => replacement(SECOND))
    expect(reloader.table).toBe(SECOND)
  })
})

describe('several at a time', () => {
  test('wait for each other, and see what the ones before have put in service', async () => {
    let finishFirst = (): void => {}
    const building = new Promise<void>((resolve) => {
      finishFirst = resolve
    })
    const first = reloader.reload('refresh', async () => {
      await building
      return replacement(SECOND)
    })
    const second = reloader.reload('SIGHUP', async (inService) => {
      events.push(`build beside ${nameOf(inService)}`)
      return replacement(THIRD)
    })
    expect(events).toEqual([])
    finishFirst()
    await Promise.all([first, second])
    expect(events.filter((event) => !event.startsWith('accept') && event !== 'released')).toEqual([
      'swap second',
      'build beside second',
      'swap third',
    ])
    expect(reloader.table).toBe(THIRD)
  })

  test('asked for twice while waiting, one is built', async () => {
    let finish = (): void => {}
    const building = new Promise<void>((resolve) => {
      finish = resolve
    })
    const first = reloader.reload('refresh', async () => {
      await building
      return null
    })
    const [a, b] = [1, 2].map(() => reloader.reload('SIGHUP', async () => replacement(SECOND)))
    expect(a).toBe(b)
    finish()
    await Promise.all([first, a])
    expect(outcomes.map(({ trigger }) => trigger)).toEqual(['refresh', 'SIGHUP'])
  })
})
