// What serve refuses before it binds anything, check refuses in the same words, at the same line.

import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/app/check.ts'
import { type SettingsOrigin, serve } from '../../src/app/serve.ts'
import { loadSettings } from '../../src/config/load.ts'
import { temporaryFolder } from '../support/folders.ts'

/** A small data set, a folder, and files that are not what they are taken for; the lines of the case follow. */
const HEAD = 'feed: none\nsources: [{ what: asn, format: ip-location-db, from: "{F}/one.csv" }]\n'

const POLICY = 'policy:\n  listen: 127.0.0.1:5392\n'
const HTTP = 'http: 127.0.0.1:5391'
const TOKEN = 'http-token: 0123456789abcdef'

/** Where, in a config of its own: `{F}` is the folder with the files. */
function originOf(config: string): { readonly folder: string; readonly origin: SettingsOrigin } {
  const folder = temporaryFolder({
    'one.csv': '8.8.8.0,8.8.8.255,15169,Google\n',
    'there.log': '',
    'text.txt': 'neither a certificate nor a list\n',
    'records.json': '{"data":[{"comment":"x","sender":"a","ips":"many"}]}',
  })
  mkdirSync(join(folder, 'folder'))
  symlinkSync('there.log', join(folder, 'link.log'))
  mkdirSync(join(folder, 'zones'))
  const configFile = join(temporaryFolder({ 'c.yaml': (HEAD + config).replaceAll('{F}', folder) }), 'c.yaml')
  const listen = /^listen:/m.test(config) ? {} : { listen: ['127.0.0.1:5300'] }
  const data = /^data-dir:/m.test(config) ? {} : { 'data-dir': join(folder, 'data') }
  return {
    folder,
    origin: { read: () => loadSettings({ configFile, options: { ...listen, ...data } }), configFile },
  }
}

const told = (work: () => Promise<unknown>): Promise<string | null> =>
  work().then(
    () => null,
    (error: Error) => error.message,
  )

