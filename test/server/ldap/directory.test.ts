// The directory against a real slapd: names, injection, TLS, and what happens while it is away.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Directory } from '../../../src/policy-server/ldap/directory.ts'
import type { LdapSettings } from '../../../src/policy-server/ldap/settings.ts'
import { type Certificates, certificates } from '../../support/certificates.ts'
import { BASE, isSlapdMissing, READER, READER_PASSWORD, type Slapd, startSlapd } from '../../support/slapd.ts'
import { until } from '../../support/until.ts'

describe.skipIf(isSlapdMissing)('a directory', () => {
  let own: Certificates
  let slapd: Slapd
  let now = 0
  let troubles: (string | null)[] = []
  let warnings: string[] = []
  const directories: Directory[] = []

  const open = (of: Partial<LdapSettings> = {}): Directory => {
    const directory = new Directory(
      {
        urls: [`ldap://127.0.0.1:${slapd.port}`],
        base: BASE,
        bindDn: READER,
        password: READER_PASSWORD,
        filter: '(&(objectClass=*)(mailAlias=%s))',
        attribute: 'mailaccount',
        scope: 'sub',
        startTls: false,
        verify: true,
        tls: { ca: null, cert: null, key: null },
        isExternal: false,
        pool: 3,
        idle: 2,
        cache: 60_000,
        timeout: 2000,
        ...of,
      },
      {
        onTrouble: (reason) => troubles.push(reason),
        onWarning: (message) => warnings.push(message),
        now: () => now,
      },
    )
    directories.push(directory)
    return directory
  }

  beforeAll(async () => {
    own = certificates()
    slapd = await startSlapd(own)
  })
  afterAll(() => slapd?.stop())
  beforeEach(() => {
    now = 0
    troubles = []
    warnings = []
  })
  afterEach(() => {
    for (const directory of directories.splice(0)) directory.close()
  })

  test('knows the account of an alias, in either case, and nobody by another name', async () => {
    const directory = open()
    expect(await directory.accountOf('a.alias@example.org')).toBe('Anna@example.org')
    expect(await directory.accountOf('A.Alias@Example.ORG')).toBe('Anna@example.org')
    expect(await directory.accountOf('carl@example.org')).toBeNull()
  })

  test.each([
    '*',
    'a*',
    '*)(mailAlias=*',
    'anna@example.org)(uid=*',
    '\\2a',
    '',
    '\u0000',
    '(',
    ')',
    '\\',
    'ä@example.org',
    '$&',
  ])('finds nobody by %j, which is a name and no filter (F12)', async (name) => {
    expect(await open().accountOf(name)).toBeNull()
    expect(troubles).toEqual([])
  })

  test('finds a name with all that means something in a filter', async () => {
    expect(await open().accountOf('o(d)d\\*@example.org')).toBe('odd@example.org')
  })

  test('of a name with several accounts takes the first in their order, and warns once', async () => {
    const directory = open()
    expect(await directory.accountOf('both@example.org')).toBe('Anna@example.org')
    now += 120_000
    expect(await directory.accountOf('both@example.org')).toBe('Anna@example.org')
    expect(warnings).toEqual([expect.stringMatching(/^both@example\.org belongs to 2 accounts/)])
  })

  test('is asked by many at a time over a few connections', async () => {
    const directory = open()
    const names = Array.from({ length: 200 }, (_, i) =>
      i % 2 ? 'a.alias@example.org' : `user${i}@example.org`,
    )
    const accounts = await Promise.all(names.map((name) => directory.accountOf(name)))
    expect(accounts.filter((account) => account === 'Anna@example.org')).toHaveLength(100)
    expect(troubles).toEqual([])
  })

  test.each([
    ['ldaps', (): Partial<LdapSettings> => ({ urls: [`ldaps://localhost:${slapd.securePort}`] })],
    ['starttls', (): Partial<LdapSettings> => ({ urls: [`ldap://127.0.0.1:${slapd.port}`], startTls: true })],
    [
      'ldaps and our certificate',
      () => ({ urls: [`ldaps://127.0.0.1:${slapd.securePort}`], isExternal: true, bindDn: '' }),
    ],
    ['starttls and our certificate', () => ({ startTls: true, isExternal: true, bindDn: '' })],
  ])('is asked over %s', async (_, of) => {
    const tls = { ca: own.ca, cert: own.cert, key: own.key }
    expect(await open({ ...of(), tls }).accountOf('a.alias@example.org')).toBe('Anna@example.org')
  })

  test.each([
    ['ldaps', (): Partial<LdapSettings> => ({ urls: [`ldaps://localhost:${slapd.securePort}`] })],
    ['starttls', (): Partial<LdapSettings> => ({ startTls: true })],
  ])('over %s has to show a certificate of the CA', async (_, of) => {
    await expect(open(of()).accountOf('a.alias@example.org')).rejects.toThrow(/certificate/)
    expect(await open({ ...of(), verify: false }).accountOf('a.alias@example.org')).toBe('Anna@example.org')
  })

  test('that lets nobody in says so', async () => {
    await expect(open({ password: 'wrong' }).accountOf('anna@example.org')).rejects.toThrow(
      /not available: .*(credentials|0x31)/i,
    )
    expect(troubles).toHaveLength(1)
    expect(String(troubles[0])).not.toContain('wrong')
  })

  test('is another one while the first is away', async () => {
    const directory = open({ urls: ['ldap://127.0.0.1:1', `ldap://127.0.0.1:${slapd.port}`] })
    expect(await directory.accountOf('a.alias@example.org')).toBe('Anna@example.org')
    expect(troubles).toEqual([])
  })

  test('that is away serves names that it was asked for, and is asked again when it is back', async () => {
    const directory = open({ timeout: 2000 })
    await directory.accountOf('a.alias@example.org')
    await directory.accountOf('carl@example.org')
    slapd.process.kill('SIGSTOP')
    now += 120_000
    expect(await directory.accountOf('a.alias@example.org')).toBe('Anna@example.org')
    expect(await directory.accountOf('carl@example.org')).toBeNull()
    await expect(directory.accountOf('bert@example.org')).rejects.toMatchObject({ code: 'ASNZONE_POLICY' })
    await slapd.stop()
    expect(await directory.accountOf('a.alias@example.org')).toBe('Anna@example.org')
    await expect(directory.accountOf('bert@example.org')).rejects.toThrow(/the directory is not available/)
    expect(troubles).toHaveLength(1)
    slapd = await startSlapd(own, slapd)
    await until(async () => {
      now += 10_000
      return (await directory.accountOf('bert@example.org')) === 'bert@example.org'
    })
    expect(troubles).toEqual([expect.any(String), null])
  })
})
