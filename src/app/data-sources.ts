// What the settings of data mean: the plan of what a table is made of, the files that it leads to today, the weights.

import { durationMs } from '../config/duration.ts'
import type { Settings } from '../config/setting-values.ts'
import type { CompileLimits } from '../data/compile/limits.ts'
import type { ScoringSettings } from '../data/compile/load.ts'
import { readWeights } from '../data/compile/weights.ts'
import { termsOf } from '../data/sources/licences.ts'
import { type DataPlan, fileNameOf, type PlannedSource } from '../data/sources/plan.ts'
import { nameOfUrl } from '../data/sources/source-url.ts'
import { embeddedSources, resolveSources, type Source } from '../data/sources/sources.ts'
import { type Manifest, Store } from '../data/sources/store.ts'
import { AsnzoneError } from '../errors.ts'
import type { Sayings } from './log.ts'

/** The files of the feed: one for each family, because each is then parsed and kept for itself. */
const FEED_FILES = [
  ['asn', ['origin-asn-ipv4.csv', 'origin-asn-ipv6.csv']],
  ['country', ['user-country-ipv4.csv', 'user-country-ipv6.csv']],
] as const

/** The settings that a plan is made of. */
export type PlanSettings = Pick<Settings, 'sources' | 'feed' | 'feedUrl'> & Partial<Pick<Settings, 'refresh'>>

/** What the table is to be made of. */
export function planOf(settings: PlanSettings): DataPlan {
  const standard = settings.refresh === undefined ? null : durationMs(settings.refresh)
  const sources = settings.sources.map((asked): PlannedSource => {
    const { what, format, from, refresh, checksum = null, licence, attribution } = asked
    const terms = termsOf(fileNameOf(from[0]), format)
    return {
      dataset: what,
      format,
      from,
      refresh: refresh === undefined ? standard : durationMs(refresh),
      checksum,
      licence: licence ?? terms.licence,
      attribution: attribution ?? terms.attribution,
    }
  })
  const base = settings.feedUrl.replace(/\/$/, '')
  const feed =
    settings.feed !== 'ip-location-db'
      ? []
      : FEED_FILES.map(
          ([what, files]): PlannedSource => ({
            dataset: what,
            format: 'ip-location-db',
            from: files.map((file) => `${base}/latest/${file}`),
            refresh: standard,
            checksum: `${base}/checksum/{file}.sha256`,
            ...termsOf(files[0], 'ip-location-db'),
          }),
        )
  return { sources, feed, embedded: settings.feed !== 'none' }
}

/** What one data file may bring, and how long compiling may take. */
export const limitsOf = (settings: Settings): CompileLimits => ({
  maxOctets: settings.limits.size * 2 ** 20,
  maxRows: settings.limits.rows,
  maxNames: settings.limits.names,
  maxTime: durationMs(settings.limits.time),
})

/**
 * What distances are counted from, and what scores are made of. What switches weights off does so with what was learned,
 * too.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when a file of weights can't be read or holds a row that can't be right.
 */
export async function scoringOf(settings: Settings): Promise<ScoringSettings> {
  const { here, score, learn, snapshot } = settings
  const weights = await readWeights(score)
  // Who takes snapshots has what their builder has learned.
  if (learn === undefined || snapshot !== undefined) return { originPoint: here, weights }
  const { weight, most } = learn
  return { originPoint: here, weights, learned: { weight: score.enabled ? weight : 0, most } }
}

/**
 * The sources of the table, in order of precedence.
 *
 * @throws {AsnzoneError} `ASNZONE_DATA` when one is missing and won't be fetched by itself, or when there are none.
 */
export function sourcesOf(settings: Settings, log?: Sayings): readonly Source[] {
  const plan = planOf(settings)
  const store = new Store(settings.dataDir)
  const { sources, absent, embedded, doubts } = resolveSources(plan, readManifest(store, log), (file) =>
    store.pathOf(file),
  )
  for (const doubt of doubts) log?.warn(doubt)
  for (const url of absent) {
    if (!isRefreshed(plan, url)) {
      throw new AsnzoneError('ASNZONE_DATA', `${nameOfUrl(url)} was never fetched; run asnzone update`)
    }
    log?.warn(`${nameOfUrl(url)} was never fetched; it is left out until serve has fetched it`)
  }
  if (sources.length === 0) {
    throw new AsnzoneError(
      'ASNZONE_DATA',
      'nothing was fetched yet, so there are no data; run asnzone update',
    )
  }
  if (embedded && plan.feed.length > 0) {
    log?.debug('the feed was never fetched, so the embedded data is used; asnzone update fetches newer data')
  }
  return sources
}

/** What a server can answer from where its data can't be compiled; nothing where embedded data is not wanted. */
export function standInOf(settings: Settings): readonly Source[] {
  return planOf(settings).embedded ? embeddedSources() : []
}

/** A damaged manifest must not keep a server from starting: it is as if nothing had been fetched. */
export function readManifest(store: Store, log?: Sayings): Manifest {
  try {
    return store.manifest()
  } catch (error) {
    if (!(error instanceof AsnzoneError)) throw error
    log?.error(error.message)
    return new Map()
  }
}

function isRefreshed(plan: DataPlan, url: string): boolean {
  return plan.sources.some(({ from, refresh }) => refresh !== null && from.includes(url))
}
