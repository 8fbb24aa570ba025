// Rules for tests: those of the acceptance cases, with what a test wants otherwise.

import type { Rules } from '../../src/policy/settings.ts'

const HOUR = 3_600_000
const nowhere = { countries: new Set<string>(), networks: [], asns: new Set<number>() }

export function rulesWith(of: Partial<Rules> = {}): Rules {
  return {
    mode: 'enforce',
    window: HOUR,
    prefixes: { ipv4: 32, ipv6: 64 },
    limits: { countries: 2, ips: 3, asns: null },
    home: { codes: new Set(), countries: 3, ips: 10 },
    allowOnly: nowhere,
    exempt: nowhere,
    unknownCountry: 'skip',
    travel: { speed: null, distance: 500 },
    scoreBelow: null,
    block: { duration: HOUR, scope: 'account' },
    actions: { limit: 'reject', travel: 'warn', score: 'reject' },
    ...of,
  }
}
