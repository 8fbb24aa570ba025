// Rows of whois answers beside those that whois.cymru.com has printed.

import { expect, test } from 'vitest'
import { readQuestion, STANDARD } from '../../src/whois/options.ts'
import { rowOf, type Subject } from '../../src/whois/rows.ts'

const NOTHING = { asn: null, name: null, prefix: null, country: null, registry: null, allocated: null }

const address = (text: string): Subject => ({ kind: 'address', text, family: text.includes(':') ? 6 : 4 })

test.each([
  [
    '-v',
    address('68.22.187.5'),
    {
      asn: 23028,
      prefix: '68.22.187.0/24',
      country: 'US',
      registry: 'arin',
      allocated: '2002-03-15',
      name: 'TEAM-CYMRU - Team Cymru Inc., US',
    },
    'AS      | IP               | BGP Prefix          | CC | Registry | Allocated  | AS Name',
    '23028   | 68.22.187.5      | 68.22.187.0/24      | US | arin     | 2002-03-15 | TEAM-CYMRU - Team Cymru Inc., US',
  ],
  [
    '-v',
    address('2001:4860:4860::8888'),
    {
      asn: 15169,
      prefix: '2001:4860::/32',
      country: 'US',
      registry: 'arin',
      allocated: '2005-03-14',
      name: 'GOOGLE - Google Inc., US',
    },
    'AS      | IP                                       | BGP Prefix          | CC | Registry | Allocated  | AS Name',
    '15169   | 2001:4860:4860::8888                     | 2001:4860::/32      | US | arin     | 2005-03-14 | GOOGLE - Google Inc., US',
  ],
  [
    '',
    address('216.90.108.31'),
    { asn: 3561, name: 'CENTURYLINK-LEGACY-SAVVIS, US' },
    'AS      | IP               | AS Name',
    '3561    | 216.90.108.31    | CENTURYLINK-LEGACY-SAVVIS, US',
  ],
  [
    '-v',
    address('89.38.234.0'),
    { country: 'RO', registry: 'ripencc', allocated: '2005-11-29' },
    'AS      | IP               | BGP Prefix          | CC | Registry | Allocated  | AS Name',
    'NA      | 89.38.234.0      | NA                  | RO | ripencc  | 2005-11-29 | NA',
  ],
  [
    '-v',
    { kind: 'as' } as const,
    { asn: 23028, country: 'US', registry: 'arin', allocated: '2002-01-04', name: 'TEAM-CYMRU, US' },
    'AS      | CC | Registry | Allocated  | AS Name',
    '23028   | US | arin     | 2002-01-04 | TEAM-CYMRU, US',
  ],
  ['', { kind: 'as' } as const, { asn: 15169, name: 'GOOGLE, US' }, 'AS Name', 'GOOGLE, US'],
  ['-o', address('8.8.8.8'), { asn: 15169, name: 'GOOGLE, US' }, 'AS      | IP', '15169   | 8.8.8.8'],
])('%s %j', (flags, subject, facts, head, row) => {
  const { shown } = readQuestion(flags, STANDARD)
  expect(rowOf(subject, shown, { ...NOTHING, ...facts })).toEqual({ head, row })
})

test('an AS that is not known', () => {
  const { shown } = readQuestion('-v', STANDARD)
  expect(rowOf({ kind: 'as' }, shown, null).row).toBe('NA      | NA | NA       | NA         | NA')
})
