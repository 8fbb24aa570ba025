// The kinds of value that several settings have.

import { z } from 'zod'
import { parseListenAddress } from '../../system/listen-address.ts'
import { parseCidr } from '../../table/cidr-text.ts'
import { wireName } from '../../zones/wire-name.ts'
import { DURATION } from '../duration.ts'

/** A text that is not empty. */
export const text = z.string().min(1)

/** A duration, as it is written. */
export const duration = text.regex(DURATION, 'a duration such as 12h, 1d or 6w')

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
export const readBy = (read: (text: string) => unknown) =>
  text.superRefine((value, context) => {
    try {
      read(value)
    } catch (cause) {
      context.addIssue({ code: 'custom', message: (cause as Error).message.replace(/^[a-z-]+: (?=')/, '') })
    }
  })

/** A domain name that can be written on the wire. */
export const domainName = readBy(wireName)

/** One address and port to listen on. */
export const address = readBy((value) => parseListenAddress(value))

/** A list of which each text is checked. */
export const listOf = (item: z.ZodType<string, string>) => list.pipe(z.array(item))

/** A list of addresses and networks. */
export const networks = listOf(readBy(parseCidr))

/** A secret. What is wrong with it is not shown: it may be nearly the secret. */
export const secret = (pattern: RegExp, message: string) =>
  z.custom<string>((value) => typeof value === 'string' && pattern.test(value), message)
