// What verdicts teach: the worked example, decay, limits to one address and one reporter, corrections, poisoning.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ADDRESS_HIGH, ALL_HIGH, ALL_LOW, AS_HIGH, LEVEL, ofReporter } from '../../src/learn/keys.ts'
import { C, K, type Lesson, MAX_TOLD, type Model, scoreOf } from '../../src/learn/model.ts'
import { DAY, HALF_LIFE, know, lesson, modelOf, NOW, placeOf } from './lessons.ts'

/** 165.245.131.196, in 165.245.128.0/17. */
const EXAMPLE = 0xa5f583c4

/** What of a place is known already: all mail, the country and the AS. */
function knowAs(model: Model, spam: number, ham: number): void {
  const keys = placeOf(14061, EXAMPLE, 17)
  know(model, ALL_HIGH, ALL_LOW, 836, 4351)
  know(model, keys[LEVEL.country], keys[LEVEL.country + 1], 758, 3351)
  know(model, keys[LEVEL.as], keys[LEVEL.as + 1], spam, ham)
}

test('the worked example, to the digit', () => {
  const model = modelOf()
  const keys = placeOf(14061, EXAMPLE, 17)
  knowAs(model, 21.8, 2.1)
  know(model, keys[LEVEL.prefix], keys[LEVEL.prefix + 1], 2.44, 0)
  know(model, keys[LEVEL.network], keys[LEVEL.network + 1], 0.961, 0)
  const { all, levels, decibels } = model.judge(keys, NOW)
  expect([all, ...levels].map(({ share }) => share.toFixed(3))).toEqual([
    '0.161',
    '0.184',
    '0.831',
    '0.907',
    '0.929',
  ])
  expect(levels.map(({ spam, ham }) => `${spam.toFixed(1)}/${ham.toFixed(1)}`)).toEqual([
    '758.0/3351.0',
    '21.8/2.1',
    '2.4/0.0',
    '1.0/0.0',
  ])
  expect(decibels.toFixed(1)).toBe('18.4')
  expect(scoreOf(decibels)).toBe(-18)
})

test('where nothing is known nothing is told', () => {
  const { all, decibels } = modelOf().judge(placeOf(64500, EXAMPLE, 20), NOW)
  expect(all.share).toBe(0.5)
  expect(decibels).toBe(0)
  expect(Object.is(scoreOf(decibels), 0)).toBe(true)
})

test('what is told is a whole number within its bounds', () => {
  expect([1000, 30.4, 0.2, -0.2, -29.5, -1000].map(scoreOf)).toEqual([-30, -30, 0, 0, 29, 30])
  expect(MAX_TOLD).toBe(30)
})

test('a level that nothing is known of passes on what the one above says', () => {
  const model = modelOf()
  knowAs(model, 22, 2)
  const { levels } = model.judge(placeOf(14061, 0x01020304, 20), NOW)
  expect(levels[2].share).toBe(levels[1].share)
  expect(levels[3].share).toBe(levels[1].share)
})

describe('poisoning: a thousand false ham verdicts from one address of an AS', () => {
  const unseen = placeOf(14061, 0x2d37_0001, 20)
  const attacked = (model: Model): readonly [string, string] => {
    const before = model.judge(unseen, NOW).decibels
    for (let i = 0; i < 1000; i++) model.learn(lesson({ keys: placeOf(14061, EXAMPLE, 17) }))
    return [before.toFixed(1), model.judge(unseen, NOW).decibels.toFixed(1)]
  }

  test('buy the whole AS where each counts', () => {
    const model = modelOf(Number.POSITIVE_INFINITY)
    knowAs(model, 23.6, 2.1)
    expect(attacked(model)).toEqual(['14.4', '-8.2'])
  })

  test('and leave it suspicious where an address is limited, though they buy their own /24', () => {
    const model = modelOf()
    knowAs(model, 12.7, 1.9)
    expect(attacked(model)).toEqual(['12.0', '3.4'])
    expect(model.judge(placeOf(14061, EXAMPLE, 17), NOW).decibels).toBeLessThan(-8)
  })
})

