// The DNS of a small internet, for resolvers to resolve in: a signed root at the root servers' own addresses,
// signed top-level zones, and the signed parents of the zones that asnzone stands in for. A resolver keeps its
// package's configuration; only its trust anchor is this root's key. Here as out there, the parents deny by
// signed proof that the names exist which asnzone serves, so a validator that isn't told refuses the answers.

import type { Machine } from './machine.ts'

/** IPv4 addresses of the root servers, a to m; b under its old address too. */
export const ROOT_SERVERS = [
  '198.41.0.4',
  '170.247.170.2',
  '199.9.14.201',
  '192.33.4.12',
  '199.7.91.13',
  '192.203.230.10',
  '192.5.5.241',
  '192.112.36.4',
  '198.97.190.53',
  '192.36.148.17',
  '192.58.128.30',
  '193.0.14.129',
  '199.7.83.42',
  '202.12.27.33',
] as const

/** A signed name, to see that a resolver resolves and validates. */
export const SIGNED_NAME = 'www.example.com'

/** What SIGNED_NAME has for an address. */
export const SIGNED_ADDRESS = '192.0.2.80'

/** A name whose record was changed after it was signed: a validating resolver answers SERVFAIL. */
export const BOGUS_NAME = 'www.example.net'

/** The key of the root, in the forms that resolvers want it. */
export interface TrustAnchor {
  /** Flags, protocol, algorithm and key. */
  readonly dnskey: string
  /** Key tag, algorithm, digest type and digest. */
  readonly ds: string
}

const FOLDER = '/var/lib/internet'

/** The one name server, named in the root itself so that no zone has to be resolved to find it. */
const SERVER = 'server.'

/** The records of each zone; children before parents, whose DS records they make. */
const ZONES: Readonly<Record<string, string>> = {
  'rspamd.com.': '',
  'cymru.com.': '',
  'routeviews.org.': '',
  'spameatingmonkey.net.': '',
  'example.com.': `www A ${SIGNED_ADDRESS}`,
  'example.net.': 'www A 192.0.2.81',
  'com.': '',
  'org.': '',
  'net.': '',
  'dk.': '',
  '.': `${SERVER} A ${ROOT_SERVERS[0]}`,
}

/** Signs and serves the zones; the machine needs the addresses of ROOT_SERVERS. */
export async function startInternet(machine: Machine): Promise<TrustAnchor> {
  for (const [zone, records] of Object.entries(ZONES)) {
    const children = Object.keys(ZONES).filter((other) => other !== zone && parentOf(other) === zone)
    const lines = [
      '$TTL 3600',
      `@ SOA ${SERVER} nobody.invalid. 1 3600 900 604800 300`,
      `@ NS ${SERVER}`,
      records,
      ...children.map((child) => `${child} NS ${SERVER}\n$INCLUDE ${FOLDER}/dsset-${child}`),
    ]
    machine.write(`${FOLDER}/${fileOf(zone)}`, `$ORIGIN ${zone}\n${lines.join('\n')}\n`)
  }
  // One key a zone signs everything (-z), found by the zone's name (-S); the signatures of the bogus zone are made before its record changes.
  const signing = Object.keys(ZONES).map((zone) => {
    const file = fileOf(zone)
    return `dnssec-keygen -q -a ECDSAP256SHA256 -f KSK ${zone}
dnssec-signzone -q -S -z -o ${zone} -f ${file}.signed ${file}`
  })
  await machine.must('sh', ['-ec', `cd ${FOLDER}\n${signing.join('\n')}`])
  const bogus = `${FOLDER}/${fileOf('example.net.')}.signed`
  machine.write(bogus, machine.read(bogus).replace('192.0.2.81', '192.0.2.82'))

  machine.write(`${FOLDER}/named.conf`, configuration())
  machine.start('named', ['-f', '-g', '-n', '1', '-c', `${FOLDER}/named.conf`])
  await machine.must('sh', ['-c', `until dig +short +tries=1 +time=1 @${ROOT_SERVERS[0]} . SOA; do :; done`])
  const [, dnskey] = /DNSKEY\s+(257 .*)$/m.exec(await machine.shell(`cat ${FOLDER}/K.+*.key`))!
  const [, ds] = /DS\s+(.*)$/m.exec(machine.read(`${FOLDER}/dsset-.`))!
  return { dnskey, ds }
}

function configuration(): string {
  const zones = Object.keys(ZONES).map(
    (zone) => `zone "${zone}" { type primary; file "${FOLDER}/${fileOf(zone)}.signed"; };`,
  )
  return `options {
  directory "${FOLDER}";
  listen-on { ${ROOT_SERVERS.join('; ')}; };
  listen-on-v6 { none; };
  recursion no;
  pid-file none;
  session-keyfile none;
  dnssec-validation no;
};
controls { };
${zones.join('\n')}
`
}

const parentOf = (zone: string): string => zone.replace(/^[^.]+\./, '') || '.'

const fileOf = (zone: string): string => (zone === '.' ? 'root.zone' : `${zone}zone`)
