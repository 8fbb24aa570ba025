// What somebody is told of a refusal, as mail and as JSON. Names of accounts and addresses come from outside: they can
// add no line to a header, and no element to HTML.

import type { Block } from '../../policy/state.ts'
import { untilText } from '../log-lines.ts'
import type { MailSettings } from './settings.ts'

/** A refusal that somebody is told of. */
export interface Notice {
  /** Names the decision in the log. */
  readonly id: string
  /** Milliseconds since 1970. */
  readonly time: number
  readonly user: string
  readonly address: string
  readonly country: string | null
  readonly asn: number | null
  readonly rule: string
  /** What the rule says of itself, `3/2` say. */
  readonly detail: string
  readonly action: string
  /** The block in force; null for none. */
  readonly block: Block | null
  /** Where the account came from lately, the newest first; what was refused included. */
  readonly countries: readonly string[]
  readonly ips: readonly string[]
  readonly source: string
  /** The host that tells. */
  readonly host: string
}

/** A mail, without who sends it and to whom. */
export interface MailText {
  readonly subject: string
  readonly text: string | null
  readonly html: string | null
}

/** The longest subject and text, in characters: a template may have a macro a thousand times. */
const [MAX_SUBJECT, MAX_TEXT] = [400, 200_000]

const BODY = `An e-mail account was used from too many places, or from where it must not be, and was refused:

  account       %{user}
  rule          %{rule}
  blocked until %{until}
  countries     %{countries}
  addresses     %{ips}
  told by       %{host}

Somebody else may have its password. Have that changed first, then unblock the account:

  asnzone policy show ACCOUNT
  asnzone policy unblock ACCOUNT
`

/** Macros as they are written; `%s` is geoip-policyd's. Other percent signs stand for themselves. */
const MACRO = /%s|%\{(user|countries|ips|rule|until|host)\}/g

/** Control characters, halves of characters, line and paragraph separators, and what changes the direction of text. */
const UNSEEN = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** Text that stays in its line, and is read in its own direction. */
export const inLine = (text: string): string => text.replace(UNSEEN, '')

/** The mail about a refusal. */
export function mailOf(notice: Notice, { subject, body }: MailSettings): MailText {
  const values = valuesOf(notice)
  const filled = fillIn(
    body?.text ?? BODY,
    values,
    body?.isHtml === true ? escapeHtml : (text) => text,
  ).slice(0, MAX_TEXT)
  return {
    subject: [...inLine(fillIn(subject, values, (text) => text))].slice(0, MAX_SUBJECT).join(''),
    text: body?.isHtml === true ? null : filled,
    html: body?.isHtml === true ? filled : null,
  }
}

/** The same for programs, as JSON. */
export function jsonOf(notice: Notice): string {
  const { time, block, ...rest } = notice
  return JSON.stringify({
    event: 'refused',
    time: untilText(time),
    ...rest,
    block:
      block === null
        ? null
        : { since: untilText(block.since), until: untilText(block.until), reason: block.reason },
  })
}

function valuesOf({
  user,
  countries,
  ips,
  rule,
  detail,
  block,
  host,
}: Notice): Readonly<Record<string, string>> {
  return {
    user,
    countries: countries.join(', ') || 'none',
    ips: ips.join(', ') || 'none',
    rule: detail === '' ? rule : `${rule} ${detail}`,
    until: block === null ? 'not blocked' : untilText(block.until),
    host,
  }
}

function fillIn(
  template: string,
  values: Readonly<Record<string, string>>,
  written: (text: string) => string,
): string {
  return template.replace(MACRO, (_, name: string | undefined) => written(inLine(values[name ?? 'user'])))
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character])
