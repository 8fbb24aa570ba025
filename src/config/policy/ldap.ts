// The setting `policy.ldap`: a directory that knows which account a name belongs to.

import { z } from 'zod'
import type { LdapSettings } from '../../policy-server/ldap/settings.ts'
import { duration, listOf, maybeEmpty, onOff } from './leaves.ts'

/** A directory; `tls` names files, which are still to be read. */
export type LdapSetting = Omit<LdapSettings, 'timeout'>

/** The leaves. */
export const ldap = z
  .strictObject({
    urls: listOf('URLs', readUrl).default([]),
    base: maybeEmpty.default(''),
    'bind-dn': maybeEmpty.default(''),
    password: maybeEmpty.default(''),
    filter: z.string('a filter').default('(&(objectClass=*)(mailAlias=%s))'),
    attribute: z
      .string('the name of an attribute')
      .regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'the name of an attribute, such as mailAccount')
      .default('mailAccount'),
    scope: z.enum(['sub', 'one', 'base'], 'sub, one or base').default('sub'),
    starttls: onOff.default(false),
    verify: onOff.default(true),
    ca: maybeEmpty.default(''),
    cert: maybeEmpty.default(''),
    key: maybeEmpty.default(''),
    external: onOff.default(false),
    pool: z.int('a number of connections').min(1).max(100).default(10),
    idle: z.int('a number of connections').min(0).max(100).default(3),
    cache: duration.default(300_000),
  })
  .prefault({})

type Ldap = z.output<typeof ldap>

/** What is wrong with them together: the leaf, and why. */
export function ldapFaults(of: Ldap): readonly (readonly [keyof Ldap, string])[] {
  const faults: (readonly [keyof Ldap, string])[] = []
  const wrong = (key: keyof Ldap, message: string): void => void faults.push([key, message])
  if (!of.filter.includes('%s')) wrong('filter', 'it needs %s where the name goes')
  if (!isBalanced(of.filter))
    wrong('filter', 'a filter (RFC 4515) stands in parentheses, each of which is closed')
  if ((of.cert === '') !== (of.key === '')) {
    wrong(of.cert === '' ? 'cert' : 'key', 'a certificate needs its key, and a key its certificate')
  }
  if (of.urls.length === 0) return faults
  const isSecured = of.starttls || of.urls.every((url) => url.startsWith('ldaps:'))
  if (of.starttls && of.urls.some((url) => url.startsWith('ldaps:'))) {
    wrong('starttls', 'ldaps:// begins with TLS; starttls is for ldap://')
  }
  if (of.external && (of.cert === '' || !isSecured)) {
    wrong('external', 'it needs cert, key, and ldaps:// or starttls')
  }
  if (of.external && of['bind-dn'] !== '')
    wrong('bind-dn', 'with external the name is that of the certificate')
  if (of['bind-dn'] !== '' && of.password === '') {
    // RFC 4513 section 5.1.2: a name without a password is nobody, and is let in as that.
    wrong('password', 'bind-dn needs a password: without one the server treats the bind as anonymous')
  }
  return faults
}

/** The setting; null where no directory is named. */
export function ldapSetting(of: Ldap): LdapSetting | null {
  if (of.urls.length === 0) return null
  return {
    urls: of.urls,
    base: of.base,
    bindDn: of['bind-dn'],
    password: of.password,
    filter: of.filter.trim(),
    attribute: of.attribute,
    scope: of.scope,
    startTls: of.starttls,
    verify: of.verify,
    tls: { ca: of.ca || null, cert: of.cert || null, key: of.key || null },
    isExternal: of.external,
    pool: of.pool,
    idle: of.idle,
    cache: of.cache,
  }
}

function readUrl(value: string): string {
  const found = /^ldaps?:\/\/(\[[0-9a-f:.]+\]|[^\s:/@[\]]+)(:\d{1,5})?\/?$/i.exec(value)
  // It is not repeated: it may hold a password.
  if (found === null)
    throw new Error('URLs are like ldap://ldap.example.com or ldaps://[::1]:636; who asks is bind-dn')
  return value.replace(/\/$/, '')
}

function isBalanced(filter: string): boolean {
  const text = filter.trim()
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++
    else if (text[i] === ')') depth--
    if (depth < 0 || (depth === 0 && i < text.length - 1)) return false
  }
  return depth === 0 && text !== ''
}
