// What a wrong value of each setting is told with: the file, the line, and what to write.

import { describe, expect, test } from 'vitest'
import { loadSettings } from '../../src/config/load.ts'
import { policyLeaves } from '../../src/config/policy/policy.ts'
import { keysOf } from '../../src/config/schema-keys.ts'
import { SETTINGS, type SettingName, settingNames } from '../../src/config/settings.ts'
import { messageOf } from '../support/errors.ts'
import { temporaryFolder } from '../support/folders.ts'

/** What is told of a config whose third line this is, without the name of the file. */
function told(line: string): string {
  const folder = temporaryFolder({ 'asnzone.yaml': `# one\n\n${line}\n` })
  const file = `${folder}/asnzone.yaml`
  const message = messageOf('ASNZONE_CONFIG', () => loadSettings({ configFile: file }))
  expect(message.startsWith(`${file}:3: `), message).toBe(true)
  return message.slice(file.length + 4)
}

const DURATION = 'is not a duration such as 12h, 1d or 6w'
const CIDR = 'is not an IP address or a CIDR such as 192.0.2.0/24 or 2001:db8::/32'

/** Each setting, a wrong value of it, and how the message goes on after its name. */
const ROWS: readonly (readonly [SettingName, string, string])[] = [
  ['listen', '5300', '5300 is not an address; write 127.0.0.1:5300'],
  ['listen', 'localhost:6311', "'localhost:6311' is not an address; write 127.0.0.1:6311"],
  ['listen', '[localhost]', "'localhost' is not an address; write 127.0.0.1:5300"],
  ['listen', '::1:53', "'::1:53' can be read in two ways: write [::1]:53, or [::1:53]"],
  ['allow', '192.0.2.1/24', "'192.0.2.1/24' has bits after its length; did you mean 192.0.2.0/24?"],
  ['deny', 'drpo', "'drpo' is not one of refuse, drop; did you mean 'drop'?"],
  ['proxy-protocol', 'dnsdist', `'dnsdist' ${CIDR}`],
  ['domain', 'a..b', "'a..b' has an empty label"],
  ['zones', '5', '5 is not a text; write "5"'],
  ['disable', '[5]', 'item 1: 5 is not a text; write "5"'],
  ['data-dir', '5', '5 is not a text; write "5"'],
  [
    'feed',
    'ip-location',
    "'ip-location' is not one of ip-location-db, embedded, none; did you mean 'ip-location-db'?",
  ],
  ['feed-url', 'ftp://a', 'it is not an http or https URL without a query; write https://mirror.example/'],
  ['refresh', 'daily', `'daily' ${DURATION}; write 1d`],
  ['learn-interval', 'hourly', `'hourly' ${DURATION}; write 1h`],
  ['max-size', '0', '0 is too little; write more than 0'],
  ['max-rows', '1.5', '1.5 is not a whole number'],
  ['max-names', '0', '0 is less than 1, the least'],
  ['max-time', '30', `30 ${DURATION}; write 30d for days, 30h for hours`],
  ['max-age', '45', `45 ${DURATION}; write 45d for days, 45h for hours`],
  ['stale-answer', 'tells', "'tells' is not one of tell, hide; did you mean 'tell'?"],
  ['least-share', '101', '101 is more than 100, the most'],
  [
    'sentinels',
    '8.8.8.8',
    "'8.8.8.8' is not an address and what is known of it, such as 8.8.8.8=AS15169, 8.8.8.8=US",
  ],
  ['here', '"91,0"', "'91,0' is not an IP address, LAT,LON such as 52.52,13.40, or {lat: 52.52, lon: 13.40}"],
  ['too-far', '20016', '20016 is more than 20015, the most'],
  ['stats', 'maybe', "'maybe' is not true or false"],
  ['stats-interval', '0', '0 is less than 0.1, the least'],
  ['publish-csv', '"*:8080"', "'*:8080' is not an address; write 0.0.0.0:8080 or [::]:8080"],
  ['publish-allow', '10.0.0.1/8', "'10.0.0.1/8' has bits after its length; did you mean 10.0.0.0/8?"],
  ['publish-snapshots', '5', '5 is not a text; write "5"'],
  ['http', '8053', '8053 is not an address; write 127.0.0.1:8053'],
  ['http', 'localhost', "'localhost' is not an address; write 127.0.0.1:8053"],
  ['http', 'mx.example.org:80', "'mx.example.org:80' is not like 127.0.0.1:8053 or [::1]:8053"],
  ['http-token', 'short', 'a token has at least 16 letters, digits and . _ ~ + / -, such as openssl rand'],
  ['http-connections', '0', '0 is less than 1, the least'],
  ['whois', 'localhost', "'localhost' is not an address; write 127.0.0.1:43"],
  ['nameservers', 'n s', "'n s' has a label with other characters than letters, digits, '-' and '_'"],
  ['contact', 'me@example.org', "'me@example.org' has an @; write me.example.org"],
  ['workers', '0', '0 is less than 1, the least'],
  ['udp', 'dgrm', "'dgrm' is not one of mmsg, dgram; did you mean 'dgram'?"],
  ['tcp-connections', '65536', '65536 is more than 65535, the most'],
  ['tcp-per-client', '0', '0 is less than 1, the least'],
  ['tcp-idle', '0', '0 is too little; write more than 0'],
  ['rate-limit', '-1', '-1 is less than 0, the least'],
  ['rate-limit-all', 'all', "'all' is not a number"],
  ['rate-limit-slip', '101', '101 is more than 100, the most'],
  ['rate-limit-window', '0', '0 is less than 1, the least'],
  ['rate-limit-exempt', 'us', `'us' ${CIDR}`],
  ['cookie-secret', '00', 'a secret has 32 hexadecimal digits, such as openssl rand -hex 16 prints'],
  ['identity', '5', '5 is not a text; write "5"'],
  ['version-text', '1.5', '1.5 is not a text; write "1.5"'],
  ['user', '5', '5 is not a text; write "5"'],
  ['group', '5', '5 is not a text; write "5"'],
  ['log-level', 'warning', "'warning' is not one of debug, info, warn, error; did you mean 'warn'?"],
  ['log-format', 'jsonl', "'jsonl' is not one of auto, pretty, json; did you mean 'json'?"],
  ['log-file', '5', '5 is not a text; write "5"'],
  ['query-log', '5', '5 is not a text; write "5"'],
  ['query-log-every', '0', '0 is less than 1, the least'],
]

