// The setting `score`: what the score of an address is the sum of.

import { z } from 'zod'
import { readAsNumber, readCidrText, readCountryCode, readWeight } from '../data/compile/weight-fields.ts'

/** A value that a function reads, whose error says what is wrong. */
const readBy = <Value>(read: (value: unknown) => Value) =>
  z.unknown().transform((value, context): Value => {
    try {
      return read(value)
    } catch (cause) {
      context.addIssue({ code: 'custom', message: (cause as Error).message })
      return z.NEVER
    }
  })

const weight = readBy(readWeight)

/** A list; one alone needs none. */
const listOf = <Value>(item: z.ZodType<Value>) =>
  z.preprocess(
    (value) => (typeof value === 'string' || typeof value === 'number' ? [value] : value),
    z.array(item),
  )

const countries = z.strictObject({ codes: listOf(readBy(readCountryCode)), weight })
const band = z.strictObject({ over: z.number('a number of kilometres').min(0), weight })
const asns = z.strictObject({ asns: listOf(readBy(readAsNumber)), weight })
const prefix = z.strictObject({ cidr: readBy(readCidrText), weight })
const rpki = z.strictObject({
  valid: weight.default(0),
  'not-found': weight.default(0),
  invalid: weight.default(0),
})

/** The setting as the config file has it; files are read with the data. */
export const scoreSchema = z.strictObject({
  enabled: z.boolean('true or false').default(true),
  countries: z.array(countries).default([]),
  default: weight.default(0),
  unknown: weight.default(0),
  distance: z.array(band).default([]),
  asns: z.array(asns).default([]),
  prefixes: z.array(prefix).default([]),
  rpki: rpki.default({ valid: 0, 'not-found': 0, invalid: 0 }),
  files: z.array(z.string().min(1)).default([]),
})

/** Weights, and files with more of them. */
export type ScoreSetting = z.output<typeof scoreSchema>
