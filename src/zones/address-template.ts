// Templates of A and AAAA records: four octets, each a number or a field; in an AAAA record as IPv4 is written in IPv6.

import { OCTET_FIELDS, OP } from './fields.ts'
import { Template } from './template.ts'
import { literalCode, unknownField } from './template-parts.ts'

/** What an IPv4 address has in front in IPv6: ::ffff:0:0/96 (RFC 4291 2.5.5.2). */
const MAPPED_TEXT = '::ffff:'
const MAPPED = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff)

const NOTHING = new Uint8Array(0)

/**
 * Compiles the template of an A record.
 *
 * @param template such as `127.0.0.2` or `127.0.{country-high}.{country-low}`
 * @throws {Error} with a short reason when it isn't four octets or fields.
 */
export function addressTemplate(template: string): Template {
  return new Template({ program: octetsCode(template), maxOctets: 4, lead: 0, unknown: NOTHING })
}

/**
 * Compiles the template of an AAAA record.
 *
 * @param template such as `::ffff:127.0.0.2`
 * @throws {Error} with a short reason when it isn't that and four octets or fields.
 */
export function mappedAddressTemplate(template: string): Template {
  if (!template.startsWith(MAPPED_TEXT)) {
    throw new Error(`'${template}' is neither none nor ${MAPPED_TEXT} and an address such as 127.0.0.2`)
  }
  const program = octetsCode(template.slice(MAPPED_TEXT.length), MAPPED)
  return new Template({ program, maxOctets: 16, lead: 0, unknown: NOTHING })
}

/** The template of an AAAA record that says the same as one of an A record. */
export const mapped = (template: string): string => `${MAPPED_TEXT}${template}`

/**
 * The program for four octets; there is no answer when a field is unknown, nor, for some, when all fields are 0.
 *
 * @param before octets to be written in front
 */
function octetsCode(template: string, before: Uint8Array = NOTHING): number[] {
  const parts = template.split('.')
  if (parts.length !== 4) throw new Error(`'${template}' is not four octets or fields such as 127.0.0.2`)
  const code: number[] = []
  let literal = [...before]
  let isZeroAnAnswer = true
  for (const part of parts) {
    const field = /^\{(.*)\}$/.exec(part)?.[1]
    if (field === undefined) {
      literal.push(octetOf(part))
      continue
    }
    if (!Object.hasOwn(OCTET_FIELDS, field)) throw unknownField(field, Object.keys(OCTET_FIELDS))
    const { column, octet, zero } = OCTET_FIELDS[field]
    code.push(...literalCode(literal), OP.octet, column, octet)
    literal = []
    isZeroAnAnswer &&= zero
  }
  code.push(...literalCode(literal))
  return isZeroAnAnswer ? code : [...code, OP.unlessZero]
}

function octetOf(part: string): number {
  if (/^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255) return Number(part)
  throw new Error(`'${part}' is neither an octet from 0 to 255 nor a field`)
}
