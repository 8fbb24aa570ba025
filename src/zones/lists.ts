// `lists` in a zone file: the conditions of an address list of one's own, and what such a zone answers unless it says more.

import { z } from 'zod'
import { MAX_ASN, RPKI_CODE, type RpkiState } from '../table/layout.ts'

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

const country = z
  .string('a two-letter country code')
  .regex(/^[A-Za-z]{2}$/, 'a two-letter country code')
  .transform((code) => code.toUpperCase())

const asNumber = z
  .union([z.number(), z.string()], `an AS number from 1 to ${MAX_ASN}`)
  .transform((value, context) => {
    const asn = Number(/^(?:AS)?(\d{1,10})$/i.exec(String(value))?.[1])
    if (asn >= 1 && asn <= MAX_ASN) return asn
    context.addIssue({ code: 'custom', message: `'${value}' is not an AS number from 1 to ${MAX_ASN}` })
    return z.NEVER
  })

/** Limits of a number, each exclusive; one of them may be missing. */
const limits = <Limit extends z.ZodType<number | typeof TOO_FAR>>(limit: Limit) =>
  z
    .strictObject({ over: limit.optional(), below: limit.optional() }, { error: knownKeys('over and below') })
    .superRefine(({ over, below }, context) => {
      if (over === undefined && below === undefined) {
        context.addIssue({ code: 'custom', message: 'it has neither over nor below; write one, or both' })
      } else if (typeof over === 'number' && typeof below === 'number' && below - over < 2) {
        const message = `no whole number is over ${over} and below ${below}; write limits that leave one`
        context.addIssue({ code: 'custom', message })
      }
    })

const KILOMETRES = `a whole number of kilometres from 0 to ${FARTHEST}, or '${TOO_FAR}'`
const POINTS = `a whole number from -${MAX_SCORE} to ${MAX_SCORE}`

const STATES = Object.keys(RPKI_CODE) as RpkiState[]

/** What an unknown key is told; the rest is left to the general words. */
const knownKeys =
  (known: string) =>
  ({ code }: { readonly code?: string | undefined }): string =>
    code === 'unrecognized_keys' ? `known are ${known}` : ''

const conditions = {
  country: oneOrMore(country).optional(),
  asn: oneOrMore(asNumber).optional(),
  distance: limits(
    z.union([z.literal(TOO_FAR), z.int().min(0, KILOMETRES).max(FARTHEST, KILOMETRES)], KILOMETRES),
  ).optional(),
  score: limits(z.int(POINTS).min(-MAX_SCORE, POINTS).max(MAX_SCORE, POINTS)).optional(),
  rpki: oneOrMore(z.enum(STATES)).optional(),
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

/** What of an address each condition is about, as the TXT record of a list tells it: it is known where the condition holds. */
const REASONS: Readonly<Record<keyof ListsDefinition, string>> = {
  country: 'country {country}',
  asn: 'AS{asn}',
  distance: 'distance {distance} km',
  score: 'score {score}',
  rpki: 'RPKI {rpki}',
}

/** The template of the TXT record of a list whose zone file has none: why an address is listed. */
export const reasonTemplate = (lists: ListsDefinition): string =>
  CONDITION_NAMES.filter((name) => lists[name] !== undefined)
    .map((name) => REASONS[name])
    .join(', ')
