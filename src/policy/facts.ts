// What can be said of a request without remembering anything: from the client and the rules alone. Stores that judge by
// a program of their own are told these facts.

import type { Client } from './client.ts'
import type { RuleName, Violation } from './decision.ts'
import { isIn } from './networks.ts'
import type { Origins, Rules } from './settings.ts'
import { KIND, type Kind } from './state.ts'

/** What a country is counted as that is not known, where that is wanted. */
const UNKNOWN_COUNTRY = '--'

/** What the rules say of a client whatever is remembered of its account. */
export interface Facts {
  /** Neither counted nor refused; nothing else matters then. */
  readonly isExempt: boolean
  /** Whether its country is one of the account's home countries. */
  readonly isHome: boolean
  /** Why it is refused, if no block refuses it first; null for no reason. */
  readonly refusal: { readonly rule: RuleName; readonly detail: string } | null
  /** What is to be said of its score; null for nothing. */
  readonly score: Violation | null
  /** What is counted: its network, and its country and AS where they are to be counted. */
  readonly values: readonly { readonly kind: Kind; readonly value: string }[]
}

/** The facts of a client. */
export function factsOf(client: Client, rules: Rules): Facts {
  return {
    isExempt: isOf(rules.exempt, client),
    isHome: client.country !== null && rules.home.codes.has(client.country),
    refusal: refusalOf(client, rules),
    score: scoreOf(client, rules),
    values: valuesOf(client, rules),
  }
}

function refusalOf(client: Client, { allowOnly, unknownCountry }: Rules): Facts['refusal'] {
  if (!isAllowed(allowOnly, client)) return { rule: 'allow-only', detail: originOf(client) }
  const isUnwanted = client.country === null && unknownCountry === 'refuse'
  return isUnwanted ? { rule: 'unknown-country', detail: '' } : null
}

const originOf = ({ country, asn }: Client): string =>
  [country, asn === null ? null : `AS${asn}`].filter((part) => part !== null).join(' ')

/** Whether an address is in one of the countries, networks or ASes. */
function isOf({ countries, networks, asns }: Origins, { country, asn, address }: Client): boolean {
  if (country !== null && countries.has(country)) return true
  if (asn !== null && asns.has(asn)) return true
  return isIn(networks, address)
}

/** Whether an address is in all of the lists that name anything. */
function isAllowed({ countries, networks, asns }: Origins, { country, asn, address }: Client): boolean {
  if (countries.size > 0 && (country === null || !countries.has(country))) return false
  if (asns.size > 0 && (asn === null || !asns.has(asn))) return false
  return networks.length === 0 || isIn(networks, address)
}

function scoreOf({ score }: Client, { scoreBelow, actions }: Rules): Violation | null {
  if (scoreBelow === null || actions.score === 'off' || score > scoreBelow) return null
  return { rule: 'score', action: actions.score, detail: `${score}/${scoreBelow}` }
}

function valuesOf({ network, country, asn }: Client, { unknownCountry }: Rules): Facts['values'] {
  // All at once: an array that is added to takes room for seventeen.
  const all: Facts['values'] = [
    { kind: KIND.ip, value: network },
    { kind: KIND.country, value: country ?? UNKNOWN_COUNTRY },
    { kind: KIND.asn, value: String(asn ?? 0) },
  ]
  if (unknownCountry === 'count' || (country !== null && asn !== null)) return all
  const known = { [KIND.ip]: true, [KIND.country]: country !== null, [KIND.asn]: asn !== null }
  return all.filter(({ kind }) => known[kind])
}
