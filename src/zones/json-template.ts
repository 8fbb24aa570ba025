// Templates of TXT records that hold one JSON object (RFC 8259): a member for each field or literal.
//
//     json: { ip: "{ip}", asn: "{asn}", by: asnzone }   →   {"ip":"8.8.8.8","asn":15169,"by":"asnzone"}
//
// The object is one text, which becomes several character-strings like any other that is too long for one. A
// reader puts them together again, without anything between, as for SPF (RFC 7208 3.3). What is not known is null.

import { mostStrings } from './character-strings.ts'
import { OP, ORIGINS, TEXT_FIELDS } from './fields.ts'
import { JSON_VALUE, NULL_LENGTH } from './json-value.ts'
import { MAX_ANSWER_OCTETS } from './limits.ts'
import { Template } from './template.ts'
import { literalCode, octetsOf, unknownField } from './template-parts.ts'

/** What a member is: `{field}`, or itself. */
export type JsonMember = string | number | boolean | null

/** Fields that are numbers; all others are strings. */
const NUMBERS: ReadonlySet<string> = new Set([
  'asn',
  'distance',
  'score',
  'reputation',
  'latitude',
  'longitude',
  'length',
])

/** How much longer an octet of the table may become: `"` and `\\` get a backslash, and control characters are in no name. */
const ESCAPED = 2

/**
 * Compiles the members of an object.
 *
 * @param members in the order of the object
 * @param multiOrigin whether {asn} is the list of every AS that announces the prefix, not the number of the first
 * @throws {Error} with a short reason that names the member, `json.asn: …`, or `json: …` when the answer could be too long.
 */
export function jsonTemplate(members: Readonly<Record<string, JsonMember>>, multiOrigin: boolean): Template {
  const program: number[] = []
  let maxText = 0
  let literal = '{'
  const writeLiteral = (): void => {
    const octets = octetsOf(literal)
    program.push(...literalCode(octets))
    maxText += octets.length
  }
  for (const [name, member] of Object.entries(members)) {
    if (literal !== '{') literal += ','
    literal += `${JSON.stringify(name)}:`
    const field = fieldOf(name, member)
    if (field === null) {
      literal += JSON.stringify(member)
      continue
    }
    const isList = multiOrigin && field === 'asn'
    const { code, max } = isList ? ORIGINS : TEXT_FIELDS[field]
    if (!isList && NUMBERS.has(field)) {
      writeLiteral()
      program.push(OP.beginGroup, ...code, OP.endJsonValue, JSON_VALUE.number, max)
      maxText += Math.max(max, NULL_LENGTH)
    } else {
      literal += isList ? '[' : '"'
      writeLiteral()
      const room = !isList && isOfTable(code) ? max * ESCAPED : max
      program.push(
        OP.beginGroup,
        ...code,
        OP.endJsonValue,
        isList ? JSON_VALUE.list : JSON_VALUE.string,
        room,
      )
      // And the mark after it; null has two octets more than both marks, and no text is shorter.
      maxText += Math.max(room, NULL_LENGTH - 2) + 1
    }
    literal = ''
  }
  literal += '}'
  writeLiteral()
  program.push(OP.endOfString)
  const maxOctets = maxText + mostStrings(maxText)
  if (maxOctets > MAX_ANSWER_OCTETS) {
    throw new Error(
      `json: can give ${maxOctets} octets, more than ${MAX_ANSWER_OCTETS}, which always fit one UDP packet: leave a member out`,
    )
  }
  return new Template({ program, maxOctets, lead: 1, unknown: new Uint8Array(0) })
}

/** The field that a member is; null for a literal. */
function fieldOf(name: string, member: JsonMember): string | null {
  if (typeof member !== 'string') return null
  const field = /^\{([^{}]*)\}$/.exec(member)?.[1]
  const wrong = (reason: string): Error => new Error(`json.${name}: ${reason}`)
  if (field === undefined) {
    if (!/[{}]/.test(member)) return null
    throw wrong(`'${member}' is neither one {field} nor a text without braces`)
  }
  if (!Object.hasOwn(TEXT_FIELDS, field)) throw wrong(unknownField(field, Object.keys(TEXT_FIELDS)).message)
  return field
}

const isOfTable = ([op]: readonly number[]): boolean => op === OP.field || op === OP.blockField
