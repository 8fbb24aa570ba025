// A zone's example as a question that can be asked.

import type { OwnerKind } from './owner.ts'
import type { AnswerType } from './record-type.ts'
import type { Zone } from './zone.ts'

/** A question and, where the apex is the one that the example is for, the answer as dig +short prints it. */
export interface ExampleQuestion {
  readonly name: string
  readonly type: AnswerType
  readonly answer: string
  /** The settings that it takes, as the config file has them, where the defaults give another answer or none. */
  readonly settings: Readonly<Record<string, unknown>>
}

/** The example of a zone; null when it has none, or when it is for another country's zone. */
export function exampleQuestion(zone: Zone): ExampleQuestion | null {
  const { name } = zone
  const { definition } = zone.body
  const { example, apex } = definition
  if (example === undefined) return null
  const isForCountry = apex.some((pattern) => pattern.includes('{cc}'))
  if (isForCountry && !name.startsWith(`${example.cc?.toLowerCase()}.`)) return null
  const { ask, type, answer, with: settings = {} } = example
  return { name: `${ownerOf(ask, zone.body.owner)}.${name}`, type, answer, settings }
}

/**
 * The owner name of an address or an AS number, relative to the apex: `8.8.4.4` is `4.4.8.8`, an IPv6 address
 * is its 32 nibbles from the last to the first, `AS15169` is itself. In a zone of addresses as they are written, all are
 * themselves.
 */
export function ownerOf(queried: string, kind: OwnerKind | null = null): string {
  if (kind === 'address' || /^AS\d+$/i.test(queried)) return queried
  if (!queried.includes(':')) return queried.split('.').reverse().join('.')
  const [head, tail = ''] = queried.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === '' ? [] : tail.split(':')
  const groups = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after]
  const nibbles = groups.map((group) => group.padStart(4, '0')).join('')
  return [...nibbles].reverse().join('.')
}
