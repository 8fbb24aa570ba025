// Every setting: its schema, its default and what it means. Config file, environment, options of the command
// line and their help are all made from this one table.

import { availableParallelism, homedir, hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { parseCidr } from '../data/cidr-text.ts'
import { LIMITS, MAX_TIME } from '../data/compile/limits.ts'
import { readSentinel } from '../data/update/sentinels.ts'
import { parseListenAddress, parseListenEntry } from '../system/listen-address.ts'
import { MAX_WORKERS } from '../system/threads.ts'
import { VERSION } from '../version.ts'
import { wireName } from '../zones/wire-name.ts'
import { DURATION } from './duration.ts'
import { originPointSchema } from './origin-point.ts'
import type { Leaf } from './policy/environment.ts'
import { policyLeaves, policySchema } from './policy/policy.ts'
import { scoreKeys, scoreSchema } from './score.ts'
import { snapshotKeys, snapshotSchema } from './snapshot-setting.ts'
import { FEED_URL, FEEDS, sourceKeys, sourcesSchema } from './sources-setting.ts'

/** How a setting is written where everything is a string; a structure is written in the config file only. */
export type SettingKind = 'text' | 'list' | 'number' | 'switch' | 'structure'

/** One setting. */
export interface Setting {
  readonly kind: SettingKind
  /** One sentence for `--help` and the manual. */
  readonly help: string
  /** What stands for the value in `--help`. */
  readonly placeholder: string
  readonly schema: z.ZodType
  /** When a server that runs has another value: with a reload, or after a restart. */
  readonly change: 'live' | 'restart'
  /** The parts of a live structure that need a restart all the same, and what they are called in the config. */
  readonly restartParts?: Readonly<Record<string, string>>
  /** Where its value stands in `Settings`; its name in camelCase when not given. */
  readonly path?: string
  /** The default in words, where it depends on the machine. */
  readonly standard?: string
  /** The keys inside a structure, for the hint at a mistyped one. */
  readonly keys?: readonly string[]
  /** The parts of a structure that can be set in the environment, too. */
  readonly leaves?: readonly Leaf[]
  /** Those of them that have an option of the command line. */
  readonly leafOptions?: readonly LeafOption[]
}

/** A part of a structure that has an option. */
export interface LeafOption {
  /** `policy-listen`; the variable is named alike. */
  readonly name: string
  readonly kind: 'text' | 'list'
  readonly help: string
  readonly placeholder: string
}

const text = z.string().min(1)
const duration = text.regex(DURATION, 'a duration such as 12h, 1d or 6w')
const list = z.union([text.transform((one) => [one]), z.array(text)])
const onOff = z.union(
  [z.boolean(), z.stringbool({ truthy: ['true', 'yes', 'on', '1'], falsy: ['false', 'no', 'off', '0'] })],
  'true or false',
)
const filledList = z.union([text.transform((one) => [one]), z.array(text).min(1)])

/** systemd's StateDirectory=, or the user's cache folder (XDG Base Directory Specification). */
function defaultDataDirectory(): string {
  const { STATE_DIRECTORY, XDG_CACHE_HOME } = process.env
  return STATE_DIRECTORY || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'asnzone')
}

