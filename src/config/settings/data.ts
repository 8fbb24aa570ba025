// The settings of the data: where it comes from, what is refused, and what is reckoned from it.

import { z } from 'zod'
import { LIMITS, MAX_TIME } from '../../data/compile/limits.ts'
import { readSentinel } from '../../data/update/sentinels.ts'
import { FARTHEST, TOO_FAR_UNLESS_SET } from '../../zones/lists.ts'
import { defaultDataDirectory } from '../found-config.ts'
import { learnSchema } from '../learn.ts'
import { originPointSchema } from '../origin-point.ts'
import { scoreSchema } from '../score.ts'
import { snapshotSchema } from '../snapshot-setting.ts'
import { FEED_URL, FEEDS, sourcesSchema } from '../sources-setting.ts'
import { duration, listOf, readBy, text } from './kinds-of-value.ts'
import type { SettingRows } from './setting.ts'

/** Where the data comes from and what is made of it. */
export const DATA_SETTINGS = {
  'data-dir': {
    change: 'restart',
    kind: 'text',
    help: 'the directory for fetched data, the snapshot of the compiled data and the control socket',
    placeholder: 'DIR',
    schema: text.default(() => defaultDataDirectory(null)),
    standard:
      '$STATE_DIRECTORY, which systemd sets; /var/lib/asnzone with /etc/asnzone/asnzone.yaml; otherwise ~/.cache/asnzone',
  },
  sources: {
    change: 'live',
    kind: 'structure',
    help: 'data of your own, which takes precedence over the feed, the first source first; see docs/data.md',
    placeholder: 'LIST',
    schema: sourcesSchema.default([]),
  },
  feed: {
    change: 'live',
    kind: 'text',
    help: `the data under the sources: ${FEEDS.join(', ')}; until it is fetched, the embedded data is used`,
    placeholder: 'FEED',
    schema: z.enum(FEEDS).default('ip-location-db'),
  },
  'feed-url': {
    change: 'live',
    kind: 'text',
    help: 'where the feed is fetched from, for a mirror of it',
    placeholder: 'URL',
    schema: text
      .refine(
        (url) => /^https?:\/\/[^?#]+$/i.test(url) && URL.canParse(url),
        'it is not an http or https URL without a query; write https://mirror.example/ip-location-db',
      )
      .default(FEED_URL),
  },
  snapshot: {
    change: 'restart',
    kind: 'structure',
    help: 'a snapshot that another asnzone publishes, in place of sources and feed; see docs/fleet.md',
    placeholder: 'MAP',
    schema: snapshotSchema,
  },
  refresh: {
    change: 'live',
    kind: 'text',
    help: 'how often serve fetches new data, such as 1d; never unless set',
    placeholder: 'DURATION',
    schema: duration.optional(),
  },
  'max-size': {
    change: 'live',
    path: 'limits.size',
    kind: 'number',
    help: 'the largest data file, fetched or unpacked, in megabytes',
    placeholder: 'MB',
    schema: z
      .number()
      .positive()
      .max(65536)
      .default(LIMITS.maxOctets / 2 ** 20),
  },
  'max-rows': {
    change: 'live',
    path: 'limits.rows',
    kind: 'number',
    help: 'the most rows that one data file may have',
    placeholder: 'N',
    schema: z
      .int()
      .min(1)
      .max(2 ** 32)
      .default(LIMITS.maxRows),
  },
  'max-names': {
    change: 'live',
    path: 'limits.names',
    kind: 'number',
    help: 'the most different names, places or other values that one data file may have',
    placeholder: 'N',
    schema: z
      .int()
      .min(1)
      .max(2 ** 24)
      .default(LIMITS.maxNames),
  },
  'max-time': {
    path: 'limits.time',
    change: 'live',
    kind: 'text',
    help: 'how long compiling the data may take; after that it is ended, and the old data stays',
    placeholder: 'DURATION',
    schema: duration.default(MAX_TIME),
  },
  'max-age': {
    change: 'live',
    kind: 'text',
    help: 'the age from which on old data is warned of',
    placeholder: 'DURATION',
    schema: duration.default('45d'),
  },
  'stale-answer': {
    change: 'live',
    kind: 'text',
    help: 'whether answers from data older than max-age say so with an extended error (RFC 8914): tell or hide',
    placeholder: 'HOW',
    schema: z.enum(['tell', 'hide']).default('hide'),
  },
  'least-share': {
    change: 'live',
    path: 'guard.leastShare',
    kind: 'number',
    help: 'the percentage of the rows and addresses in service that new data must have to replace it',
    placeholder: 'PERCENT',
    schema: z.number().min(0).max(100).default(80),
  },
  sentinels: {
    change: 'live',
    path: 'guard.sentinels',
    kind: 'list',
    help: 'addresses whose AS, country or other field new data must give as the data in service does',
    placeholder: 'ADDR=VALUE',
    schema: listOf(readBy(readSentinel)).default(['8.8.8.8=AS15169']),
  },
  here: {
    change: 'live',
    kind: 'text',
    help: 'where distances are counted from: LAT,LON or a public IP address',
    placeholder: 'PLACE',
    schema: originPointSchema.optional(),
  },
  'too-far': {
    change: 'live',
    kind: 'number',
    help: 'the distance, in kilometres, beyond which the zone far lists an address',
    placeholder: 'KM',
    schema: z.int().min(0).max(FARTHEST).default(TOO_FAR_UNLESS_SET),
  },
  score: {
    change: 'live',
    kind: 'structure',
    help: 'the weights that add up to a score; see docs/score.md',
    placeholder: 'WEIGHTS',
    schema: scoreSchema.prefault({}),
    standard: 'every score is 0',
  },
  learn: {
    change: 'live',
    kind: 'structure',
    help: 'what verdicts on your own mail teach, and how much that counts; see docs/learn.md',
    placeholder: 'MAP',
    schema: learnSchema,
  },
  'learn-interval': {
    change: 'live',
    kind: 'text',
    help: 'how often serve puts what was learned since into its answers',
    placeholder: 'DURATION',
    schema: duration.default('1h'),
  },
} as const satisfies SettingRows