describe('a setting', () => {
  test.each(ROWS)('%s: %s', (name, value, expected) => {
    const message = told(`${name}: ${value}`)
    expect(message.slice(0, `${name}: ${expected}`.length)).toBe(`${name}: ${expected}`)
  })

  test('of each name has a row here, or is of many parts', () => {
    const rest = settingNames.filter((name) => !ROWS.some(([it]) => it === name))
    expect([...rest].sort()).toEqual(['learn', 'policy', 'score', 'snapshot', 'sources'])
  })
})

const SOURCE = 'what: asn, format: ip-location-db, from: a.csv'

/** A setting of many parts, with one that is wrong, and the message. */
const PARTS: readonly (readonly [string, string])[] = [
  [`sources: { ${SOURCE} }`, 'sources: a map of keys and values is not a list of sources'],
  ['score: true', 'score: true is not a map of keys and values; write {} for its defaults'],
  [`sources: [{ what: ans, format: csv, from: x }]`, "sources[0].what: 'ans' is not one of "],
  [`sources: [{ what: asn, format: csvv, from: x }]`, "sources[0].format: 'csvv' is not one of "],
  [`sources: [{ what: asn, format: csv }]`, 'sources[0].from: it is missing; write a URL, a path or npm:'],
  [
    `sources: [{ ${SOURCE}, refresh: 5 }]`,
    'sources[0].refresh: 5 is not a duration such as 12h or 1d; write 5d for days, 5h for hours',
  ],
  [
    `sources: [{ ${SOURCE}, checksum: x }]`,
    'sources[0].checksum: it is not an http or https URL; write https://',
  ],
  [`sources: [{ ${SOURCE}, licence: 5 }]`, 'sources[0].licence: 5 is not a text; write "5"'],
  [`sources: [{ ${SOURCE}, attribution: 5 }]`, 'sources[0].attribution: 5 is not a text; write "5"'],
  [`sources: [{ ${SOURCE}, wat: x }]`, "sources[0]: no such key as 'wat'; did you mean 'what'?"],
  [
    'snapshot: { from: "ftp://x" }',
    "snapshot.from: 'ftp://x/' is not an http, https or file URL, nor a path",
  ],
  ['snapshot: { from: x, keys: [RW] }', 'snapshot.keys[0]: '],
  [
    'snapshot: { from: x, refresh: 5 }',
    'snapshot.refresh: 5 is not a duration such as 1h; write 5m for minutes, 5h for hours',
  ],
  ['snapshot: { form: x }', "snapshot: no such key as 'form'; did you mean 'from'?"],
  ['score: { countires: [] }', "score: no such key as 'countires'; did you mean 'countries'?"],
  ['score: { enabled: maybe }', "score.enabled: 'maybe' is not true or false"],
  [
    'score: { countries: [{ codes: UK, weight: 1 }] }',
    "score.countries[0].codes[0]: 'UK' is not an ISO 3166-1 country code; did you mean GB?",
  ],
  [
    'score: { countries: [{ codes: [Nowhere], weight: 1 }] }',
    "score.countries[0].codes[0]: 'Nowhere' is not an ISO 3166-1 country code; write two letters such as DE",
  ],
  [
    'score: { countries: [{ codes: DE, weight: much }] }',
    "score.countries[0].weight: 'much' is not a whole number from -",
  ],
  ['score: { default: much }', "score.default: 'much' is not a whole number from -"],
  ['score: { unknown: much }', "score.unknown: 'much' is not a whole number from -"],
  [
    'score: { distance: [{ over: far, weight: 1 }] }',
    "score.distance[0].over: 'far' is not a number of kilometres",
  ],
  [
    'score: { asns: [{ asns: [x], weight: 1 }] }',
    "score.asns[0].asns[0]: 'x' is not an AS number from 1 to ",
  ],
  ['score: { prefixes: [{ cidr: x, weight: 1 }] }', "score.prefixes[0].cidr: 'x' "],
  ['score: { rpki: { valid: x } }', "score.rpki.valid: 'x' is not a whole number from -"],
  ['score: { rpki: { not-found: x } }', "score.rpki.not-found: 'x' is not a whole number from -"],
  ['score: { rpki: { invalid: x } }', "score.rpki.invalid: 'x' is not a whole number from -"],
  ['learn: { half-life: 60 }', 'learn.half-life: 60 is not a duration such as 60d; write 60d for days'],
  ['learn: { quota: 0 }', 'learn.quota: 0 is not a whole number of verdicts'],
  ['learn: { exclude: AS1 }', "learn.exclude: 'AS1' is not a list of ASes and networks"],
  ['learn: { keep-verdicts: maybe }', "learn.keep-verdicts: 'maybe' is not true or false"],
  ['learn: { spam: much }', "learn.spam: 'much' is not a score of a mail filter"],
  ['learn: { ham: much }', "learn.ham: 'much' is not a score of a mail filter"],
  ['learn: { reporters: { mx1: short } }', 'learn.reporters.mx1'],
  ['learn: { trusted: 192.0.2.0/24 }', "learn.trusted: '192.0.2.0/24' is not a list of networks"],
  ['learn: { own-symbols: [a b] }', "learn.own-symbols[0]: 'a b' is not a symbol such as ASNZONE_SCORE"],
  ['learn: { weight: x }', "learn.weight: 'x' is not a number"],
  ['learn: { most: x }', "learn.most: 'x' is not a whole number"],
  ['score: { files: [5] }', 'score.files[0]: 5 is not a text; write "5"'],
]

