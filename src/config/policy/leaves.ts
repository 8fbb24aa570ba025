// What the leaves of `policy` may be. A leaf reads a value as it stands in the config file, or a text as it comes from
// the environment; its error says what it may be.

import { z } from 'zod'
import { readAsNumber, readCountryCode } from '../../data/compile/weight-fields.ts'
import { answerFault } from '../../policy/answer.ts'
import type { Network } from '../../policy/networks.ts'
import { MOST_ENTRIES, PERMANENT } from '../../policy/state.ts'
import { parseCidr } from '../../table/cidr-text.ts'
import { durationMs } from '../duration.ts'
import { durationSuchAs } from '../settings/kinds-of-value.ts'

/** The highest limit: there must be room for the entry that is one too many. */
export const MAX_LIMIT = MOST_ENTRIES - 4

/** No score is beyond it. */
const MAX_SUM = 2 ** 31

/** Leaves that are lists: texts from the environment are cut at blanks and commas for them. */
const lists = new WeakSet<z.ZodType>()

/** Whether a leaf is a list. */
export function isList(leaf: z.ZodType): boolean {
  let inner = leaf
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodOptional) inner = inner.unwrap() as z.ZodType
  return lists.has(inner)
}

/** A list of what a function reads; one alone needs no list. The function throws an Error with a short reason. */
export function listOf<Value>(what: string, read: (text: string) => Value) {
  const text = z.union([z.string(), z.number().transform(String)])
  const schema = z
    .union([text.transform((one) => [one]), z.array(text)], `a list of ${what}`)
    .transform((texts, context): Value[] =>
      texts.flatMap((one) => {
        try {
          return [read(one)]
        } catch (cause) {
          context.addIssue({ code: 'custom', message: (cause as Error).message })
          return []
        }
      }),
    )
  lists.add(schema)
  return schema
}

export const text = z.string().min(1)
export const maybeEmpty = z.string('a text')

export const onOff = z.union(
  [z.boolean(), z.stringbool({ truthy: ['true', 'yes', 'on', '1'], falsy: ['false', 'no', 'off', '0'] })],
  'true or false',
)

/** A duration in milliseconds. */
export const duration = durationSuchAs('2s, 1h or 30d', ['seconds', 'minutes', 'hours']).transform(durationMs)

/** A whole number, or off, which YAML 1.1 writes as false: null then. */
const numberOrOff = (least: number, most: number, what: string) =>
  z.unknown().transform((value, context): number | null => {
    if (value === 'off' || value === false) return null
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
    const written = typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
    context.addIssue({ code: 'custom', message: `${written} is not ${what}` })
    return z.NEVER
  })

/** «More than»; off switches it off, 0 forbids. */
export const limit = numberOrOff(0, MAX_LIMIT, `a whole number from 0 to ${MAX_LIMIT}, or off`)

/** The same where 0 switches it off, too. */
export const limitUnlessZero = limit.transform((most) => (most === 0 ? null : most))

/** A score, or off. */
export const threshold = numberOrOff(-MAX_SUM, MAX_SUM, 'a whole number, or off')

/** How long a block lasts, in milliseconds. */
export const blockDuration = z.union(
  [
    z.union([z.literal(0), z.literal('0')]).transform(() => 0),
    z.literal('permanent').transform(() => PERMANENT),
    duration,
  ],
  'a duration such as 1h, permanent, or 0 for no block',
)

/** The words of an answer. */
export const answerText = z.string('a text').superRefine((value, context) => {
  const fault = answerFault(value)
  if (fault !== null) context.addIssue({ code: 'custom', message: fault })
})

export const action = z.enum(['reject', 'defer', 'warn', 'off'], 'reject, defer, warn or off')
export const mode = z.enum(['enforce', 'monitor'], 'enforce or monitor')
export const scope = z.enum(['account', 'new'], 'account or new')

/** Reads a network, or a lone address. */
export function readNetwork(value: string): Network {
  const { family, length, start } = parseCidr(value)
  return { family, length, words: [...start] }
}

export const networks = listOf('networks', readNetwork)
export const countries = listOf('country codes', readCountryCode)
export const asns = listOf('AS numbers', readAsNumber)

/** Addresses by where they are and who runs them. */
export const originsShape = {
  countries: countries.default([]),
  networks: networks.default([]),
  asns: asns.default([]),
}
