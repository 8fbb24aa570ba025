// Records: rules of their own for some accounts.
//
//     u@example.com      this account            @example.com, *@example.com   everybody there
//     sales-*@example.com  `*` is any run without @                *           everybody

import type { Rules } from './settings.ts'

/** Rules for the accounts that a pattern matches. */
export interface PolicyRecord {
  readonly sender: string
  readonly comment: string
  /** What it replaces of the defaults. */
  readonly rules: Partial<Rules>
}

interface Matcher {
  readonly matches: (subject: string) => boolean
  readonly rules: Rules
  readonly record: PolicyRecord
}

/** Records in order; the first that matches counts. */
export class Records {
  /** What there is for accounts that no record is about. */
  readonly #none: { readonly rules: Rules; readonly record: null }
  /** Records of a single account, by its name, with their places in the order. */
  readonly #exact = new Map<string, number>()
  /** The others, with theirs. */
  readonly #patterns: (readonly [number, Matcher])[] = []
  readonly #all: Matcher[] = []

  /** @param normal writes names as subjects are written */
  constructor(defaults: Rules, records: readonly PolicyRecord[], normal: (name: string) => string) {
    this.#none = { rules: defaults, record: null }
    for (const [place, record] of records.entries()) {
      const sender = normal(record.sender)
      const matcher = { matches: matcherOf(sender), rules: { ...defaults, ...record.rules }, record }
      this.#all.push(matcher)
      const isExact = !sender.includes('*') && !sender.startsWith('@')
      if (!isExact) this.#patterns.push([place, matcher])
      else if (!this.#exact.has(sender)) this.#exact.set(sender, place)
    }
  }

  /** The rules of an account, and the record that they come from; null for the defaults. */
  of(subject: string): { readonly rules: Rules; readonly record: PolicyRecord | null } {
    const exact = this.#exact.get(subject)
    for (const [place, matcher] of this.#patterns) {
      if (exact !== undefined && place > exact) break
      if (matcher.matches(subject)) return matcher
    }
    return exact === undefined ? this.#none : this.#all[exact]
  }
}

function matcherOf(sender: string): (subject: string) => boolean {
  if (sender === '*') return () => true
  if (sender.startsWith('@')) return (subject) => subject.endsWith(sender) && subject.indexOf('@') >= 0
  if (!sender.includes('*')) return (subject) => subject === sender
  const parts = sender.split('*')
  return (subject) => matchesParts(subject, parts)
}

/** Whether text is the parts with runs between them that have no @; linear, whatever the text. */
function matchesParts(text: string, parts: readonly string[]): boolean {
  // Greedy from the left is right for wildcards, but a run may not hold an @: the part with the @ anchors it.
  const [head] = parts
  const tail = parts[parts.length - 1]
  if (!text.startsWith(head) || !text.endsWith(tail) || text.length < head.length + tail.length) return false
  let at = head.length
  const end = text.length - tail.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at)
    if (found < 0 || found + part.length > end || text.slice(at, found).includes('@')) return false
    at = found + part.length
  }
  return !text.slice(at, end).includes('@')
}