describe('a part', () => {
  test.each(PARTS)('%s', (line, expected) => {
    expect(told(line).slice(0, expected.length)).toBe(expected)
  })

  test.each([
    ['sources', [[0]], 7],
    ['snapshot', [[]], 3],
    ['score', [[], ['countries', 0], ['distance', 0], ['asns', 0], ['prefixes', 0], ['rpki']], 16],
    ['learn', [[]], 11],
  ] as const)('each key of %s is in a row', (setting, levels, count) => {
    const keys = [...new Set(levels.flatMap((path) => keysOf(SETTINGS[setting].schema, path)))]
    expect(keys).toHaveLength(count)
    const lines = PARTS.filter(([line]) => line.startsWith(`${setting}:`)).map(([line]) => line)
    expect(keys.filter((key) => !lines.some((line) => line.includes(key)))).toEqual([])
  })

  test.each(policyLeaves.map(({ path }) => path))('%s of the policy service', (...path) => {
    // What else a part needs, so that this is what is wrong.
    const beside = path[0] === 'travel' && path[1] === 'distance' ? 'speed: 1, ' : ''
    const message = told(
      `policy: ${path.reduceRight((value, key) => `{ ${key === 'distance' ? beside : ''}${key}: ${value} }`, '{ a: [{}] }')}`,
    )
    expect(message).toMatch(new RegExp(`^policy\\.${path.join('\\.')}(\\.a)?: .*(is not|no such key)`))
  })
})

test('a duration of the policy service that has no unit', () => {
  expect(told('policy: { timeout: 100 }')).toContain(
    'policy.timeout: 100 is not a duration such as 2s, 1h or 30d; write 100s for seconds, 100m for minutes, 100h for hours',
  )
  expect(told('policy: { timeout: "100" }')).toContain('; write 100s for seconds')
})

test('one country and one AS need no list', () => {
  const file = `${temporaryFolder({ 'a.yaml': 'score:\n  countries: [{ codes: de, weight: 1 }]\n  asns: [{ asns: AS1, weight: 2 }]\n' })}/a.yaml`
  const { score } = loadSettings({ configFile: file })
  expect(score.countries).toEqual([{ codes: ['DE'], weight: 1 }])
  expect(score.asns).toEqual([{ asns: [1], weight: 2 }])
})

test('a key that is there twice is named', () => {
  const file = `${temporaryFolder({ 'a.yaml': 'stats: false\nstats: true\n' })}/a.yaml`
  expect(messageOf('ASNZONE_CONFIG', () => loadSettings({ configFile: file }))).toBe(
    `${file}:2: the key stats is there twice; leave one out`,
  )
})
