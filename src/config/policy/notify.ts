// The settings `policy.notify` and `policy.known`: who is told when an account is refused, how, and of which accounts.

import { z } from 'zod'
import type { Known, MailSettings, TellingConduct } from '../../policy-server/telling/settings.ts'
import { duration, listOf, maybeEmpty, text } from './leaves.ts'

/** The longest subject that is taken, in characters. */
const MAX_SUBJECT = 200

/** How many mail is sent to. */
const MAX_RECIPIENTS = 50

/** The shortest key of the webhook: RFC 2104 section 3 discourages shorter ones. */
const LEAST_KEY = 16

/** Who is told, and how; `body` and `ca` name files, which are still to be read. */
export interface NotifySetting extends Omit<TellingConduct, 'mail' | 'known'> {
  /** Null where no mail is sent. */
  readonly mail:
    | (Omit<MailSettings, 'body'> & {
        /** A file; null for the text of asnzone. */
        readonly body: string | null
      })
    | null
}

/** Which accounts somebody is told about. */
export type KnownSetting = Exclude<Known, { kind: 'list' }> | { readonly kind: 'file'; readonly file: string }

/** The leaves of `notify`. */
export const notify = z
  .strictObject({
    to: listOf('mail addresses', readMailAddress).default([]),
    from: maybeEmpty.transform(orMailAddress).default(''),
    subject: z
      .string('a text')
      .min(1, 'a text')
      .max(MAX_SUBJECT, `at most ${MAX_SUBJECT} characters`)
      .refine((value) => !/\p{Cc}/u.test(value), 'it has a control character; write it in one line')
      .default('[asnzone] An e-mail account was compromised'),
    body: maybeEmpty
      .regex(/^$|\.(txt|html?)$/i, 'the name of a file that ends in .txt or .html, which tells what it is')
      .default(''),
    smtp: z
      .strictObject({
        host: maybeEmpty.default(''),
        port: z.int('a port').min(1).max(65_535).default(587),
        helo: z
          .string('a host name')
          .regex(/^[\w.:[\]-]{1,255}$/, 'a host name, such as mx1.example.org')
          .default('localhost'),
        username: maybeEmpty.default(''),
        password: maybeEmpty.default(''),
        tls: z.enum(['none', 'starttls', 'on-connect'], 'none, starttls or on-connect').default('starttls'),
        ca: maybeEmpty.default(''),
      })
      .prefault({}),
    webhook: maybeEmpty.transform(orWebUrl).default(''),
    'webhook-key': z
      .string('a text')
      .refine((key) => key === '' || key.length >= LEAST_KEY, `at least ${LEAST_KEY} characters`)
      .default(''),
    every: z
      .union(
        [z.literal('off'), z.literal(false), duration],
        'a duration such as 1h, or off for once per block',
      )
      .transform((value) => (typeof value === 'number' ? value : null))
      .default(3_600_000),
    digest: z.unknown().transform(readDigest).default(null),
  })
  .prefault({})

/** Whom somebody is told about. */
export const known = text
  .refine((value) => value === 'all' || value === 'ldap' || /^file:./.test(value), 'all, ldap or file:PATH')
  .transform((value): KnownSetting => {
    if (value === 'all' || value === 'ldap') return { kind: value }
    return { kind: 'file', file: value.slice('file:'.length) }
  })

type Notify = z.output<typeof notify>

/** What is wrong with them together: the leaf, and why. */
export function notifyFaults(of: Notify): readonly (readonly [readonly string[], string])[] {
  const faults: (readonly [readonly string[], string])[] = []
  const wrong = (path: string, message: string): void => void faults.push([path.split('.'), message])
  const { to, from, smtp, webhook } = of
  if (to.length > MAX_RECIPIENTS)
    wrong('to', `at most ${MAX_RECIPIENTS} addresses; use a list of your mail server`)
  if (to.length > 0 && from === '') wrong('from', 'mail needs a sender, such as asnzone@example.org')
  if (to.length > 0 && smtp.host === '')
    wrong('smtp.host', 'mail needs a server to be sent by, such as localhost')
  if ((smtp.username === '') !== (smtp.password === '')) {
    wrong(
      smtp.username === '' ? 'smtp.username' : 'smtp.password',
      'a user needs a password, and a password a user',
    )
  }
  if (smtp.ca !== '' && smtp.tls === 'none') wrong('smtp.ca', 'TLS needs tls: starttls or on-connect')
  if (of['webhook-key'] !== '' && webhook === '')
    wrong('webhook-key', 'there is no webhook that it could sign for')
  if (of.digest !== null && to.length === 0 && webhook === '')
    wrong('digest', 'there is nobody to notify: set to, or webhook')
  return faults
}

/** The setting; null where nobody is told. */
export function notifySetting(of: Notify): NotifySetting | null {
  const { to, from, subject, smtp, webhook, every, digest } = of
  if (to.length === 0 && webhook === '') return null
  const key = of['webhook-key']
  return {
    mail:
      to.length === 0
        ? null
        : { to, from, subject, body: of.body || null, smtp: { ...smtp, ca: smtp.ca || null } },
    webhook: webhook === '' ? null : { url: webhook, key: key === '' ? null : key },
    every,
    digest,
  }
}

/** One address, and no list, name or comment (RFC 5321 section 4.1.2): nothing that a header could be made of. */
function readMailAddress(value: string): string {
  if (/^[^\s"'(),:;<>@[\\\]\p{Cc}]{1,64}@[\p{L}\p{N}.-]{1,253}$/u.test(value)) return value
  throw new Error(`'${value}' is not a mail address such as postmaster@example.org`)
}

function orMailAddress(value: string, context: z.RefinementCtx): string {
  try {
    return value === '' ? '' : readMailAddress(value)
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message })
    return z.NEVER
  }
}

/** The URL is not repeated in messages: it may hold a secret. */
function orWebUrl(value: string, context: z.RefinementCtx): string {
  if (value === '' || isWebUrl(value)) return value
  context.addIssue({
    code: 'custom',
    message: 'a URL such as https://example.org/hook, without a user and password',
  })
  return z.NEVER
}

function isWebUrl(value: string): boolean {
  try {
    const { protocol, username, password, hostname } = new URL(value)
    return /^https?:$/.test(protocol) && username === '' && password === '' && hostname !== ''
  } catch {
    return false
  }
}

/** Minutes after midnight; null for off, which YAML 1.1 writes as false. */
function readDigest(value: unknown, context: z.RefinementCtx): number | null {
  if (value === 'off' || value === false) return null
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(String(value)) ?? []
  if (hours !== undefined) return Number(hours) * 60 + Number(minutes)
  context.addIssue({
    code: 'custom',
    message: `${JSON.stringify(value)} is not off, or a time of day in UTC such as "06:00"`,
  })
  return z.NEVER
}
