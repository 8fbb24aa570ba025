// The setting `policy`: who may ask the policy service, what it counts, and what it answers.

import { z } from 'zod'
import type { Networks } from '../../policy/networks.ts'
import type { Rules } from '../../policy/settings.ts'
import type { SubjectSettings } from '../../policy/subject.ts'
import type { RecordText } from '../../policy-server/surface.ts'
import { type ListenAddress, parseListenAddress } from '../../system/listen-address.ts'
import { type Leaf, leavesOf } from './environment.ts'
import { type LdapSetting, ldap, ldapFaults, ldapSetting } from './ldap.ts'
import {
  action,
  answerText,
  blockDuration,
  countries,
  duration,
  limit,
  limitUnlessZero,
  listOf,
  maybeEmpty,
  mode,
  networks,
  originsShape,
  readNetwork,
  scope,
  text,
  threshold,
} from './leaves.ts'
import {
  type KnownSetting,
  known,
  type NotifySetting,
  notify,
  notifyFaults,
  notifySetting,
} from './notify.ts'
import { redis, type StoreSetting, store, storeFaults, storeSetting } from './redis.ts'
import { type RestSetting, restFaults, restSetting, restShape } from './rest.ts'

/** The port of geoip-policyd, which the service stands in for. */
const STANDARD_PORT = 4646

/** Dovecot itself gives up a login some time after it. */
const MAX_TARPIT = 60_000

/** The shortest key that names are hashed with: who can guess it can guess names. */
const LEAST_HASH_KEY = 16

const UNIX = /^unix:(\/.+)$/

/** Where the policy service is asked. */
export type PolicyAddress =
  | ({ readonly kind: 'inet' } & ListenAddress)
  | { readonly kind: 'unix'; readonly path: string }

function readAddress(value: string): PolicyAddress {
  const path = UNIX.exec(value)?.[1]
  if (path !== undefined) return { kind: 'unix', path }
  try {
    return { kind: 'inet', ...parseListenAddress(value, 'listen', STANDARD_PORT) }
  } catch (cause) {
    const [, meant] = /^listen: (.*; write .*)$/.exec((cause as Error).message) ?? []
    throw new Error(
      meant ?? `'${value}' is not like 127.0.0.1:4646, [::1]:4646 or unix:/run/asnzone/policy.sock`,
    )
  }
}

function readAttribute(value: string): string {
  if (/^[a-z_]{1,64}$/.test(value)) return value
  throw new Error(`'${value}' is not an attribute of a policy request, such as sasl_username or sender`)
}

/** Permissions of a Unix socket, as octal digits. */
const permissions = z
  .union([z.string(), z.int().transform(String)])
  .refine((digits) => /^0?[0-7]{3}$/.test(digits), 'permissions in octal digits, such as "0660"')
  .transform((digits) => Number.parseInt(digits, 8))

/** What smtpd_policy_service_timeout of Postfix is. */
const MOST_PATIENT_MS = 100_000

const prefix = (most: number) => z.int().min(1).max(most)

const shape = {
  listen: listOf('addresses', readAddress).default([]),
  'socket-mode': permissions.default(0o660),
  'socket-group': text.optional(),
  allow: networks.default(['127.0.0.0/8', '::1'].map(readNetwork)),
  mode: mode.default('enforce'),
  user: listOf('attributes', readAttribute).default(['sasl_username']),
  case: z.enum(['lower', 'keep'], 'lower or keep').default('lower'),
  separator: maybeEmpty.max(1, 'one character, such as +').default(''),
  window: duration.default(3_600_000),
  'ipv4-prefix': prefix(32).default(32),
  'ipv6-prefix': prefix(128).default(64),
  limits: z
    .strictObject({
      countries: limit.default(3),
      ips: limit.default(10),
      asns: limitUnlessZero.default(null),
    })
    .prefault({}),
  home: z
    .strictObject({ codes: countries.default([]), countries: limit.default(3), ips: limit.default(10) })
    .prefault({}),
  'allow-only': z.strictObject(originsShape).prefault({}),
  exempt: z
    .strictObject({ ...originsShape, networks: networks.default(['127.0.0.0/8', '::1'].map(readNetwork)) })
    .prefault({}),
  'unknown-country': z.enum(['skip', 'count', 'refuse'], 'skip, count or refuse').default('skip'),
  travel: z
    .strictObject({
      speed: z.number('a number of kilometres per hour; 0 is off').min(0),
      distance: z.number('a number of kilometres').min(0).default(500),
    })
    .prefault({ speed: 0 }),
  score: z.strictObject({ below: threshold.default(null) }).prefault({}),
  block: z
    .strictObject({ for: blockDuration.default(3_600_000), scope: scope.default('account') })
    .prefault({}),
  actions: z
    .strictObject({
      limit: action.default('reject'),
      travel: action.default('warn'),
      score: action.default('reject'),
    })
    .prefault({}),
  reject: answerText.default('REJECT Policy violation. Please contact your support'),
  defer: answerText.default('DEFER Service temporarily not available'),
  warn: answerText.default('WARN policy: %{rule}, user %{user}'),
  'on-error': z.enum(['dunno', 'defer', 'close'], 'dunno, defer or close').default('dunno'),
  timeout: duration
    .refine((milliseconds) => milliseconds <= MOST_PATIENT_MS, 'at most 100s: Postfix waits no longer')
    .default(2000),
  store: store.default('sqlite'),
  redis,
  'hash-users': z
    .string('a text')
    .refine((key) => key === '' || key.length >= LEAST_HASH_KEY, `at least ${LEAST_HASH_KEY} characters`)
    .default(''),
  ldap,
  users: z
    .union([text, z.array(z.record(z.string(), z.unknown()))], 'a file, or a list of records')
    .optional(),
  ...restShape,
  dovecot: z
    .strictObject({
      allow: z.enum(['before', 'after'], 'before or after').default('before'),
      tarpit: duration.refine((most) => most <= MAX_TARPIT, 'a duration of at most 1m').default(5000),
    })
    .prefault({}),
  known: known.default({ kind: 'all' }),
  notify,
  log: z.enum(['refusals', 'all'], 'refusals or all').default('refusals'),
  history: duration.default(30 * 86_400_000),
}

