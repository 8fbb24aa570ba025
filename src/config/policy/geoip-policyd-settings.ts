// What an installation of geoip-policyd is told by its environment, as settings of ours. What is lost on the way is
// told with its reason; what comes out is always a config that loads.

import type { z } from 'zod'
import { complaintOf, FOR_COMPLAINTS } from '../../complaint.ts'
import { leafValue, withLeaf } from './environment.ts'
import { DROPPED, OTHER_NAMES, READ, ROWS, type Row } from './geoip-policyd-names.ts'
import { MAX_LIMIT } from './leaves.ts'
import { policyLeaves, policySchema } from './policy.ts'

const PREFIX = 'GEOIPPOLICYD_'

/** What became of an installation's settings. */
export interface ImportedSettings {
  /** Settings of asnzone, `policy` among them, as a config file has them. */
  readonly settings: Readonly<Record<string, unknown>>
  /** What is lost, `NAME: why`, and what differs. */
  readonly remarks: readonly string[]
}

/** A variable as it stands in the file. */
interface Given {
  readonly variable: string
  readonly text: string
}

/**
 * @param variables with or without the prefix `GEOIPPOLICYD_`
 * @param users the file of records, where it is not the one that the variables name; null otherwise
 */
export function importSettings(
  variables: ReadonlyMap<string, string>,
  users: string | null,
): ImportedSettings {
  return new Import(variables).result(users)
}

class Import {
  readonly #remarks: string[] = []
  /** Of which variable a leaf is. */
  readonly #origins = new Map<string, string>()
  readonly #given: ReadonlyMap<string, Given>
  #policy: unknown = {}

  constructor(variables: ReadonlyMap<string, string>) {
    this.#given = this.#sort(variables)
  }

  result(users: string | null): ImportedSettings {
    const log = this.#log()
    this.#addresses()
    this.#http()
    this.#user()
    this.#store()
    if (this.#isOn('USE_LDAP')) this.#set('ldap.urls', ['ldap://127.0.0.1:389/'], 'LDAP_SERVER_URIS')
    for (const row of ROWS) this.#row(row)
    if (users !== null) this.#set('users', users, 'CUSTOM_SETTINGS_PATH')
    for (const { name, reason, isSwitch = false } of DROPPED) {
      if (isSwitch ? this.#isOn(name) : this.#given.has(name)) this.#lose(name, reason)
    }
    this.#judge()
    return { settings: { ...log, policy: this.#policy }, remarks: this.#remarks }
  }

  /** By the name that the program reads; an empty variable is none. */
  #sort(variables: ReadonlyMap<string, string>): ReadonlyMap<string, Given> {
    const known = new Set<string>([...READ, ...[...ROWS, ...DROPPED].map(({ name }) => name)])
    const given = new Map<string, Given>()
    const isOther = ([variable]: readonly [string, string]): boolean =>
      Object.hasOwn(OTHER_NAMES, bare(variable))
    // A name that the program reads goes before one that it doesn't.
    const sorted = [...variables].sort((one, other) => Number(isOther(one)) - Number(isOther(other)))
    for (const [variable, text] of sorted) {
      if (text === '') continue
      const name = Object.hasOwn(OTHER_NAMES, bare(variable)) ? OTHER_NAMES[bare(variable)] : bare(variable)
      const before = given.get(name)
      if (!known.has(name)) this.#remarks.push(`${variable}: geoip-policyd is not known to have it`)
      else if (before !== undefined) this.#remarks.push(`${variable}: ${before.variable} says it`)
      else given.set(name, { variable, text })
    }
    return given
  }

  #text(name: string): string | undefined {
    return this.#given.get(name)?.text
  }

  /** Whether a switch is on, as Go reads it. */
  #isOn(name: string): boolean {
    const text = this.#text(name)
    if (text === undefined || /^(0|f|F|false|FALSE|False)$/.test(text)) return false
    if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true
    const remark = `${this.#variable(name)}: it is neither true nor false, and taken for false`
    if (!this.#remarks.includes(remark)) this.#remarks.push(remark)
    return false
  }

  #lose(name: string, reason: string): void {
    this.#remarks.push(`${this.#variable(name)}: ${reason}`)
  }

  #variable(name: string): string {
    return this.#given.get(name)?.variable ?? `${PREFIX}${name}`
  }