/** A text whose reader throws what is wrong with it; some of them begin with the setting, which is told anyway. */
const readBy = (read: (text: string) => unknown) =>
  text.superRefine((value, context) => {
    try {
      read(value)
    } catch (cause) {
      context.addIssue({ code: 'custom', message: (cause as Error).message.replace(/^[a-z-]+: (?=')/, '') })
    }
  })

const domainName = readBy(wireName)
const address = readBy((value) => parseListenAddress(value))
const listOf = (item: z.ZodType<string, string>) => list.pipe(z.array(item))
const networks = listOf(readBy(parseCidr))

/** What is wrong is not shown: it may be nearly the secret. */
const secret = (pattern: RegExp, message: string) =>
  z.custom<string>((value) => typeof value === 'string' && pattern.test(value), message)

const cookieSecret = secret(
  /^([\da-f]{32}|none)$/i,
  'a secret has 32 hexadecimal digits, such as openssl rand -hex 16 prints',
)

/** What `listen` is where DNS is not answered. */
const NO_DNS = 'none'

/** The settings by their name in the config file. */
export const SETTINGS = {
  listen: {
    change: 'restart',
    kind: 'list',
    help: 'addresses to answer on, UDP and TCP; *:5300 for all of the host, IPv4 and IPv6; none for no DNS',
    placeholder: 'ADDR:PORT',
    schema: filledList
      .pipe(z.array(readBy((entry) => (entry === NO_DNS ? [] : parseListenEntry(entry)))))
      .default(['127.0.0.1:5300', '[::1]:5300']),
  },
  allow: {
    change: 'live',
    kind: 'list',
    help: 'networks that are answered; 0.0.0.0/0 and ::/0 for everyone',
    placeholder: 'CIDR',
    schema: networks.default(['127.0.0.0/8', '::1']),
  },
  deny: {
    change: 'live',
    kind: 'text',
    help: 'what other clients get: refuse (REFUSED) or drop (no reply)',
    placeholder: 'HOW',
    schema: z.enum(['refuse', 'drop']).default('refuse'),
  },
  'proxy-protocol': {
    change: 'restart',
    kind: 'list',
    help: 'networks of proxies such as dnsdist, which must tell by the PROXY protocol who asks',
    placeholder: 'CIDR',
    schema: networks.default([]),
  },
  domain: {
    change: 'live',
    kind: 'text',
    help: "the domain above asnzone's own zones",
    placeholder: 'NAME',
    schema: domainName.default('asnzone.internal'),
  },
  zones: {
    change: 'live',
    kind: 'text',
    help: 'a directory with zone files of your own, read after the presets',
    placeholder: 'DIR',
    schema: text.optional(),
  },
  disable: {
    change: 'live',
    kind: 'list',
    help: 'presets or single zones that are not served, such as nerd-dk',
    placeholder: 'ZONE',
    schema: list.default([]),
  },
  'data-dir': {
    change: 'restart',
    kind: 'text',
    help: 'the directory for fetched data, the snapshot of the compiled data and the control socket',
    placeholder: 'DIR',
    schema: text.default(defaultDataDirectory),
    standard: '$STATE_DIRECTORY, which systemd sets, or ~/.cache/asnzone',
  },
  sources: {
    change: 'live',
    kind: 'structure',
    help: 'data of your own, which takes precedence over the feed, the first source first; see docs/data.md',
    placeholder: 'LIST',
    schema: sourcesSchema.default([]),
    keys: sourceKeys,
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
        'not an http or https URL without a query',
      )
      .default(FEED_URL),
  },
  snapshot: {
    change: 'restart',
    kind: 'structure',
    help: 'a snapshot that another asnzone publishes, in place of sources and feed; see docs/fleet.md',
    placeholder: 'MAP',
    schema: snapshotSchema,
    keys: snapshotKeys,
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
  score: {
    change: 'live',
    kind: 'structure',
    help: 'the weights that add up to a score; see docs/score.md',
    placeholder: 'WEIGHTS',
    schema: scoreSchema.prefault({}),
    standard: 'every score is 0',
    keys: scoreKeys,
  },
  stats: {
    change: 'restart',
    path: 'stats.enabled',
    kind: 'switch',
    help: 'count queries by country and AS in stats.sqlite in the data directory',
    placeholder: '',
    schema: onOff.default(false),
  },
  'stats-interval': {
    change: 'restart',
    path: 'stats.interval',
    kind: 'number',
    help: 'seconds between writes of the statistics',
    placeholder: 'SECONDS',
    schema: z.number().min(0.1).max(3600).default(5),
  },
  'publish-csv': {
    change: 'restart',
    path: 'publish.address',
    kind: 'text',
    help: 'an address to publish the data in service on, as CSV files over HTTP',
    placeholder: 'ADDR:PORT',
    schema: address.optional(),
  },
  'publish-allow': {
    change: 'live',
    path: 'publish.allow',
    kind: 'list',
    help: 'networks that may read the published files without a token',
    placeholder: 'CIDR',
    schema: networks.default([]),
  },
  'publish-snapshots': {
    change: 'restart',
    path: 'publish.snapshots',
    kind: 'text',
    help: 'the directory of asnzone build, to publish on the addresses of publish-csv and http as well',
    placeholder: 'DIR',
    schema: text.optional(),
  },
  http: {
    change: 'restart',
    path: 'http.address',
    kind: 'text',
    help: 'an address for pages, lookups as JSON, metrics and health over HTTP, such as 127.0.0.1:8053',
    placeholder: 'ADDR:PORT',
    schema: address.optional(),
  },
  'http-token': {
    change: 'live',
    path: 'http.token',
    kind: 'text',
    help: 'the bearer token or password that HTTP requests must carry; needed beyond loopback',
    placeholder: 'TOKEN',
    schema: secret(
      /^[\w.~+/-]{16,}=*$/,
      'a token has at least 16 letters, digits and . _ ~ + / -, such as openssl rand -hex 16 prints',
    ).optional(),
  },
  'http-connections': {
    change: 'restart',
    path: 'http.connections',
    kind: 'number',
    help: 'how many HTTP connections may be open at a time',
    placeholder: 'N',
    schema: z.int().min(1).max(65535).default(256),
  },
  nameservers: {
    change: 'live',
    kind: 'list',
    help: 'names of the NS records; the first is the MNAME of the SOA',
    placeholder: 'NAME',
    schema: filledList.pipe(z.array(domainName)).default(['localhost']),
  },
  contact: {
    change: 'live',
    kind: 'text',
    help: 'the RNAME of the SOA: a mailbox with a dot for the @',
    placeholder: 'NAME',
    schema: domainName.default('nobody.invalid'),
  },
  workers: {
    change: 'restart',
    kind: 'number',
    help: 'threads that answer over UDP',
    placeholder: 'N',
    schema: z
      .int()
      .min(1)
      .max(MAX_WORKERS)
      .default(() => Math.min(availableParallelism(), 4)),
    standard: 'the cores, at most 4',
  },
  udp: {
    change: 'restart',
    kind: 'text',
    help: 'how UDP is received: mmsg (recvmmsg, 64-bit Linux) or dgram (node:dgram, one thread)',
    placeholder: 'HOW',
    schema: z.enum(['mmsg', 'dgram']).default('mmsg'),
  },
  'tcp-connections': {
    change: 'restart',
    path: 'tcp.connections',
    kind: 'number',
    help: 'how many TCP connections may be open at a time',
    placeholder: 'N',
    schema: z.int().min(1).max(65535).default(256),
  },
  'tcp-per-client': {
    change: 'restart',
    path: 'tcp.perClient',
    kind: 'number',
    help: 'how many of them one address may have',
    placeholder: 'N',
    schema: z.int().min(1).max(65535).default(64),
  },
  'tcp-idle': {
    change: 'restart',
    path: 'tcp.idle',
    kind: 'number',
    help: 'seconds after which a TCP connection without a complete query is closed',
    placeholder: 'SECONDS',
    schema: z.number().positive().max(3600).default(10),
  },
  'rate-limit': {
    change: 'live',
    path: 'rateLimit.perSecond',
    kind: 'number',
    help: 'UDP replies per second of one kind (positive, negative, errors) to one network (/24, /56); 0 for no limit',
    placeholder: 'N',
    schema: z.int().min(0).max(1000000).default(200),
  },
  'rate-limit-all': {
    change: 'live',
    path: 'rateLimit.all',
    kind: 'number',
    help: 'UDP replies per second of all kinds together to one network; 0 for no limit',
    placeholder: 'N',
    schema: z.int().min(0).max(1000000).optional(),
    standard: 'twice rate-limit',
  },
  'rate-limit-slip': {
    change: 'live',
    path: 'rateLimit.slip',
    kind: 'number',
    help: 'one in this many replies over the limit is sent truncated, the others are dropped; 0 drops all',
    placeholder: 'N',
    schema: z.int().min(0).max(100).default(2),
  },
  'rate-limit-window': {
    change: 'live',
    path: 'rateLimit.window',
    kind: 'number',
    help: 'seconds a network must stay below the limit before it is answered again',
    placeholder: 'SECONDS',
    schema: z.int().min(1).max(3600).default(5),
  },
  'rate-limit-exempt': {
    change: 'live',
    path: 'rateLimit.exempt',
    kind: 'list',
    help: 'networks that are never limited',
    placeholder: 'CIDR',
    schema: networks.optional(),
    standard: '127.0.0.0/8 and ::1',
  },
  'cookie-secret': {
    change: 'live',
    kind: 'list',
    help: 'secrets of DNS cookies, 32 hexadecimal digits each: the first signs, all verify; none for no cookies',
    placeholder: 'HEX',
    schema: z.union([cookieSecret.transform((one) => [one]), z.array(cookieSecret)]).optional(),
    standard: 'a new one at each start',
  },
  identity: {
    change: 'live',
    path: 'identity.id',
    kind: 'text',
    help: 'the answer to id.server, hostname.bind and NSID; none for no answer',
    placeholder: 'TEXT',
    schema: text.default(hostname),
    standard: 'the host name',
  },
  'version-text': {
    change: 'live',
    path: 'identity.version',
    kind: 'text',
    help: 'the answer to version.bind and version.server; none for no answer',
    placeholder: 'TEXT',
    schema: text.default(`asnzone ${VERSION}`),
    standard: 'asnzone and its version',
  },
  policy: {
    change: 'live',
    restartParts: {
      listen: 'listen',
      socket: 'socket-mode',
      restAddress: 'http',
      store: 'store',
      hashKey: 'hash-users',
      ldap: 'ldap',
    },
    kind: 'structure',
    help: 'the policy service for Postfix: who sends from too many places; see docs/policy.md',
    placeholder: 'POLICY',
    schema: policySchema.prefault({}),
    standard: 'off',
    leaves: policyLeaves,
    leafOptions: [
      {
        name: 'policy-listen',
        kind: 'list',
        help: 'where the policy service listens, such as 127.0.0.1:4646 or unix:/run/asnzone/policy.sock; off unless given',
        placeholder: 'ADDR:PORT',
      },
      {
        name: 'policy-mode',
        kind: 'text',
        help: 'what the policy service does with what it would refuse: enforce or monitor',
        placeholder: 'MODE',
      },
    ],
  },
  user: {
    change: 'restart',
    kind: 'text',
    help: 'the user to become once the sockets are bound',
    placeholder: 'NAME',
    schema: text.optional(),
  },
  group: {
    change: 'restart',
    kind: 'text',
    help: 'the group to become; the group of the user when not given',
    placeholder: 'NAME',
    schema: text.optional(),
  },
  'log-level': {
    change: 'live',
    path: 'log.level',
    kind: 'text',
    help: 'the lowest level that is logged: debug, info, warn or error',
    placeholder: 'LEVEL',
    schema: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  },
  'log-format': {
    change: 'restart',
    path: 'log.format',
    kind: 'text',
    help: 'pretty, json, or auto: pretty on a terminal, JSON otherwise',
    placeholder: 'FORMAT',
    schema: z.enum(['auto', 'pretty', 'json']).default('auto'),
  },
  'log-file': {
    change: 'restart',
    path: 'log.file',
    kind: 'text',
    help: 'a file that serve logs to instead of standard error; asnzone reopen opens it again',
    placeholder: 'FILE',
    schema: text.optional(),
  },
  'query-log': {
    change: 'restart',
    path: 'queryLog.file',
    kind: 'text',
    help: 'a file with a line for each query, - for standard output; asnzone reopen opens it again',
    placeholder: 'FILE',
    schema: text.optional(),
  },
  'query-log-every': {
    change: 'restart',
    path: 'queryLog.every',
    kind: 'number',
    help: 'one in this many queries of each thread is logged',
    placeholder: 'N',
    schema: z.int().min(1).max(1000000).default(1),
  },
} as const satisfies Readonly<Record<string, Setting>>

/** The name of a setting. */
export type SettingName = keyof typeof SETTINGS

/** The names of all settings, in the order of the table. */
export const settingNames = Object.keys(SETTINGS) as SettingName[]

/** The environment variable of a setting, or of a part of one that is named like an option. */
export const environmentName = (name: string): string => `ASNZONE_${name.toUpperCase().replaceAll('-', '_')}`

/** What a setting may be, where it is one of few words; nothing otherwise. */
export function choicesOf(name: SettingName): readonly string[] {
  const { schema }: Setting = SETTINGS[name]
  const inner = schema instanceof z.ZodDefault ? schema.unwrap() : schema
  return inner instanceof z.ZodEnum ? inner.options.map(String) : []
}

/** The default of a setting as an administrator reads it, '' where there is none. */
export function defaultText(name: SettingName): string {
  const { schema, standard }: Setting = SETTINGS[name]
  const value = schema.parse(undefined)
  return standard ?? (value === false ? '' : String(value ?? ''))
}
