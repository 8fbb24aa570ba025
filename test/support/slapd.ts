// Starts slapd of OpenLDAP with some accounts and aliases in it, on loopback.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Certificates } from './certificates.ts'
import { temporaryFolder } from './folders.ts'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

const PROGRAM = '/usr/sbin/slapd'

/** Whether the tests of LDAP can't run; .ci/run sets REQUIRE_PROGRAMS, so that they fail instead. */
export const isSlapdMissing = !process.env.REQUIRE_PROGRAMS && spawnSync(PROGRAM, ['-VV']).error !== undefined

/** Who may search, and with what. */
export const [READER, READER_PASSWORD] = ['cn=reader,dc=example,dc=org', 'secret']

/** Where the accounts are. */
export const BASE = 'ou=people,dc=example,dc=org'

const SCHEMA = `
attributetype ( 1.3.6.1.4.1.99999.1.1 NAME 'mailAlias' EQUALITY caseIgnoreIA5Match
  SUBSTR caseIgnoreIA5SubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )
attributetype ( 1.3.6.1.4.1.99999.1.2 NAME 'mailAccount' EQUALITY caseIgnoreIA5Match
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )
objectclass ( 1.3.6.1.4.1.99999.2.1 NAME 'mailUser' SUP top AUXILIARY MAY ( mailAlias $ mailAccount ) )
`

/** Anna and Bert, a group with both, and somebody whose name has all that means something in a filter. */
const ENTRIES = `
dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ${READER}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: ${READER_PASSWORD}

dn: ${BASE}
objectClass: organizationalUnit
ou: people

dn: uid=anna,${BASE}
objectClass: account
objectClass: mailUser
uid: anna
mailAccount: Anna@example.org
mailAlias: anna@example.org
mailAlias: a.alias@example.org
mailAlias: both@example.org

dn: uid=bert,${BASE}
objectClass: account
objectClass: mailUser
uid: bert
mailAccount: bert@example.org
mailAlias: bert@example.org
mailAlias: both@example.org

dn: uid=odd,${BASE}
objectClass: account
objectClass: mailUser
uid: odd
mailAccount: odd@example.org
mailAlias: o(d)d\\*@example.org
`

/** A running slapd. */
export interface Slapd {
  readonly port: number
  /** For ldaps. */
  readonly securePort: number
  readonly process: ChildProcess
  stop(): Promise<void>
}

/** Starts it, on the ports of one that was stopped if any are given. */
export async function startSlapd(
  of: Certificates,
  on?: { readonly port: number; readonly securePort: number },
): Promise<Slapd> {
  const folder = temporaryFolder({ 'own.schema': SCHEMA, 'entries.ldif': ENTRIES })
  mkdirSync(join(folder, 'db'))
  const schemas = ['core', 'cosine'].map((name) => `include /etc/ldap/schema/${name}.schema`)
  const config = `
${schemas.join('\n')}
include ${folder}/own.schema
pidfile ${folder}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCACertificateFile ${of.folder}/ca-cert.pem
TLSCertificateFile ${of.folder}/cert.pem
TLSCertificateKeyFile ${of.folder}/key.pem
TLSVerifyClient try
authz-regexp "cn=localhost" "${READER}"
database mdb
suffix dc=example,dc=org
directory ${folder}/db
maxsize 10485760
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="${READER}" read by * none
`
  const file = join(temporaryFolder({ 'slapd.conf': config }), 'slapd.conf')
  const added = spawnSync('/usr/sbin/slapadd', ['-q', '-f', file, '-l', join(folder, 'entries.ldif')], {
    encoding: 'utf8',
  })
  if (added.status !== 0) throw new Error(added.stderr)
  const { port, securePort } = on ?? { port: await freePort(), securePort: await freePort() }
  const urls = `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${securePort}`
  const child = spawn(PROGRAM, ['-d', '0', '-f', file, '-h', urls], { stdio: 'ignore' })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  void ended.then(() => process.removeListener('exit', kill))
  await until(async () => child.exitCode !== null || isAnswering(port))
  if (child.exitCode !== null) throw new Error(`slapd has ended with ${child.exitCode}`)
  return {
    port,
    securePort,
    process: child,
    stop: () => {
      child.kill('SIGCONT')
      child.kill('SIGKILL')
      return ended
    },
  }
}

async function isAnswering(port: number): Promise<boolean> {
  const { Client } = await import('ldapts')
  const client = new Client({ url: `ldap://127.0.0.1:${port}`, connectTimeout: 1000, timeout: 1000 })
  try {
    await client.bind(READER, READER_PASSWORD)
    return true
  } finally {
    await client.unbind().catch(() => {})
  }
}
