// Zones of a user's own, for tests of what the presets don't do.

import { temporaryFolder } from './folders.ts'

const FILLER_200 = '0123456789'.repeat(20)
const FILLER_250 = '0123456789'.repeat(25)

/** Three labels that make a name long. */
export const LONG_LABELS = ['a'.repeat(60), 'b'.repeat(60), 'c'.repeat(60)].join('.')

/** Contents of a zone file. */
export const OWN_ZONES = {
  /** One long answer and short names: too long for UDP without EDNS, short enough with it. */
  long: {
    apex: 'long.{domain}',
    owner: 'ip',
    ttl: 60,
    'negative-ttl': 30,
    txt: [FILLER_200, FILLER_200, FILLER_200, '{asn} | {prefix}'],
    example: {
      ask: '8.8.8.8',
      type: 'TXT',
      answer: `"${FILLER_200}" "${FILLER_200}" "${FILLER_200}" "15169 | 8.8.8.0/24"`,
    },
  },
  /** The longest answer below a long name: more than the 1232 octets that UDP may carry at all. */
  longest: {
    apex: `${LONG_LABELS}.{domain}`,
    owner: 'ip',
    txt: [FILLER_250, FILLER_250, FILLER_250, FILLER_250],
    example: {
      ask: '8.8.8.8',
      type: 'TXT',
      answer: `"${FILLER_250}" "${FILLER_250}" "${FILLER_250}" "${FILLER_250}"`,
    },
  },
  /** An object of two strings, the first of which ends before a character of two octets. */
  objects: {
    apex: 'objects.{domain}',
    owner: 'ip',
    json: { e: 'é'.repeat(130), asn: '{asn}' },
    example: {
      ask: '8.8.8.8',
      type: 'TXT',
      answer: `"{\\"e\\":\\"${'é'.repeat(124)}" "éééééé\\",\\"asn\\":15169}"`,
    },
  },
  /** Every IPv6 name is an address. */
  'short-names': {
    apex: 'short-names.{domain}',
    owner: 'ipv6',
    partial: true,
    txt: '{prefix} of {name}',
    example: { ask: '2001:4860:4860::8888', type: 'TXT', answer: '"2001:4860:4840::/42 of Google LLC"' },
  },
  /** A list as short as it may be. */
  listed: { apex: 'listed.{domain}', lists: { asn: [15169, 'AS7819'], country: 'US' } },
} as const

/** A folder for --zones with OWN_ZONES: JSON is YAML too. */
export const ownZonesFolder = (): string =>
  temporaryFolder({ 'own.yaml': JSON.stringify({ zones: OWN_ZONES }) })
