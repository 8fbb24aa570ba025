// How well what a site's verdicts teach would have told its spam: they are replayed in the order of time, each judged
// before it is learned. The same for distance, country, AS, prefix and /24 alone, so that one sees what each is worth.

import { COLUMN } from '../table/layout.ts'
import { recordOf, type Table } from '../table/table.ts'
import { KeyTable } from './key-table.ts'
import { COUNTRY_HIGH, LEVEL } from './keys.ts'
import { C, Model } from './model.ts'
import { entryOf, type PlaceKeys, writePlace } from './place.ts'
import { detectionRates } from './rates.ts'

/** A verdict that is replayed. */
export interface Sample {
  /** Seconds since the epoch. */
  readonly time: number
  /** The address as text, and as one or four words, see `plainWords`. */
  readonly address: string
  readonly words: ArrayLike<number>
  readonly spam: boolean
  readonly weight: number
}

/** The shares of ham that may be hit, in per cent, that detection is told for. */
export const FALSE_POSITIVES = [0.1, 0.5, 0.76, 1, 5] as const

/** From how many decibels on a ham would have been hit. */
export const HIT_DECIBELS = 10

/** The most hams that are named. */
const MAX_HITS = 50

/** What the decision is made from. */
export const MODELS = ['distance', 'country', 'AS', 'prefix', '/24, /48', 'all'] as const

/** Settings of a replay. */
export interface ReplayOptions {
  /** In seconds. */
  readonly halfLife: number
  /** The most keys. */
  readonly maxKeys: number
  /** Verdicts count from the next multiple of so many seconds on, as what is baked does. */
  readonly interval?: number
  /** What is judged: from a time on, to another; the first third of the verdicts is only learned otherwise. */
  readonly from?: number
  readonly to?: number
  /** `C` of the model. */
  readonly cap?: number
}

/** A row of the table. */
export interface CheckRow {
  readonly model: (typeof MODELS)[number]
  /** The share of spam that is found, for each of `FALSE_POSITIVES`. */
  readonly found: readonly number[]
  /** The area under the curve. */
  readonly area: number
}

/** A ham that would have been hit. */
export interface Hit {
  readonly time: number
  readonly address: string
  readonly decibels: number
}

/** What a replay has found. */
export interface CheckResult {
  readonly learned: number
  readonly unknown: number
  readonly spam: number
  readonly ham: number
  readonly rows: readonly CheckRow[]
  /** How many hams reach `HIT_DECIBELS`, and the first of them. */
  readonly hitCount: number
  readonly hits: readonly Hit[]
}

/** The upper ends of the bands of distance, in kilometres. */
const BANDS = [500, 1000, 2000, 4000, 8000] as const

/** What one of the models looks at: the keys that it sees of a place. */
type View = (from: PlaceKeys, distance: number, into: PlaceKeys) => void

const only =
  (level: number): View =>
  (from, _, into) => {
    into[level] = from[level]
    into[level + 1] = from[level + 1]
  }

const VIEWS: Readonly<Record<(typeof MODELS)[number], View>> = {
  distance: (_, distance, into) => {
    const band = BANDS.findIndex((end) => distance <= end)
    into[LEVEL.country] = COUNTRY_HIGH
    into[LEVEL.country + 1] = distance < 0 ? 1 : band < 0 ? 2 : 3 + band
  },
  country: only(LEVEL.country),
  AS: only(LEVEL.as),
  // An announced prefix of the length of a network is no level of its own, and all the same a prefix.
  prefix: (from, distance, into) =>
    only(from[LEVEL.prefix] === 0 ? LEVEL.network : LEVEL.prefix)(from, distance, into),
  '/24, /48': only(LEVEL.network),
  all: (from, _, into) => into.set(from),
}

/** One model while it is replayed. */
interface Replayed {
  readonly view: View
  readonly model: Model
  readonly scores: Float32Array
  readonly keys: PlaceKeys
}

/**
 * Replays verdicts.
 *
 * @param samples in the order of time
 * @param hashOf 32 bits for an address
 */
export function replay(
  samples: readonly Sample[],
  table: Table,
  hashOf: (address: string) => number,
  options: ReplayOptions,
): CheckResult {
  const { halfLife, maxKeys, interval = 3600, cap = C } = options
  const from = options.from ?? samples[Math.floor(samples.length / 3)]?.time ?? 0
  const to = options.to ?? Number.POSITIVE_INFINITY
  const models = MODELS.map((name): Replayed => {
    const keys = new KeyTable(halfLife, maxKeys)
    const model = new Model(keys, undefined, undefined, cap)
    return { view: VIEWS[name], model, scores: new Float32Array(samples.length), keys: new Uint32Array(8) }
  })
  const place = new Uint32Array(8)
  const spams = new Uint8Array(samples.length)
  const hits: Hit[] = []
  let [tested, learned, unknown, hitCount, waiting] = [0, 0, 0, 0, 0]
  const learn = (until: number): void => {
    for (; waiting < until; waiting++) {
      const { time, address, words, spam, weight } = samples[waiting]
      if (!writePlace(table, words, place)) continue
      const distance = distanceOf(table, words)
      learned++
      for (const { view, model, keys } of models) {
        if (!model.hasRoom) model.keys.sweep(time, true)
        keys.fill(0)
        view(place, distance, keys)
        model.learn({ keys, address: hashOf(address), time, spam, weight, undoes: false, reporter: 0 })
      }
    }
  }
  for (let at = 0; at < samples.length; at++) {
    const { time, address, words, spam } = samples[at]
    const period = Math.floor(time / interval)
    if (waiting < at && Math.floor(samples[waiting].time / interval) < period) {
      let until = waiting
      while (until < at && Math.floor(samples[until].time / interval) < period) until++
      learn(until)
    }
    if (!writePlace(table, words, place)) {
      unknown++
      continue
    }
    if (time < from || time >= to) continue
    const distance = distanceOf(table, words)
    for (const { view, model, scores, keys } of models) {
      keys.fill(0)
      view(place, distance, keys)
      scores[tested] = model.judge(keys, time).decibels
    }
    const decibels = models[models.length - 1].scores[tested]
    if (!spam && decibels >= HIT_DECIBELS) {
      hitCount++
      if (hits.length < MAX_HITS) hits.push({ time, address, decibels })
    }
    spams[tested++] = spam ? 1 : 0
  }
  learn(samples.length)
  const isSpam = spams.subarray(0, tested)
  const spam = isSpam.reduce((sum, one) => sum + one, 0)
  const rows = models.map(({ scores }, at): CheckRow => {
    const { found, area } = detectionRates(scores.subarray(0, tested), isSpam, FALSE_POSITIVES)
    return { model: MODELS[at], found, area }
  })
  return { learned, unknown, spam, ham: tested - spam, rows, hitCount, hits }
}

/** Kilometres; -1 where they aren't known. */
function distanceOf(table: Table, words: ArrayLike<number>): number {
  const text = table.text(recordOf(entryOf(table, words)), COLUMN.distance)
  return text === '' ? -1 : Number(text)
}