const raw = z.strictObject(shape).superRefine((of, context) => {
  const wrong = (key: keyof typeof shape, message: string): void => {
    context.addIssue({ code: 'custom', path: [key], message })
  }
  for (const [key, message] of storeFaults(of.store, of.redis)) {
    context.addIssue({ code: 'custom', path: key === 'store' ? ['store'] : ['redis', key], message })
  }
  for (const [key, message] of ldapFaults(of.ldap)) {
    context.addIssue({ code: 'custom', path: ['ldap', key], message })
  }
  for (const [path, message] of notifyFaults(of.notify)) {
    context.addIssue({ code: 'custom', path: ['notify', ...path], message })
  }
  if (of.known.kind === 'ldap' && of.ldap.urls.length === 0) {
    wrong('known', 'no directory could know an account: set ldap.urls')
  }
  if (of.user.length === 0) wrong('user', 'at least one attribute is needed; the usual one is sasl_username')
  for (const [key, message] of restFaults(of)) wrong(key, message)
})

/** The schema of the setting. */
export const policySchema = raw.transform(arrange)

/** Its leaves as environment variables. */
export const policyLeaves: readonly Leaf[] = leavesOf('ASNZONE_POLICY', shape)

/** Everything that the policy service is told. */
export interface PolicySetting {
  /** Where it is asked; nowhere when it is off. */
  readonly listen: readonly PolicyAddress[]
  readonly socket: { readonly mode: number; readonly group: string | null }
  /** Peers that may ask over inet. */
  readonly allow: Networks
  readonly subject: SubjectSettings
  /** For accounts that no record is about. */
  readonly rules: Rules
  readonly answers: { readonly reject: string; readonly defer: string; readonly warn: string }
  /** What is answered when the store is not available. */
  readonly onError: 'dunno' | 'defer' | 'close'
  /** Milliseconds that a decision may take. */
  readonly timeout: number
  /** Where accounts are kept. */
  readonly store: StoreSetting
  /** What names of accounts are hashed with before they are kept; null for names as they are. */
  readonly hashKey: string | null
  /** Which account a name belongs to; null where names are those of accounts. */
  readonly ldap: LdapSetting | null
  /** Records for some accounts, or the file that they are in. */
  readonly users: string | readonly RecordText[] | null
  /** Where geoip-policyd's REST interface listens; null when it is off. */
  readonly restAddress: ListenAddress | null
  readonly rest: RestSetting
  readonly dovecot: DovecotSetting
  /** Whom somebody is told about. */
  readonly known: KnownSetting
  /** Who is told when an account is refused; null for nobody. */
  readonly notify: NotifySetting | null
  /** What is logged at level info. */
  readonly log: 'refusals' | 'all'
  /** Milliseconds that events are kept. */
  readonly history: number
}

/** How Dovecot is answered. */
export interface DovecotSetting {
  /** Whether it asks only when the password was right. */
  readonly isProven: boolean
  /** Milliseconds that a login waits which is deferred. */
  readonly tarpit: number
}

function arrange(of: z.output<typeof raw>): PolicySetting {
  const origins = (lists: z.output<(typeof shape)['exempt']>) => ({
    countries: new Set(lists.countries),
    networks: lists.networks,
    asns: new Set(lists.asns),
  })
  return {
    listen: of.listen,
    socket: { mode: of['socket-mode'], group: of['socket-group'] ?? null },
    allow: of.allow,
    subject: { user: of.user, case: of.case, separator: of.separator },
    rules: {
      mode: of.mode,
      window: of.window,
      prefixes: { ipv4: of['ipv4-prefix'], ipv6: of['ipv6-prefix'] },
      limits: of.limits,
      home: { ...of.home, codes: new Set(of.home.codes) },
      allowOnly: origins(of['allow-only']),
      exempt: origins(of.exempt),
      unknownCountry: of['unknown-country'],
      travel: { speed: of.travel.speed === 0 ? null : of.travel.speed, distance: of.travel.distance },
      scoreBelow: of.score.below,
      block: { duration: of.block.for, scope: of.block.scope },
      actions: of.actions,
    },
    answers: { reject: of.reject, defer: of.defer, warn: of.warn },
    onError: of['on-error'],
    timeout: of.timeout,
    store: storeSetting(of.store, of.redis),
    hashKey: of['hash-users'] || null,
    ldap: ldapSetting(of.ldap),
    users: of.users ?? null,
    restAddress: of.http ?? null,
    rest: restSetting(of),
    dovecot: { isProven: of.dovecot.allow === 'after', tarpit: of.dovecot.tarpit },
    known: of.known,
    notify: notifySetting(of.notify),
    log: of.log,
    history: of.history,
  }
}
