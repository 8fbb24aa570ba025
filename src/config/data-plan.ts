// The setting `sources`, and the plan that it makes together with `feed` and `refresh`.

import { z } from 'zod'
import { FORMATS, formatNames } from '../data/formats/formats.ts'
import { DATASETS, type Dataset } from '../data/sources/dataset.ts'
import { termsOf } from '../data/sources/licences.ts'
import { type DataPlan, fileNameOf, isUrl, type PlannedSource } from '../data/sources/plan.ts'
import { nameOfUrl } from '../data/sources/source-url.ts'
import { isPackageFile } from '../data/sources/sources.ts'
import { DURATION, durationMs } from './duration.ts'

const text = z.string().min(1)
const url = text.refine((one) => isUrl(one) && URL.canParse(one), 'not an http or https URL')
const duration = z.string('a duration such as 12h or 1d').regex(DURATION, 'a duration such as 12h or 1d')

const source = z
  .strictObject({
    what: z.enum(DATASETS, `one of ${DATASETS.join(', ')}`),
    format: z.enum(formatNames, `one of ${formatNames.join(', ')}`),
    from: z.union(
      [text.transform((one) => [one]), z.array(text).min(1)],
      'a URL, a path or npm:package/file, or a list',
    ),
    refresh: duration.optional(),
    checksum: url.optional(),
    licence: text.optional(),
    attribution: text.optional(),
  })
  .superRefine(({ what, format, from, refresh, checksum }, context) => {
    const wrong = (field: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [field], message })
    }
    const readFor: readonly Dataset[] = FORMATS[format].datasets
    if (!readFor.includes(what)) {
      wrong('what', `a file of format ${format} tells ${readFor.join(' or ')}, not ${what}`)
    }
    for (const from1 of from) {
      if (from1.startsWith('npm:') && !isPackageFile(from1)) {
        wrong('from', `'${from1}' is not npm:PACKAGE/FILE, such as npm:@ip-location-db/asn/asn-ipv4.csv`)
      }
      const scheme = /^([a-z][a-z+.-]+):\/\//i.exec(from1)?.[1]
      if (isUrl(from1) ? !URL.canParse(from1) : scheme !== undefined) {
        wrong('from', `'${nameOfUrl(from1)}' is not an http or https URL, a path or npm:package/file`)
      }
    }
    if (from.some(isUrl)) return
    if (refresh !== undefined) wrong('refresh', 'only what comes from a URL is fetched again')
    if (checksum !== undefined) wrong('checksum', 'only what comes from a URL has a checksum')
  })

/** The schema of the setting. */
export const sourcesSchema = z.array(source, 'a list of sources')

/** The names of the keys of a source. */
export const sourceKeys = Object.keys(source.shape)

/** The kinds of data below the sources of the config. */
export const FEEDS = ['ip-location-db', 'embedded', 'none'] as const

/** Where ip-location-db publishes. */
export const FEED_URL = 'https://github.com/sapics/ip-location-db/releases/download'

/** The files of the feed: one for each family, because each is then parsed and kept for itself. */
const FEED_FILES = [
  ['asn', ['origin-asn-ipv4.csv', 'origin-asn-ipv6.csv']],
  ['country', ['user-country-ipv4.csv', 'user-country-ipv6.csv']],
] as const

/** The settings that a plan is made of. */
export interface PlanSettings {
  readonly sources: z.output<typeof sourcesSchema>
  readonly feed: (typeof FEEDS)[number]
  readonly feedUrl: string
  readonly refresh?: string | undefined
}

/** Why the settings lead to no data at all; null when they lead to some. */
export function lackOfData({ feed, sources }: Pick<PlanSettings, 'feed' | 'sources'>): string | null {
  if (feed !== 'none' || sources.length > 0) return null
  return "with 'none' there is no data: name sources in the config file, or leave feed out"
}

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
