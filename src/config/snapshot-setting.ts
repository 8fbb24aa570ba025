// The setting `snapshot`: a table that is built elsewhere, in place of sources.

import { z } from 'zod'
import { readPublicKey } from '../data/snapshot/minisign.ts'
import { isUrl } from '../data/sources/plan.ts'
import { nameOfUrl } from '../data/sources/source-url.ts'
import { isLoopbackName } from '../data/update/fetch/target.ts'
import { durationSuchAs } from './settings/kinds-of-value.ts'
import type { SettingName } from './settings.ts'

/** How many keys may sign: one, and the next one while they change. */
const MOST_KEYS = 2

const key = z.string('a public key of minisign, RW…').superRefine((line, context) => {
  try {
    readPublicKey(line)
  } catch (cause) {
    context.addIssue({ code: 'custom', message: (cause as Error).message })
  }
})

const snapshot = z
  .strictObject({
    from: z.string('a URL or a path').min(1, 'a URL or a path'),
    keys: z
      .array(key, 'a list of public keys')
      .superRefine((lines, context) => {
        const doubled = lines.find((line, i) => lines.indexOf(line) !== i)
        const faults = [
          lines.length > MOST_KEYS &&
            `there are ${lines.length} keys, and ${MOST_KEYS} at most count; leave out those that sign no more`,
          doubled !== undefined && `the key ${doubled.slice(0, 12)}… is there twice; leave one out`,
        ]
        for (const message of faults) if (message !== false) context.addIssue({ code: 'custom', message })
      })
      .default([]),
    refresh: durationSuchAs('1h', ['minutes', 'hours']).default('1h'),
  })
  .superRefine(({ from, keys }, context) => {
    const wrong = (path: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [path], message })
    }
    const scheme = /^([a-z][a-z+.-]+):/i.exec(from)?.[1].toLowerCase()
    if (scheme !== undefined && !['http', 'https', 'file'].includes(scheme)) {
      wrong('from', `'${nameOfUrl(from)}' is not an http, https or file URL, nor a path`)
    } else if (scheme !== undefined && (!URL.canParse(from) || /[?#]/.test(from))) {
      wrong('from', `'${nameOfUrl(from)}' is not the URL of a directory, which has no ? and no #`)
    } else if (isUrl(from) && keys.length === 0 && !isLoopbackName(new URL(from).hostname)) {
      wrong(
        'keys',
        'what comes over the network has to be signed: name the public key that asnzone build prints',
      )
    }
  })

/** The schema of the setting. */
export const snapshotSchema = snapshot.optional()

/** The setting. */
export type SnapshotSetting = z.output<typeof snapshot>

/** Settings that a snapshot has in it: they were decided where it was built. */
export const DECIDED_BY_BUILDER: readonly SettingName[] = [
  'here',
  'score',
  'sources',
  'feed',
  'feed-url',
  'refresh',
]
