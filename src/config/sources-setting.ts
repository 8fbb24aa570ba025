// The setting `sources`, and the feed below it. src/app/data-sources.ts has what they mean.

import { z } from 'zod'
import { FORMATS, formatNames } from '../data/formats/formats.ts'
import { DATASETS, type Dataset } from '../data/sources/dataset.ts'
import { isUrl } from '../data/sources/plan.ts'
import { nameOfUrl } from '../data/sources/source-url.ts'
import { isPackageFile } from '../data/sources/sources.ts'
import { durationSuchAs } from './settings/kinds-of-value.ts'

const text = z.string().min(1)
const url = text.refine(
  (one) => isUrl(one) && URL.canParse(one),
  'it is not an http or https URL; write https://HOST/{file}.sha256',
)
const duration = durationSuchAs('12h or 1d', ['days', 'hours'])

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

/** Its value. */
export type SourcesSetting = z.output<typeof sourcesSchema>

/** The kinds of data below the sources of the config. */
export const FEEDS = ['ip-location-db', 'embedded', 'none'] as const

/** Where ip-location-db publishes. */
export const FEED_URL = 'https://github.com/sapics/ip-location-db/releases/download'

/** Why the settings lead to no data at all; null when they lead to some. */
export function lackOfData({
  feed,
  sources,
}: {
  feed: (typeof FEEDS)[number]
  sources: SourcesSetting
}): string | null {
  if (feed !== 'none' || sources.length > 0) return null
  return "with 'none' there is no data: name sources in the config file, or leave feed out"
}