const WRONG: readonly (readonly [string, string, RegExp])[] = [
  // Users and groups.
  ['an unknown user', 'user: nosuchuser', /^user nosuchuser: there is no user nosuchuser;/],
  ['an unknown group', 'group: nosuchgroup', /group nosuchgroup: there is no group nosuchgroup;/],
  // Logs.
  ['a log-file that is a folder', 'log-file: "{F}/folder"', /^log-file .*: it is a directory/],
  ['a log-file in no folder', 'log-file: "{F}/none/log"', /^log-file .*: the folder .*none does not exist$/],
  ['a log-file below a file', 'log-file: "{F}/one.csv/log"', /^log-file .*: a part of its path is a file/],
  ['a log-file that is the root', 'log-file: /', /^log-file \/: it is a directory/],
  [
    'a query-log in no folder',
    'query-log: /nonexistent/q',
    /^query-log \/nonexistent\/q: the folder \/nonexistent does not exist$/,
  ],
  ['a query-log that is a folder', 'query-log: "{F}/folder"', /^query-log .*: it is a directory/],
  [
    'one file for both logs',
    'log-file: "{F}/folder/../a.log"\nquery-log: "{F}/a.log"',
    /^log-file and query-log are one file, .*; give each its own$/,
  ],
  [
    'one file for both logs, by another name',
    'log-file: "{F}/link.log"\nquery-log: "{F}/there.log"',
    /^log-file and query-log are one file/,
  ],
  // One address for two.
  [
    'http where queries are answered',
    `listen: 127.0.0.1:5391\n${HTTP}`,
    /^listen .* and http .* are one address/,
  ],
  [
    'the same below a wildcard',
    `listen: '*:5391'\n${HTTP}`,
    /^listen 0\.0\.0\.0:5391 and http 127\.0\.0\.1:5391 are/,
  ],
  [
    'publish-csv where http is',
    `publish-csv: 127.0.0.1:5391\n${HTTP}`,
    /^publish-csv .* and http .* are one address/,
  ],
  [
    'one address twice',
    'listen: [127.0.0.1:5391, 127.0.0.1:5391]',
    /^listen .* and listen .* are one address/,
  ],
  [
    'IPv6 twice',
    "listen: ['[::1]:5391', '[0::1]:5391']",
    /^listen \[::1\]:5391 and listen \[0::1\]:5391 are one/,
  ],
  [
    'the policy service where queries are answered',
    'listen: 127.0.0.1:5391\npolicy: { listen: 127.0.0.1:5391 }',
    /^listen .* and policy\.listen .* are one address/,
  ],
  [
    'whois where http is',
    `whois: 127.0.0.1:5391\n${HTTP}`,
    /^http 127\.0\.0\.1:5391 and whois 127\.0\.0\.1:5391 are/,
  ],
  // Addresses that are none, or of nobody.
  [
    'the address of nobody',
    'listen: 255.255.255.255:5391',
    /^listen: 255\.255\.255\.255:5391 is a broadcast address/,
  ],
  ['the broadcast address of lo', 'listen: 127.255.255.255:5391', /is a broadcast address/],
  ['multicast', 'listen: 224.0.0.1:5391', /^listen: 224\.0\.0\.1:5391 is a multicast address/],
  ['multicast for http', `http: '[ff02::1]:5391'\n${TOKEN}`, /^http: \[ff02::1\]:5391 is a multicast/],
  [
    'whois where nobody could ask',
    'whois: 224.0.0.1:5391',
    /^whois: 224\.0\.0\.1:5391 is a multicast address/,
  ],
  ['IPv4 as IPv6', "listen: '[::ffff:127.0.0.1]:5391'", /is IPv4 written as IPv6; write 127\.0\.0\.1:5391$/],
  [
    'link-local without its interface',
    "listen: '[fe80::1]:5391'",
    /name the interface, too, as in \[fe80::1%eth0\]/,
  ],
  ['an address without brackets', "listen: '::1:5391'", /^listen: '::1:5391' can be read in two ways/],
  ['no address', 'listen:', /^listen has no value; write one, or put a # before it for the default$/],
  ['none and another', `listen: [none, 127.0.0.1:5392]\n${HTTP}`, /^listen: none stands alone/],
  ['nothing to answer', 'listen: none', /^listen: with none, policy\.listen, /],
  // Tokens and secrets.
  ['a secret that is none', 'cookie-secret: x', /^cookie-secret: a secret has 32 hexadecimal digits/],
  ['a token that is too short', `${HTTP}\nhttp-token: short`, /^http-token: a token has at least 16/],
  ['http for all without a token', 'http: 0.0.0.0:5391', /^http: 0\.0\.0\.0:5391 can be reached by others/],
  [
    'publish-csv for all without one',
    'publish-csv: 0.0.0.0:5391',
    /^publish-csv: 0\.0\.0\.0:5391 can be reached by/,
  ],
  ['snapshots that nobody publishes', 'publish-snapshots: "{F}"', /^publish-snapshots: .* set one of them/],
  // Names and networks.
  ['a network that is none', 'allow: 10.0.0.0/33', /^allow: /],
  ['a domain that is none', 'domain: a..b', /^domain: /],
  ['a setting that is none', 'lisen: 127.0.0.1', /^no such setting as 'lisen'; did you mean 'listen'\?$/],
  ['a zone that is none', 'disable: [nerd-kd]', /nerd-kd/],
  ['zones in no folder', 'zones: "{F}/none"', /none/],
  // Files of TLS.
  [
    'a certificate that is not there',
    'policy:\n  http: 127.0.0.1:5393\n  tls-cert: "{F}/none.pem"\n  tls-key: "{F}/none.pem"\n',
    /^policy\.tls-cert .*none\.pem: there is no such file/,
  ],
  [
    'a certificate that is none',
    'policy:\n  http: 127.0.0.1:5393\n  tls-cert: "{F}/text.txt"\n  tls-key: "{F}/text.txt"\n',
    /^policy\.tls-cert .*text\.txt: no certificate in PEM and its key: /,
  ],
  [
    'the certificates of Redis are not there',
    `${POLICY}  store: rediss://127.0.0.1\n  redis:\n    tls-ca: "{F}/none.pem"\n`,
    /^policy\.redis\.tls-ca .*none\.pem: there is no such file/,
  ],
  [
    'the certificates of Redis are none',
    `${POLICY}  store: rediss://127.0.0.1\n  redis:\n    tls-ca: "{F}/text.txt"\n`,
    /^policy\.redis\.tls-ca .*text\.txt: no certificate in PEM: /,
  ],
  [
    'the key of Redis is none',
    `${POLICY}  store: rediss://127.0.0.1\n  redis:\n    tls-cert: "{F}/text.txt"\n    tls-key: "{F}/text.txt"\n`,
    /^policy\.redis\.tls-cert .*: no certificate in PEM and its key: /,
  ],
  [
    'the certificates of the directory are none',
    `${POLICY}  ldap:\n    urls: ldaps://127.0.0.1\n    base: dc=example\n    ca: "{F}/text.txt"\n`,
    /^policy\.ldap\.ca .*text\.txt: no certificate in PEM: /,
  ],
  // What the policy service reads.
  ['records that are not there', `${POLICY}  users: "{F}/none.json"\n`, /none\.json: there is no such file/],
  [
    'records that are none',
    `${POLICY}  users: "{F}/records.json"\n`,
    /^record 1: ips: 'many' is not a whole number/,
  ],
  [
    'the text of a mail that is not there',
    `${POLICY}  notify:\n    mail:\n      from: a@example.org\n      to: [b@example.org]\n      body: "{F}/none.txt"\n`,
    /none\.txt|notify/,
  ],
  // The data directory, and what new data is compared with.
  [
    'a data directory that is a file',
    'data-dir: "{F}/one.csv"',
    /^data-dir .*one\.csv: it is a file; name a directory$/,
  ],
  ['one below a file', 'data-dir: "{F}/one.csv/x"', /^data-dir .*one\.csv\/x: ENOTDIR/],
  ['a sentinel that is none', 'sentinels: [nonsense]', /^sentinels: /],
]

test('the table is as long as it is to be', () => {
  expect(WRONG.length).toBeGreaterThanOrEqual(40)
})

describe('check and serve refuse alike', () => {
  test.each(WRONG)('%s', async (_, config, message) => {
    const { folder, origin } = originOf(config)
    const before = readdirSync(folder, { recursive: true }).sort()
    const warnings: string[] = []
    const checked = await told(() => check(origin, (warning) => warnings.push(warning)))
    const [, at, complaint] = /^\S+\/\S+:(\d+): (.*)$/.exec(checked ?? '') ?? []
    expect(complaint ?? checked).toMatch(message)
    // The line of the case: those before it are of the data. What stands in another file has the line there.
    if (at !== undefined && checked?.startsWith(`${origin.configFile}:`))
      expect(Number(at)).toBeGreaterThan(2)
    expect(warnings).toEqual([])
    expect(await told(() => serve(origin))).toBe(checked)
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(before)
  })
})
