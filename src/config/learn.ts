// The setting `learn`: what verdicts on one's own mail teach, and how much that counts.

import { z } from 'zod'
import { readAsNumber, readCidrText } from '../data/compile/weight-fields.ts'
import { REPORTER } from '../learn/verdict.ts'
import { durationMs } from './duration.ts'
import { durationSuchAs } from './settings/kinds-of-value.ts'

/** Half-lives that make sense: verdicts of a day say nothing of the next month, and after years nothing is true any more. */
const HALF_LIFE = { least: durationMs('1d'), most: durationMs('730d') } as const

const halfLife = durationSuchAs('60d', ['days'])
  .transform((text) => durationMs(text) / 1000)
  .refine(
    (seconds) => seconds * 1000 >= HALF_LIFE.least && seconds * 1000 <= HALF_LIFE.most,
    'a duration from 1d to 730d',
  )

/** What is left out, told apart by what it looks like. */
const excluded = z
  .array(z.union([z.string(), z.number()], 'an AS number or a network'), 'a list of ASes and networks')
  .transform((entries, context) => {
    const asns: number[] = []
    const networks: string[] = []
    for (const [at, entry] of entries.entries()) {
      try {
        if (/[.:]/.test(String(entry))) networks.push(readCidrText(entry))
        else asns.push(readAsNumber(entry))
      } catch (cause) {
        context.addIssue({ code: 'custom', path: [at], message: (cause as Error).message })
      }
    }
    return { asns, networks }
  })

const networks = z.array(z.string(), 'a list of networks').transform((entries, context) =>
  entries.flatMap((entry, at) => {
    try {
      return [readCidrText(entry)]
    } catch (cause) {
      context.addIssue({ code: 'custom', path: [at], message: (cause as Error).message })
      return []
    }
  }),
)

/** Short ones could be guessed. */
const TOKEN = /^[\x21-\x7e]{16,256}$/

const reporters = z.record(
  z.string().regex(REPORTER, 'a name of small letters, digits, dots, - and _'),
  z.string('a token').regex(TOKEN, 'a token of 16 to 256 characters without blanks'),
  'tokens by the names of reporters',
)

const score = z.number('a score of a mail filter').min(-1000).max(1000)

const learn = z
  .strictObject({
    'half-life': halfLife.prefault('60d'),
    quota: z.int('a whole number of verdicts').min(1).max(1e9).default(1_000_000),
    exclude: excluded.prefault([]),
    'keep-verdicts': z.boolean('true or false').default(false),
    spam: score.default(10),
    ham: score.default(2),
    'own-symbols': z
      .array(z.string().regex(/^[\w.-]+\*?$/, 'a symbol such as ASNZONE_SCORE, or ASNZONE_* for all of them'))
      .default(['ASNZONE_*']),
    reporters: reporters.prefault({}),
    trusted: networks.prefault([]),
    weight: z.number('a number').min(0).max(10).default(1),
    most: z.int('a whole number').min(0).max(255).default(15),
  })
  .superRefine(({ spam, ham }, context) => {
    if (spam > ham) return
    context.addIssue({
      code: 'custom',
      path: ['spam'],
      message: `${spam} is not above 'ham', which is ${ham}`,
    })
  })
  .transform(
    ({ 'half-life': halfLife, 'keep-verdicts': keepVerdicts, 'own-symbols': ownSymbols, ...same }) => ({
      ...same,
      /** In seconds. */
      halfLife,
      keepVerdicts,
      ownSymbols,
    }),
  )

/** The schema of the setting: nothing learned is told without it. */
export const learnSchema = learn.optional()

/** The setting. */
export type LearnSetting = z.output<typeof learn>

/** What is learned by where nothing is set: `asnzone learn` needs no config. */
export const LEARN_UNLESS_SET: LearnSetting = learn.parse({})