  /** Sets a leaf, where there is such a leaf. */
  #set(leaf: string, value: unknown, name: string): void {
    const path = leaf.split('.')
    if (!policyLeaves.some((one) => one.path.join('.') === leaf)) {
      if (this.#given.has(name)) this.#lose(name, `asnzone has no setting policy.${leaf}`)
      return
    }
    this.#policy = withLeaf(this.#policy, path, value)
    this.#origins.set(leaf, name)
  }

  #row({ name, leaf, as, switches = [] }: Row): void {
    const text = this.#text(name)
    if (text === undefined) return
    const off = switches.filter((one) => !this.#isOn(one))
    if (off.length > 0) {
      this.#lose(name, `it is not used, since ${off.join(' and ')} ${off.length > 1 ? 'are' : 'is'} not true`)
      return
    }
    const value = this.#value(name, leaf, as, text)
    if (value !== undefined) this.#set(leaf, value, name)
  }

  #value(name: string, leaf: string, as: Row['as'], text: string): unknown {
    switch (as) {
      case 'limit':
        if (!(Number(text) > MAX_LIMIT)) break
        this.#lose(name, `${MAX_LIMIT} is the most that is counted; off switches the limit off`)
        return MAX_LIMIT
      case 'seconds':
        return durationOf(text)
      case 'permanent':
        return this.#isOn(name) ? 'permanent' : undefined
      case 'known':
        return this.#isOn(name) ? 'all' : undefined
      case 'on-connect':
        return this.#isOn(name) ? 'on-connect' : undefined
      case 'switch':
        return this.#isOn(name)
      case 'not':
        return !this.#isOn(name)
      case undefined:
    }
    const found = policyLeaves.find(({ path }) => path.join('.') === leaf)
    return found === undefined ? text : leafValue(found, text)
  }

  #log(): Readonly<Record<string, unknown>> {
    const level = this.#text('VERBOSE_LEVEL')
    const isLevel = level === 'info' || level === 'debug'
    if (level !== undefined && !isLevel)
      this.#lose('VERBOSE_LEVEL', 'errors are always logged; see log-level')
    return {
      ...(isLevel ? { 'log-level': level } : {}),
      ...(this.#isOn('LOG_JSON') ? { 'log-format': 'json' } : {}),
    }
  }

  #addresses(): void {
    if (this.#isOn('DISABLE_POLICY_SERVICE')) {
      for (const name of ['DISABLE_POLICY_SERVICE', 'SERVER_ADDRESS', 'SERVER_PORT']) {
        if (this.#given.has(name)) this.#lose(name, 'the service is off without policy.listen')
      }
      return
    }
    const address = this.#text('SERVER_ADDRESS') ?? '127.0.0.1'
    this.#set('listen', [endpoint(address, this.#text('SERVER_PORT') ?? '4646')], 'SERVER_ADDRESS')
    if (/^(127\.|::1$|localhost$)/.test(address)) return
    this.#lose(
      'SERVER_ADDRESS',
      'others than this host are answered only when policy.allow has their networks',
    )
  }

  #http(): void {
    const isOff = this.#isOn('DISABLE_HTTP_SERVICE')
    const all = READ.filter((name) => name.includes('HTTP_'))
    if (isOff) {
      for (const name of all) if (this.#given.has(name)) this.#lose(name, 'HTTP is off without policy.http')
      return
    }
    const address = this.#text('HTTP_ADDRESS') ?? '127.0.0.1'
    this.#set('http', endpoint(address, this.#text('HTTP_PORT') ?? '8080'), 'HTTP_ADDRESS')
    this.#login()
    const isTls = this.#isOn('HTTP_USE_SSL')
    for (const [name, leaf, standard] of [
      ['HTTP_TLS_CERT', 'tls-cert', '/localhost.pem'],
      ['HTTP_TLS_KEY', 'tls-key', '/localhost-key.pem'],
    ] as const) {
      if (isTls) this.#set(leaf, this.#text(name) ?? standard, name)
      else if (this.#given.has(name)) this.#lose(name, 'it is not used, since HTTP_USE_SSL is not true')
    }
  }

  #login(): void {
    const names = ['HTTP_BASIC_AUTH_USERNAME', 'HTTP_BASIC_AUTH_PASSWORD'] as const
    const [user, password] = names.map((name) => this.#text(name))
    if (!this.#isOn('HTTP_USE_BASIC_AUTH')) {
      for (const name of names) {
        if (this.#given.has(name)) this.#lose(name, 'it is not used, since HTTP_USE_BASIC_AUTH is not true')
      }
    } else if (user === undefined || password === undefined) {
      this.#lose(
        'HTTP_USE_BASIC_AUTH',
        'it needs a user and a password: set policy.http-user and policy.http-password',
      )
    } else {
      this.#set('http-user', user, names[0])
      this.#set('http-password', password, names[1])
    }
  }

  #user(): void {
    const isLogin = this.#isOn('USE_SASL_USERNAME')
    this.#set('user', [isLogin ? 'sasl_username' : 'sender'], 'USE_SASL_USERNAME')
    if (!isLogin) {
      this.#remarks.push(
        'policy.user: anybody can forge a sender and have it blocked; better is sasl_username',
      )
    }
  }

  #store(): void {
    const url = `redis://${endpoint(this.#text('REDIS_ADDRESS') ?? '127.0.0.1', this.#text('REDIS_PORT') ?? '6379')}`
    this.#set('store', url, 'REDIS_ADDRESS')
    this.#set('redis.import-prefix', this.#text('REDIS_PREFIX') ?? 'geopol_', 'REDIS_PREFIX')
    this.#remarks.push(
      'policy.store: a host that is alone needs no Redis; better is sqlite, without policy.redis',
    )
  }

  /** Loses what the schema refuses, until it refuses nothing. */
  #judge(): void {
    for (;;) {
      const parsed = policySchema.safeParse(this.#policy, FOR_COMPLAINTS)
      if (parsed.success) return
      const [issue] = parsed.error.issues
      this.#refuse(issue)
    }
  }

  #refuse(issue: z.core.$ZodIssue): void {
    const at = issue.path.join('.')
    const isAt = (leaf: string): boolean =>
      leaf === at || leaf.startsWith(`${at}.`) || at.startsWith(`${leaf}.`)
    const exact = [...this.#origins.keys()].filter(isAt)
    // What is missing is the fault of those beside it; of a store, of the settings of Redis.
    const group = at === 'store' ? 'redis' : issue.path.slice(0, -1).join('.')
    const beside = [...this.#origins.keys()].filter((leaf) => leaf.startsWith(`${group}.`))
    const lost = exact.length > 0 ? exact : beside.length > 0 ? beside : [...this.#origins.keys()]
    for (const leaf of lost) {
      this.#lose(this.#origins.get(leaf) ?? '', `policy.${at}: ${complaintOf(issue)}`)
      this.#origins.delete(leaf)
      this.#policy = withoutLeaf(this.#policy, leaf.split('.'))
    }
  }
}

const bare = (variable: string): string =>
  variable.startsWith(PREFIX) ? variable.slice(PREFIX.length) : variable

/** `ADDRESS:PORT` of an address that may have brackets, or a port already. */
function endpoint(address: string, port: string): string {
  const host = address === 'localhost' ? '127.0.0.1' : address
  if (/^[^:]*:\d+$|\]:\d+$/.test(host)) return host
  return host.includes(':') && !host.startsWith('[') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Seconds as a duration, in hours where they are whole. */
function durationOf(text: string): string {
  const seconds = Number(text)
  return seconds % 3600 === 0 ? `${seconds / 3600}h` : `${text}s`
}

function withoutLeaf(structure: unknown, [key, ...rest]: readonly string[]): unknown {
  const { [key]: old, ...others } = structure as Readonly<Record<string, unknown>>
  if (rest.length === 0) return others
  const left = withoutLeaf(old, rest)
  return Object.keys(left as object).length === 0 ? others : { ...others, [key]: left }
}
