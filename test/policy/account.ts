// An account in tests: asks from places, and remembers what the rules say.

import { apply } from '../../src/policy/apply.ts'
import type { Client, Place } from '../../src/policy/client.ts'
import { countedNetwork, parseClientAddress } from '../../src/policy/client-address.ts'
import type { Decision } from '../../src/policy/decision.ts'
import { decide } from '../../src/policy/rules.ts'
import type { Rules } from '../../src/policy/settings.ts'
import { NO_STATE, type SubjectState } from '../../src/policy/state.ts'

const MINUTE = 60_000

/** Noon, in milliseconds since 1970. */
export const NOON = Date.UTC(2026, 10, 27, 12)

/** The points of some countries, as good as those of the table. */
const POINTS: Readonly<Record<string, readonly [number, number]>> = {
  DE: [51, 9],
  CH: [47, 8],
  US: [38, -97],
}

/** A client in a country; null for one of which nothing is known. */
export function clientIn(
  country: string | null,
  text: string,
  of: Partial<Client> = {},
  rules?: Rules,
): Client {
  const address = parseClientAddress(text)
  if (address === null) throw new Error(`${text} is not an address`)
  const point = country === null ? undefined : POINTS[country]
  const place: Place | null =
    point === undefined ? null : { latitude: point[0], longitude: point[1], radius: 1000, isCity: false }
  const network = countedNetwork(address, rules?.prefixes ?? { ipv4: 32, ipv6: 64 })
  return { address, network, country, asn: null, score: 0, place, ...of }
}

/** An account and its clock. */
export class Account {
  state: SubjectState = NO_STATE
  rules: Rules

  constructor(rules: Rules) {
    this.rules = rules
  }

  /** Asks at some minutes after noon. */
  at(minutes: number, client: Client): Decision {
    const decision = decide(this.state, client, this.rules, NOON + Math.round(minutes * MINUTE))
    this.state = apply(this.state, decision.changes)
    return decision
  }

  /** The action of what is asked, for short. */
  ask(minutes: number, country: string | null, text: string, of: Partial<Client> = {}): Decision['action'] {
    return this.at(minutes, clientIn(country, text, of, this.rules)).action
  }
}
