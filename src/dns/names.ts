// Names, types, classes and RCODEs as people write them (RFC 1035 5.1, RFC 3597 5).

import { TYPE } from '../zones/record-type.ts'
import { CLASS, RCODE } from './protocol.ts'

const TYPES = new Map<number, string>(
  Object.entries(TYPE).map(([name, number]) => [number, name.toUpperCase()]),
)

const RCODES = new Map<number, string>(
  Object.entries(RCODE).map(([name, number]) => [number, name.toUpperCase()]),
)

/** `TXT`, or `TYPE1234` for a type that has no name here. */
export const typeName = (type: number): string => TYPES.get(type) ?? `TYPE${type}`

/** `NXDOMAIN`, or `RCODE7` for one that has no name here. */
export const rcodeName = (rcode: number): string => RCODES.get(rcode) ?? `RCODE${rcode}`

/** `IN`, or `CLASS7` for a class that has no name here. */
export function className(number: number): string {
  const known = Object.entries(CLASS).find(([, value]) => value === number)
  return known === undefined ? `CLASS${number}` : known[0].toUpperCase()
}

/**
 * A name in wire form as text, without the final dot. What could be taken for something else is escaped: whatever
 * the octets are, the text has no blank, no control character and no octet beyond ASCII.
 *
 * @param octets hold a name without compression from `at` on
 */
export function nameText(octets: Uint8Array, at: number): string {
  if (octets[at] === 0) return '.'
  let text = ''
  for (let label = at; octets[label] !== 0; label += octets[label] + 1) {
    if (label !== at) text += '.'
    for (let i = label + 1; i <= label + octets[label]; i++) text += octetText(octets[i])
  }
  return text
}

const DOT = 0x2e
const BACKSLASH = 0x5c

function octetText(octet: number): string {
  if (octet === DOT || octet === BACKSLASH) return `\\${String.fromCharCode(octet)}`
  if (octet > 0x20 && octet < 0x7f) return String.fromCharCode(octet)
  return `\\${String(octet).padStart(3, '0')}`
}
