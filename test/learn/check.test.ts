// How well verdicts would have told spam: points of the curve, and a replay in the order of time.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readSender } from '../../src/learn/address.ts'
import { FALSE_POSITIVES, MODELS, type ReplayOptions, replay, type Sample } from '../../src/learn/check.ts'
import { detectionRates } from '../../src/learn/rates.ts'
import { smallTable } from '../support/small-table.ts'
import { DAY, HALF_LIFE, NOW } from './lessons.ts'

describe('rates', () => {
  const rates = (scores: readonly number[], spam: readonly number[], allowed: readonly number[]) =>
    detectionRates(Float32Array.from(scores), Uint8Array.from(spam), allowed)

  test('of a score that is right, of one that says nothing, and of one that is wrong', () => {
    expect(rates([1, 2, 8, 9], [0, 0, 1, 1], [0, 50])).toEqual({ found: [1, 1], area: 1 })
    expect(rates([5, 5, 5, 5], [0, 0, 1, 1], [0, 50, 100])).toEqual({ found: [0, 0, 1], area: 0.5 })
    expect(rates([9, 8, 2, 1], [0, 0, 1, 1], [0, 50, 100])).toEqual({ found: [0, 0, 1], area: 0 })
  })

  test('of a score that finds half with one ham of four', () => {
    expect(rates([9, 8, 7, 3, 2, 1], [1, 0, 1, 0, 0, 0], [0, 24, 25])).toEqual({
      found: [0.5, 0.5, 1],
      area: 7 / 8,
    })
  })

  test('of no ham or no spam are nothing', () => {
    expect(rates([1, 2], [0, 0], [5])).toEqual({ found: [0], area: 0.5 })
    expect(rates([], [], [5])).toEqual({ found: [0], area: 0.5 })
  })

  test('are what counting at each threshold gives', () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom<number>(0, 1))
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 40 }), (rows) => {
        const [scores, spam] = [rows.map(([score]) => score), rows.map(([, one]) => one)]
        const total = spam.reduce((sum, one) => sum + one, 0)
        fc.pre(total > 0 && total < rows.length)
        for (const allowed of [0, 10, 33, 100]) {
          const best = Math.max(
            ...Array.from({ length: 11 }, (_, threshold) => {
              const hit = rows.filter(([score]) => score >= threshold)
              const found = hit.filter(([, one]) => one === 1).length
              const ham = hit.length - found
              return ham <= (allowed / 100) * (rows.length - total) ? found / total : 0
            }),
          )
          expect(rates(scores, spam, [allowed]).found[0]).toBe(best)
        }
      }),
    )
  })
})

describe('a replay', () => {
  const TABLE = smallTable()
  const sample = (address: string, spam: boolean, time: number): Sample => ({
    time,
    address,
    words: readSender(address)!.words,
    spam,
    weight: 1,
  })
  const run = (samples: readonly Sample[], options: Partial<ReplayOptions> = {}) =>
    replay(samples, TABLE, (address) => Number(readSender(address)!.words[0]), {
      halfLife: HALF_LIFE,
      maxKeys: 10_000,
      ...options,
    })
  /** Spam from 8.8.8.0/24 and ham from 193.0.0.0/21, one of each an hour. */
  const hours = (count: number): Sample[] =>
    Array.from({ length: count }, (_, hour) => [
      sample(`8.8.8.${hour % 250}`, true, NOW + hour * 3600),
      sample(`193.0.${hour % 4}.${hour % 250}`, false, NOW + hour * 3600 + 60),
    ]).flat()

  test('finds what is easy to find, by each part and by all', () => {
    const { rows, spam, ham, learned, unknown, hitCount } = run(hours(90))
    expect([spam, ham, learned, unknown, hitCount]).toEqual([60, 60, 180, 0, 0])
    expect(rows.map(({ model }) => model)).toEqual(MODELS)
    for (const { model, found } of rows.slice(1))
      expect([model, found]).toEqual([model, FALSE_POSITIVES.map(() => 1)])
    // No place is set that distances could be counted from.
    expect(Math.max(...rows[0].found)).toBeLessThan(0.1)
  })

  test('judges before it learns, and learns when the hour is over', () => {
    const together = [
      sample('8.8.8.1', true, NOW),
      sample('193.0.0.1', false, NOW + 1),
      sample('8.8.8.2', true, NOW + 2),
    ]
    expect(run(together, { from: 0 }).rows[MODELS.length - 1].found[0]).toBe(0)
    const apart = together.map((one, at) => ({ ...one, time: one.time + at * 3600 }))
    expect(run(apart, { from: NOW + 3600 }).rows[MODELS.length - 1].found[0]).toBe(1)
  })

  test('judges what lies between two times, and learns all', () => {
    const { spam, ham, learned } = run(hours(48), { from: NOW + DAY, to: NOW + DAY + 6 * 3600 })
    expect([spam, ham, learned]).toEqual([6, 6, 96])
  })

  test('names the hams that would have been hit', () => {
    const wrong = sample('8.8.8.7', false, NOW + 100 * 3600)
    const { hits, hitCount } = run([...hours(90), wrong])
    expect(hitCount).toBe(1)
    expect(hits).toEqual([{ time: wrong.time, address: '8.8.8.7', decibels: expect.any(Number) }])
    expect(hits[0].decibels).toBeGreaterThan(10)
  })

  test('leaves out what the table does not know, and does without any verdict', () => {
    expect(run([sample('9.9.9.9', true, NOW)])).toMatchObject({ learned: 0, unknown: 1, spam: 0, ham: 0 })
    expect(run([])).toMatchObject({ learned: 0, unknown: 0, hitCount: 0 })
  })
})