describe('an address is limited', () => {
  const learnedOf = (count: number, weight = 1): number => {
    const model = modelOf()
    for (let i = 0; i < count; i++) model.learn(lesson({ weight }))
    return model.keys.hamThen(model.keys.find(AS_HIGH, 14061))
  }

  test('of 100 verdicts 16 count, of 1,000 27, of 100,000 50', () => {
    expect([100, 1000, 100_000].map((count) => Math.round(learnedOf(count)))).toEqual([16, 27, 50])
  })

  test('of n verdicts of any weight no more count than the greatest weight and C·ln(1 + n/C)', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(1, 3), { minLength: 1, maxLength: 300 }), (weights) => {
        const model = modelOf()
        for (const weight of weights) model.learn(lesson({ weight }))
        const sum = weights.reduce((total, weight) => total + weight, 0)
        const counted = model.keys.hamThen(model.keys.find(AS_HIGH, 14061))
        expect(counted).toBeLessThanOrEqual(Math.max(...weights) + C * Math.log(1 + sum / C) + 1e-3)
      }),
      { numRuns: 60 },
    )
  })

  test('what it has told is forgotten as all else: after a half-life it has as much again', () => {
    const model = modelOf()
    for (let i = 0; i < 10; i++) model.learn(lesson({}))
    const at = model.keys.find(ADDRESS_HIGH, 1)
    expect(model.keys.spamThen(at)).toBe(10)
    model.learn(lesson({ time: NOW + HALF_LIFE }))
    expect(model.keys.spamThen(model.keys.find(ADDRESS_HIGH, 1))).toBe(6)
  })
})

