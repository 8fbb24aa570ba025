// `lists` in a zone file: the conditions of an address list of one's own, and what such a zone answers unless it says more.

import { z } from 'zod'
import { MAX_ASN, MAX_REPUTATION, RPKI_CODE, type RpkiState } from '../table/layout.ts'

/** No two points of the Earth are farther from each other, in kilometres. */
export const FARTHEST = 20015

/** Stands for the setting `too-far`, in kilometres. */
export const TOO_FAR = '{too-far}'

/**
 * That setting unless it is set: 90 % of the mail that is wanted travels no farther, and 28 % of what is not (Hao and others,
 * Detecting Spammers with SNARE, USENIX Security 2009).
 */
export const TOO_FAR_UNLESS_SET = 4000

/** The least and the greatest score: a sum of weights whose text fits a record. */
const MAX_SCORE = 999_999_999

/** One value, or a list of them: each complaint then has the line of its own item. */
const oneOrMore = <Schema extends z.ZodType>(item: Schema) =>
  z.preprocess(
    (value) => (Array.isArray(value) || value === undefined ? value : [value]),
    z.array(item).min(1),
  )

/** Which codes there are is data; who reads the file knows them. */
const country = z.string('a two-letter country code').transform((code) => code.toUpperCase())

const asNumber = z
  .union([z.number(), z.string()], `an AS number from 1 to ${MAX_ASN}`)
  .transform((value, context) => {
    const asn = Number(/^(?:AS)?(\d{1,10})$/i.exec(String(value))?.[1])
    if (asn >= 1 && asn <= MAX_ASN) return asn
    context.addIssue({ code: 'custom', message: `'${value}' is not an AS number from 1 to ${MAX_ASN}` })
    return z.NEVER
  })

/** Limits of a number, each exclusive; one of them may be missing. */
const limits = <Limit extends z.ZodType<number | typeof TOO_FAR>>(over: Limit, below: Limit) =>
  z
    .strictObject({ over: over.optional(), below: below.optional() }, { error: knownKeys('over and below') })
    .superRefine(({ over, below }, context) => {
      if (over === undefined && below === undefined) {
        context.addIssue({ code: 'custom', message: 'it has neither over nor below; write one, or both' })
      } else if (typeof over === 'number' && typeof below === 'number' && below - over < 2) {
        context.addIssue({ code: 'custom', message: leavesNothing(over, below) })
      }
    })

/** What is wrong with limits that no number is between. */
export const leavesNothing = (over: number, below: number): string =>
  `no whole number is over ${over} and below ${below}; write limits that leave one`

/** A limit of a distance that leaves one. */
const kilometres = (least: number, most: number) => {
  const expected = `a whole number of kilometres from ${least} to ${most}, or '${TOO_FAR}'`
  return z.union([z.literal(TOO_FAR), z.int().min(least, expected).max(most, expected)], expected)
}

/** A limit of a score or a reputation that leaves one. */
const points = (least: number, most: number) => {
  const expected = `a whole number from ${least} to ${most}`
  return z.int(expected).min(least, expected).max(most, expected)
}

const STATES = Object.keys(RPKI_CODE) as RpkiState[]

/** What an unknown key is told; the rest is left to the general words. */
const knownKeys =
  (known: string) =>
  ({ code }: { readonly code?: string | undefined }): string =>
    code === 'unrecognized_keys' ? `known are ${known}` : ''

const conditions = {
  country: oneOrMore(country).optional(),
  asn: oneOrMore(asNumber).optional(),
  distance: limits(kilometres(0, FARTHEST - 1), kilometres(1, FARTHEST)).optional(),
  score: limits(points(-MAX_SCORE, MAX_SCORE - 1), points(1 - MAX_SCORE, MAX_SCORE)).optional(),
  rpki: oneOrMore(z.enum(STATES)).optional(),
  reputation: limits(
    points(-MAX_REPUTATION, MAX_REPUTATION - 1),
    points(1 - MAX_REPUTATION, MAX_REPUTATION),
  ).optional(),
}

/** The names of all conditions. */
export const CONDITION_NAMES = Object.keys(conditions) as (keyof typeof conditions)[]

/** Conditions: a zone lists what all of them hold for. */
export const listsSchema = z
  .strictObject(conditions, { error: knownKeys(CONDITION_NAMES.join(', ')) })
  .refine((value) => CONDITION_NAMES.some((name) => value[name] !== undefined), {
    error: `there is no condition; write one of ${CONDITION_NAMES.join(', ')}`,
  })

/** The conditions of a zone as its file has them. */
export type ListsDefinition = z.output<typeof listsSchema>

/** The A record of a list (RFC 5782 2.1). */
export const LISTED_ADDRESS = '127.0.0.2'

/** Why an A or AAAA template can't be that of a list, which mail servers take for one in 127.0.0.0/8 alone; null if it can. */
export function unfitForList(template: string): string | null {
  const address = template.replace(/^::ffff:/, '')
  if (address === '127.0.0.1') {
    return `'${template}' is what no list answers with (RFC 5782 2.1); write 127.0.0.2, or leave it out`
  }
  if (address === 'none' || address.startsWith('127.')) return null
  return `'${template}' is not in 127.0.0.0/8, where mail servers expect the answers of lists (RFC 5782 2.1); write one such as 127.0.0.2, or leave it out`
}

/** What of an address each condition is about, as the TXT record of a list tells it: it is known where the condition holds. */
const REASONS: Readonly<Record<keyof ListsDefinition, string>> = {
  country: 'country {country}',
  asn: 'AS{asn}',
  distance: 'distance {distance} km',
  score: 'score {score}',
  rpki: 'RPKI {rpki}',
  reputation: 'reputation {reputation}',
}

/** The template of the TXT record of a list whose zone file has none: why an address is listed. */
export const reasonTemplate = (lists: ListsDefinition): string =>
  CONDITION_NAMES.filter((name) => lists[name] !== undefined)
    .map((name) => REASONS[name])
    .join(', ')
