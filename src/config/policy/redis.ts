// The settings `policy.store` and `policy.redis`: where the policy service keeps what it remembers of accounts.

import { z } from 'zod'
import type { HostAndPort, RedisSettings } from '../../policy-server/redis/settings.ts'
import { listOf, maybeEmpty, onOff, text } from './leaves.ts'

/** The port of Sentinels. */
const SENTINEL_PORT = 26_379

/** Where accounts are kept: in a file of this host, or in Redis or Valkey. */
export type StoreSetting = { readonly kind: 'sqlite' } | RedisSetting

/** How Redis or Valkey is reached; `tls` names files, which are still to be read. */
export type RedisSetting = { readonly kind: 'redis' } & Omit<RedisSettings, 'timeout'>

/** The store. The URL is not repeated in messages: it may hold a password. */
export const store = z.string('sqlite, or a URL').transform((value, context): string => {
  if (value === 'sqlite' || isRedisUrl(value)) return value
  context.addIssue({
    code: 'custom',
    message: 'sqlite, redis://HOST:PORT/DATABASE, rediss://HOST:PORT/DATABASE or unix:/PATH',
  })
  return z.NEVER
})

/** The leaves of `redis`. */
export const redis = z
  .strictObject({
    prefix: text.default('asnzone:policy:'),
    username: maybeEmpty.default(''),
    password: maybeEmpty.default(''),
    database: z.int('a number').min(0).default(0),
    sentinels: listOf('addresses', readSentinel).default([]),
    master: maybeEmpty.default(''),
    'sentinel-username': maybeEmpty.default(''),
    'sentinel-password': maybeEmpty.default(''),
    cluster: onOff.default(false),
    'tls-ca': maybeEmpty.default(''),
    'tls-cert': maybeEmpty.default(''),
    'tls-key': maybeEmpty.default(''),
    'import-prefix': maybeEmpty.default(''),
  })
  .prefault({})

type Redis = z.output<typeof redis>

/** What is wrong with the two together: the key of `policy.redis`, or `store`, and why. */
export function storeFaults(url: string, of: Redis): readonly (readonly [keyof Redis | 'store', string])[] {
  const faults: (readonly [keyof Redis | 'store', string])[] = []
  const wrong = (key: keyof Redis | 'store', message: string): void => void faults.push([key, message])
  const isAsked = of.sentinels.length > 0 || of.cluster || of['import-prefix'] !== '' || of.password !== ''
  if (url === 'sqlite' && isAsked)
    wrong('store', 'there are settings of redis: name the server, such as redis://localhost')
  if (of.sentinels.length > 0 && of.master === '')
    wrong('master', 'Sentinels need to know the name of the primary')
  if (of.sentinels.length === 0 && of.master !== '')
    wrong('sentinels', 'master needs Sentinels, which know the primary by this name')
  if (of.cluster && of.sentinels.length > 0) wrong('cluster', 'a Cluster has no Sentinels')
  if (of.cluster && url.startsWith('unix:')) wrong('cluster', 'a Cluster needs store: redis://')
  if (of.cluster && (of.database !== 0 || /^rediss?:\/\/[^/]+\/\d*[1-9]/.test(url)))
    wrong('database', 'a Cluster has one only')
  if ((of['tls-cert'] === '') !== (of['tls-key'] === '')) {
    wrong(
      of['tls-cert'] === '' ? 'tls-cert' : 'tls-key',
      'a certificate needs its key, and a key its certificate',
    )
  }
  if (of['tls-ca'] !== '' && url !== 'sqlite' && !url.startsWith('rediss:')) {
    wrong('tls-ca', 'TLS needs store: rediss://')
  }
  return faults
}

/** The setting that the two make. */
export function storeSetting(url: string, of: Redis): StoreSetting {
  if (url === 'sqlite') return { kind: 'sqlite' }
  return {
    kind: 'redis',
    url,
    prefix: of.prefix,
    username: of.username,
    password: of.password,
    database: of.database,
    sentinels: of.sentinels,
    master: of.master,
    sentinelUsername: of['sentinel-username'],
    sentinelPassword: of['sentinel-password'],
    cluster: of.cluster,
    tls: { ca: of['tls-ca'] || null, cert: of['tls-cert'] || null, key: of['tls-key'] || null },
    importPrefix: of['import-prefix'],
  }
}

/** Whether a text names a Redis: `redis://HOST:PORT/DATABASE`, the same with `rediss`, or `unix:/PATH`. */
export function isRedisUrl(value: string): boolean {
  if (/^unix:(\/\/)?\/[^/]/.test(value)) return true
  const parsed = parse(value)
  if (parsed === null || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === '') return false
  return /^(\/\d*)?$/.test(parsed.pathname) && parsed.search === '' && parsed.hash === ''
}

function parse(value: string): URL | null {
  try {
    return new URL(value)
  } catch {
    return null
  }
}

function readSentinel(value: string): HostAndPort {
  const found = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]]+))(?::(\d{1,5}))?$/i.exec(value)
  const port = Number(found?.[3] ?? SENTINEL_PORT)
  if (found === null || port < 1 || port > 65_535) {
    throw new Error(`'${value}' is not like sentinel1.example.com:26379 or [::1]:26379`)
  }
  return { host: found[1] ?? found[2], port }
}