/** Lessons of several places and times, each address once. */
const lessons = fc
  .array(
    fc.record({
      asn: fc.integer({ min: 64500, max: 64503 }),
      network: fc.integer({ min: 0, max: 7 }),
      age: fc.integer({ min: 0, max: 150 * DAY }),
      spam: fc.boolean(),
      weight: fc.constantFrom(1, 3),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((rows) =>
    rows.map(
      ({ asn, network, age, spam, weight }, address): Lesson =>
        lesson({
          keys: placeOf(asn, 0x0a000000 + network * 256 + (asn & 3) * 65536, 20),
          address,
          time: NOW - age,
          spam,
          weight,
        }),
    ),
  )

describe('whatever is learned', () => {
  test('what is told is finite, and each share is between 0 and 1', () => {
    fc.assert(
      fc.property(lessons, fc.integer({ min: 0, max: 500 * DAY }), (all, later) => {
        const model = modelOf()
        for (const one of all) model.learn(one)
        for (const { keys } of all) {
          const { all: mail, levels, decibels } = model.judge(keys, NOW + later)
          for (const { share } of [mail, ...levels]) {
            expect(share).toBeGreaterThan(0)
            expect(share).toBeLessThan(1)
          }
          expect(Math.abs(decibels)).toBeLessThan(100)
        }
      }),
    )
  })

  test('the order in which verdicts of several addresses come decides nothing', () => {
    fc.assert(
      fc.property(
        lessons.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
        ),
        ([all, shuffled]) => {
          const [one, other] = [modelOf(), modelOf()]
          for (const each of all) one.learn(each)
          for (const each of shuffled) other.learn(each)
          for (const { keys } of all) {
            expect(other.judge(keys, NOW).decibels).toBeCloseTo(one.judge(keys, NOW).decibels, 3)
          }
        },
      ),
    )
  })

  test('decay when a key is touched is decay each day', () => {
    fc.assert(
      fc.property(lessons, (all) => {
        const [lazy, eager] = [modelOf(), modelOf()]
        const sorted = all.toSorted((a, b) => a.time - b.time)
        for (const each of sorted) lazy.learn(each)
        let day = sorted[0].time
        const pass = (until: number): void => {
          for (; day <= until; day += DAY) {
            for (let at = 0; at < eager.keys.count; at++) eager.keys.add(at, 0, 0, day)
          }
        }
        for (const each of sorted) {
          pass(each.time)
          eager.learn(each)
        }
        pass(NOW)
        for (const { keys } of all) {
          expect(eager.judge(keys, NOW).decibels).toBeCloseTo(lazy.judge(keys, NOW).decibels, 2)
        }
      }),
      { numRuns: 30 },
    )
  })
})

test('a verdict of a time that is past counts as if it had come then', () => {
  const model = modelOf()
  model.learn(lesson({ address: 1 }))
  model.learn(lesson({ address: 2, time: NOW - HALF_LIFE }))
  const at = model.keys.find(AS_HIGH, 14061)
  expect(model.keys.hamThen(at)).toBe(1.5)
  expect(model.keys.seen(at)).toBe(NOW)
})

describe('a correction', () => {
  test('takes the verdict of the machine back, and counts three', () => {
    const model = modelOf(Number.POSITIVE_INFINITY)
    model.learn(lesson({ spam: true }))
    model.learn(lesson({ weight: 3, undoes: true }))
    const at = model.keys.find(AS_HIGH, 14061)
    expect([model.keys.spamThen(at), model.keys.hamThen(at)]).toEqual([0, 3])
  })

  test('takes it back from the reporter that gave it, and nothing from where there is nothing', () => {
    const model = modelOf(Number.POSITIVE_INFINITY, 2)
    model.learn(lesson({ spam: true, reporter: 0 }))
    model.learn(lesson({ weight: 3, undoes: true, reporter: 1 }))
    model.learn(lesson({ weight: 3, undoes: true, reporter: 1 }))
    const counts = [0, 1].map((reporter) => {
      const at = model.keys.find(ofReporter(AS_HIGH, reporter), 14061)
      return [model.keys.spamThen(at), model.keys.hamThen(at)]
    })
    expect(counts).toEqual([
      [0, 0],
      [0, 6],
    ])
  })
})

describe('a reporter', () => {
  test('that is alone has all the say', () => {
    const model = modelOf(C, 5)
    know(model, ALL_HIGH, ALL_LOW, 100, 100)
    know(model, AS_HIGH, 14061, 50, 0)
    expect(model.judge(placeOf(14061, EXAMPLE, 17), NOW).levels[1].spam).toBe(50)
  })

  test('among several has no more than the others and the level above: half', () => {
    const count = fc.integer({ min: 0, max: 1000 })
    fc.assert(
      fc.property(fc.array(fc.tuple(count, count), { minLength: 2, maxLength: 4 }), (counts) => {
        const model = modelOf(C, counts.length)
        counts.forEach(([spam, ham], reporter) => {
          know(model, ALL_HIGH, ALL_LOW, 100, 100, reporter)
          know(model, AS_HIGH, 14061, spam, ham, reporter)
        })
        const weights = counts.map(([spam, ham]) => spam + ham)
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        const expected = weights.reduce((sum, weight) => sum + Math.min(weight, total - weight + K), 0)
        const { spam, ham } = model.judge(placeOf(14061, EXAMPLE, 17), NOW).levels[1]
        expect(spam + ham).toBeCloseTo(expected, 2)
        for (const weight of weights) {
          expect(Math.min(weight, total - weight + K)).toBeLessThanOrEqual((spam + ham + K) / 2 + 1e-2)
        }
      }),
      { numRuns: 50 },
    )
  })

  test('that floods an AS which others know moves it no further than they hold it', () => {
    const model = modelOf(Number.POSITIVE_INFINITY, 2)
    for (const reporter of [0, 1]) know(model, ALL_HIGH, ALL_LOW, 1000, 1000, reporter)
    know(model, AS_HIGH, 14061, 0, 20, 0)
    know(model, AS_HIGH, 14061, 100_000, 0, 1)
    expect(model.judge(placeOf(14061, EXAMPLE, 17), NOW).levels[1].share).toBeCloseTo(
      (20 + 3 + 1.5) / (43 + 3),
      2,
    )
  })
})
