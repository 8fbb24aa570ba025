// Templates of TXT records: one or more character-strings of text, fields, and groups of them.

import { mostStrings } from './character-strings.ts'
import { OP, ORIGINS, TEXT_FIELDS } from './fields.ts'
import { MAX_ANSWER_OCTETS } from './limits.ts'
import { Template } from './template.ts'
import { splitTemplate, type TemplatePart } from './template-groups.ts'
import { literalCode, octetsOf, unknownField } from './template-parts.ts'

/** The names of all fields of a TXT template. */
export const textFieldNames = (): string[] => Object.keys(TEXT_FIELDS)

/**
 * Compiles the templates of a TXT record.
 *
 * @param strings one template a character-string
 * @param unknownText what stands for a field that is not known
 * @param multiOrigin whether {asn} is every AS that announces the prefix, not the first alone
 * @throws {Error} with a short reason when a field is unknown, a group isn't one, or the answer could be too long.
 */
export function textTemplate(strings: readonly string[], unknownText: string, multiOrigin = false): Template {
  const program: number[] = []
  const unknown = octetsOf(unknownText)
  let maxOctets = 0
  let maxString = 0
  const addPart = ({ literal, field }: TemplatePart): void => {
    if (literal !== undefined) {
      const octets = octetsOf(literal)
      program.push(...literalCode(octets))
      maxString += octets.length
    } else {
      if (!Object.hasOwn(TEXT_FIELDS, field)) throw unknownField(field, textFieldNames())
      const known = multiOrigin && field === 'asn' ? ORIGINS : TEXT_FIELDS[field]
      program.push(...known.code)
      maxString += Math.max(known.max, unknown.length)
    }
  }
  for (const template of strings) {
    maxString = 0
    for (const part of splitTemplate(template)) {
      if (part.group === undefined) addPart(part)
      else {
        program.push(OP.beginGroup)
        for (const inner of part.group) addPart(inner)
        program.push(OP.endGroup)
      }
    }
    program.push(OP.endOfString)
    maxOctets += maxString + mostStrings(maxString)
  }
  if (maxOctets > MAX_ANSWER_OCTETS) {
    throw new Error(
      `can give ${maxOctets} octets, more than ${MAX_ANSWER_OCTETS}, which always fit one UDP packet: leave something out`,
    )
  }
  return new Template({ program, maxOctets, lead: 1, unknown })
}
