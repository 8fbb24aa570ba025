// Whom a request is about: the account that sends, under one name however it is written.

import type { Attributes } from './request.ts'

/** Octets that a name may have: RFC 5321 4.5.3.1 allows 64, an @ and 255. */
export const MOST_SUBJECT_OCTETS = 320

/** How names of accounts are read. */
export interface SubjectSettings {
  /** The attributes that may hold the name; the first that is not empty does. */
  readonly user: readonly string[]
  readonly case: 'lower' | 'keep'
  /** What begins a tag before the @, such as `+`; empty for none. */
  readonly separator: string
}

/** Octets that a unit of a string has in UTF-8 at most. */
const MAX_OCTETS_PER_UNIT = 3

const octetsOf = (text: string): number => new TextEncoder().encode(text).length

/** The name in a request, as it came; empty when it names nobody. */
export function nameIn(attributes: Attributes, { user }: Pick<SubjectSettings, 'user'>): string {
  for (const attribute of user) {
    const name = attributes.get(attribute) ?? ''
    if (name !== '') return name
  }
  return ''
}

/** A name as it is kept; null when it can't be one: it is empty, too long, or has control characters. */
export function normalSubject(raw: string, settings: Omit<SubjectSettings, 'user'>): string | null {
  const name = raw.trim()
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (name === '' || /[\u0000-\u001f\u007f-\u009f]/.test(name)) return null
  if (name.length * MAX_OCTETS_PER_UNIT > MOST_SUBJECT_OCTETS && octetsOf(name) > MOST_SUBJECT_OCTETS)
    return null
  const cut = withoutTag(name, settings.separator)
  return ofItsOwn(settings.case === 'lower' ? cut.toLowerCase() : cut)
}

/** A copy of a text. To V8 a part of a text is a view of it, so that who keeps a name would keep all of the request. */
const ofItsOwn = (text: string): string => ` ${text}`.slice(1)

/** `user+tag@example.com` without `+tag`; a name that begins with its separator has no tag. */
function withoutTag(name: string, separator: string): string {
  if (separator === '') return name
  const at = name.lastIndexOf('@')
  const local = at < 0 ? name : name.slice(0, at)
  const tag = local.indexOf(separator)
  return tag <= 0 ? name : local.slice(0, tag) + (at < 0 ? '' : name.slice(at))
}
