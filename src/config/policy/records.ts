// Records of `users`: rules of their own for some accounts, in the words of geoip-policyd and in ours.

import { z } from 'zod'
import { complaintOf, FOR_COMPLAINTS } from '../../complaint.ts'
import type { PolicyRecord } from '../../policy/records.ts'
import type { Origins, Rules } from '../../policy/settings.ts'
import {
  action,
  asns,
  blockDuration,
  countries,
  duration,
  limit,
  limitUnlessZero,
  mode,
  networks,
  originsShape,
  scope,
} from './leaves.ts'

const home = z.strictObject({
  codes: countries.optional(),
  ips: limit.optional(),
  countries: limit.optional(),
})

const record = z.strictObject({
  sender: z.string('whom it is about').trim().min(1, 'whom it is about'),
  comment: z.string('a text').default(''),
  ips: limit.optional(),
  countries: limit.optional(),
  asns: limitUnlessZero.optional(),
  trusted_countries: countries.default([]),
  trusted_ips: networks.default([]),
  trusted_asns: asns.default([]),
  home_countries: home.optional(),
  window: duration.optional(),
  exempt: z
    .union([z.boolean(), z.strictObject(originsShape)], 'true, or networks, countries and asns')
    .optional(),
  block: z.strictObject({ for: blockDuration.optional(), scope: scope.optional() }).optional(),
  mode: mode.optional(),
  action: action.optional(),
})

/** The names of all keys of a record. */
export const recordKeys = [
  ...new Set([
    ...Object.keys(record.shape),
    ...Object.keys(home.shape),
    'for',
    'scope',
    ...Object.keys(originsShape),
  ]),
]

/** What is wrong with a record. */
export interface RecordFault {
  /** Where, from the list on: its number, then names of fields. */
  readonly path: readonly PropertyKey[]
  readonly message: string
  /** The key that there is none of; null when it is something else. */
  readonly unknownKey: string | null
}

/** Records, or what is wrong with the first one that can't be right. */
export type ReadRecords =
  | { readonly records: readonly PolicyRecord[]; readonly fault?: never }
  | { readonly fault: RecordFault; readonly records?: never }

/** How records are read. */
export interface RecordReading {
  /** The rules that a record replaces some of. */
  readonly defaults: Rules
  /** In geoip-policyd's JSON a limit of 0 or less is not a limit of its own; in ours 0 forbids. */
  readonly isZeroDefault: boolean
}

/** Reads a list of records. */
export function readRecords(list: unknown, reading: RecordReading): ReadRecords {
  if (!Array.isArray(list)) {
    return { fault: { path: [], message: 'a list of records', unknownKey: null } }
  }
  const records: PolicyRecord[] = []
  for (const [place, one] of list.entries()) {
    const parsed = record.safeParse(given(one, reading.isZeroDefault), FOR_COMPLAINTS)
    if (!parsed.success) {
      const { issues } = parsed.error
      const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]
      const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys[0] : null
      return { fault: { path: [place, ...issue.path], message: complaintOf(issue), unknownKey } }
    }
    records.push(recordOf(parsed.data, reading.defaults))
  }
  return { records }
}

/** The fields that say something: geoip-policyd writes those that don't as null or 0. */
function given(one: unknown, isZeroDefault: boolean): unknown {
  if (typeof one !== 'object' || one === null || Array.isArray(one)) return one
  const kept = Object.entries(one).flatMap(([key, value]) => {
    if (value === null) return []
    const isLimit = key === 'ips' || key === 'countries'
    if (isZeroDefault && isLimit && typeof value === 'number' && value <= 0) return []
    return [[key, key === 'home_countries' ? given(value, isZeroDefault) : value]]
  })
  return Object.fromEntries(kept)
}

function recordOf(fields: z.output<typeof record>, defaults: Rules): PolicyRecord {
  const { sender, comment, window, block, mode: how, action: what, exempt } = fields
  const { limits, home: atHome, allowOnly } = defaults
  const { trusted_countries: trusted, trusted_ips: trustedNetworks, trusted_asns: trustedAsns } = fields
  const { codes = [], ...homeLimits } = fields.home_countries ?? {}
  const rules: Rules = {
    ...defaults,
    limits: {
      ips: fields.ips === undefined ? limits.ips : fields.ips,
      countries: fields.countries === undefined ? limits.countries : fields.countries,
      asns: fields.asns === undefined ? limits.asns : fields.asns,
    },
    home: {
      codes: codes.length === 0 ? atHome.codes : new Set(codes),
      ips: homeLimits.ips === undefined ? atHome.ips : homeLimits.ips,
      countries: homeLimits.countries === undefined ? atHome.countries : homeLimits.countries,
    },
    allowOnly: {
      countries: trusted.length === 0 ? allowOnly.countries : new Set(trusted),
      networks: trustedNetworks.length === 0 ? allowOnly.networks : trustedNetworks,
      asns: trustedAsns.length === 0 ? allowOnly.asns : new Set(trustedAsns),
    },
    exempt: exempt === undefined || exempt === false ? defaults.exempt : exemptOf(exempt),
    window: window ?? defaults.window,
    block: { duration: block?.for ?? defaults.block.duration, scope: block?.scope ?? defaults.block.scope },
    mode: how ?? defaults.mode,
    actions: { ...defaults.actions, limit: what ?? defaults.actions.limit },
  }
  return { sender, comment, rules }
}

const EVERYWHERE: Origins = {
  countries: new Set(),
  networks: [
    { family: 4, words: [0], length: 0 },
    { family: 6, words: [0, 0, 0, 0], length: 0 },
  ],
  asns: new Set(),
}

type ExemptText = Exclude<z.output<typeof record>['exempt'], boolean | undefined>

function exemptOf(exempt: true | ExemptText): Origins {
  if (exempt === true) return EVERYWHERE
  return { countries: new Set(exempt.countries), networks: exempt.networks, asns: new Set(exempt.asns) }
}
