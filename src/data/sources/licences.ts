// Whose data it is, told by a file's name: for the TXT record at each apex, for `asnzone status` and for people.

import type { FormatName } from '../formats/formats.ts'

/** The terms of a data set. */
export interface Terms {
  readonly licence: string
  /** Whom to credit. */
  readonly attribution: string
}

const BY_NAME: readonly (readonly [name: RegExp, terms: Terms])[] = [
  [/^(origin-asn|user-country|server-country)/, { licence: 'PDDL-1.0', attribution: 'ip-location-db' }],
  [/^(iptoasn|ip2asn)/, { licence: 'PDDL-1.0', attribution: 'iptoasn.com' }],
  [/^dbip/i, { licence: 'CC BY 4.0', attribution: 'DB-IP.com' }],
  [/^(ipinfo|ip_|bundle_location)/i, { licence: 'CC BY-SA 4.0', attribution: 'IPinfo' }],
  [/^ip2location/i, { licence: 'CC BY-SA 4.0', attribution: 'IP2Location LITE' }],
  [/^geolite2/i, { licence: 'GeoLite2 EULA', attribution: 'MaxMind' }],
  [/pfx2as/, { licence: 'CAIDA AUA', attribution: 'CAIDA' }],
  [/^(originas|ipasn)/, { licence: 'CC BY 4.0', attribution: 'RouteViews' }],
  [/^(delegated|nro)/, { licence: 'CC BY 4.0', attribution: 'NRO' }],
]

/** The terms of a file, as far as its name gives them away. */
export function termsOf(file: string, format: FormatName): Terms {
  if (format === 'overrides') return { licence: 'own', attribution: 'local' }
  // What a validator of one's own has fetched and checked.
  if (format === 'vrp-json' || format === 'vrp-csv') return { licence: 'own', attribution: 'RPKI validator' }
  const known = BY_NAME.find(([name]) => name.test(file))
  return known?.[1] ?? { licence: 'unknown licence', attribution: file }
}
