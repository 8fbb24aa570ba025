// Sentinels: addresses of which new data must know what the data in service know.

import { isIP } from 'node:net'
import { type Attributes, addressAttributes } from '../../table/attributes.ts'
import { parseCidr } from '../../table/cidr-text.ts'
import type { Table } from '../../table/table.ts'
import { readAsNumber, readCountryCode } from '../compile/weight-fields.ts'

/** The attributes that a sentinel can name. */
const FIELDS = [
  'asn',
  'name',
  'prefix',
  'country',
  'registry',
  'allocated',
  'city',
  'region',
  'continent',
] as const satisfies readonly (keyof Attributes)[]

type Field = (typeof FIELDS)[number]

const REGISTRIES = ['afrinic', 'apnic', 'arin', 'iana', 'lacnic', 'ripencc']

/** An address, a field, and what it has to be, as attributes have it in text. */
export interface Sentinel {
  readonly address: string
  readonly field: Field
  readonly value: string
}

/**
 * Reads `8.8.8.8=AS15169`, `8.8.8.8=US`, `8.8.8.8=arin` or, for any field, `8.8.8.8=name:Google LLC`.
 *
 * @throws {Error} with a short reason and the mend when it is none.
 */
export function readSentinel(text: string): Sentinel {
  const at = text.indexOf('=')
  const [address, told] = at < 0 ? [text, ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()]
  if (told === '') throw new Error(`'${text}' is not an address and what is known of it, ${EXAMPLES}`)
  if (isIP(address) === 0)
    throw new Error(`'${address}' is not an IP address; a sentinel is one, ${EXAMPLES}`)
  return { address, ...readTold(told, address) }
}

const EXAMPLES = 'such as 8.8.8.8=AS15169, 8.8.8.8=US or 8.8.8.8=name:Google LLC'

function readTold(told: string, address: string): Omit<Sentinel, 'address'> {
  const [, field, value] = /^([a-z]+):(.+)$/is.exec(told) ?? []
  if (field !== undefined) {
    const known = FIELDS.find((one) => one === field)
    if (known === undefined) throw new Error(`there is no field '${field}'; known are ${FIELDS.join(', ')}`)
    return { field: known, value: READERS[known]?.(value.trim()) ?? value.trim() }
  }
  if (/^AS\d/i.test(told)) return { field: 'asn', value: readAsText(told) }
  if (/^\d+$/.test(told))
    throw new Error(`'${address}=${told}' has no field; its AS is written ${address}=AS${told}`)
  if (REGISTRIES.includes(told.toLowerCase())) return { field: 'registry', value: told.toLowerCase() }
  if (/^[a-z]{2}$/i.test(told)) return { field: 'country', value: readCountryCode(told) }
  throw new Error(`'${told}' is not an AS, country or registry; another field is named, ${EXAMPLES}`)
}

const readAsText = (told: string): string => String(readAsNumber(told))

const READERS: Partial<Record<Field, (value: string) => string>> = {
  asn: readAsText,
  country: readCountryCode,
  registry: (value) => value.toLowerCase(),
}

/**
 * Why a table fails a sentinel; null when it doesn't. One that the table in service fails as well can't tell the better
 * from the worse.
 */
export function failureOf({ address, field, value }: Sentinel, next: Table, inService: Table): string | null {
  const valueIn = (table: Table): string | null => {
    const attribute = addressAttributes(table, parseCidr(address).start)?.[field] ?? null
    return attribute === null ? null : String(attribute)
  }
  const found = valueIn(next)
  if (valueIn(inService) !== value || found === value) return null
  if (field === 'asn')
    return `${address} is of ${found === null ? 'no AS' : `AS${found}`} in it, not of AS${value}`
  return `${address} has ${found === null ? `no ${field}` : `the ${field} ${found}`} in it, not ${value}`
}
