// The kinds of value that several settings have.

import { z } from 'zod'
import { parseListenAddress } from '../../system/listen-address.ts'
import { parseCidr } from '../../table/cidr-text.ts'
import { wireName } from '../../zones/wire-name.ts'
import { DURATION } from '../duration.ts'

/** A text that is not empty. */
export const text = z.string().min(1)

/**
 * A duration, as it is written.
 *
 * @param examples what such durations are like
 * @param units what a number without a unit may stand for
 */
export function durationSuchAs(examples: string, units: readonly string[]) {
  const error = ({ input }: { input?: unknown }): string =>
    `a duration such as ${examples}${unitless(input, units)}`
  return z.string({ error }).regex(DURATION, { error })
}

/** One of days or hours. */
export const duration = durationSuchAs('12h, 1d or 6w', ['days', 'hours'])

function unitless(input: unknown, units: readonly string[]): string {
  const word = String(input)
  const unit = Object.entries(SPELT_OUT).find(([name]) => name === word)?.[1]
  if (unit !== undefined) return `; write ${unit}`
  if (!/^[1-9]\d{0,5}$/.test(word)) return ''
  return `; write ${units.map((name) => `${word}${name[0]} for ${name}`).join(', ')}`
}

const SPELT_OUT: Readonly<Record<string, string>> = {
  hourly: '1h',
  daily: '1d',
  weekly: '1w',
  monthly: '30d',
}

/** Texts; one alone needs no list. */
export const list = z.union([text.transform((one) => [one]), z.array(text)])

/** The same with one text at least. */
export const filledList = z.union([text.transform((one) => [one]), z.array(text).min(1)])

/** A switch, as YAML and as the environment write it. */
export const onOff = z.union(
  [z.boolean(), z.stringbool({ truthy: ['true', 'yes', 'on', '1'], falsy: ['false', 'no', 'off', '0'] })],
  'true or false',
)

/** A text whose reader throws what is wrong with it; some of them begin with the setting, which is told anyway. */
export const readBy = (read: (text: string) => unknown) => text.superRefine(reader(read))

const reader = (read: (text: string) => unknown) => (value: string, context: z.RefinementCtx) => {
  try {
    read(value)
  } catch (cause) {
    context.addIssue({ code: 'custom', message: (cause as Error).message.replace(/^[a-z-]+: (?=')/, '') })
  }
}

/** A domain name that can be written on the wire. */
export const domainName = readBy(wireName)

/** A mailbox as a domain name, with a dot for the @ (RFC 1035 3.3.13). */
export const mailbox = readBy((value) => {
  if (/^[^@]+@[^@]+$/.test(value)) throw new Error(`'${value}' has an @; write ${dotted(value)}`)
  wireName(value)
})

/** A dot before the @ can't be told from the one after it here. */
const dotted = (mail: string): string => {
  const [local, domain] = mail.split('@')
  return `${local.includes('.') ? 'hostmaster' : local}.${domain}`
}

/** One address and port to listen on; without a port it is the given one. */
export const addressWith = (port: number) =>
  z
    .string({ error: (issue) => `an address${portAlone(issue.input) ?? `, such as 127.0.0.1:${port}`}` })
    .superRefine(reader((value) => parseListenAddress(value, 'listen', port)))

/** What to write in the place of a port that YAML reads as a number. */
export const portAlone = (input: unknown): string | null =>
  Number.isInteger(input) ? `; write 127.0.0.1:${input}` : null

/** A list of which each text is checked. */
export const listOf = (item: z.ZodType<string, string>) => list.pipe(z.array(item))

/** A list of addresses and networks. */
export const networks = listOf(readBy(parseCidr))

/** A secret. What is wrong with it is not shown: it may be nearly the secret. */
export const secret = (pattern: RegExp, message: string) =>
  z.custom<string>((value) => typeof value === 'string' && pattern.test(value), message)
