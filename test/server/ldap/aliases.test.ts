// Aliases of the directory in the policy service: several names, one account.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Certificates, certificates } from '../../support/certificates.ts'
import { REJECT, TestPolicy } from '../../support/policy-service.ts'
import { BASE, isSlapdMissing, READER, READER_PASSWORD, type Slapd, startSlapd } from '../../support/slapd.ts'
import { SmtpSink, textOf } from '../../support/smtp-sink.ts'
import { until } from '../../support/until.ts'

const [DE, US, RU] = ['193.99.144.80', '8.8.8.8', '77.88.8.8']

describe.skipIf(isSlapdMissing)('aliases', () => {
  let own: Certificates
  let slapd: Slapd
  let it: TestPolicy

  const start = (...lines: readonly string[]): Promise<TestPolicy> =>
    TestPolicy.start([
      `ldap: { urls: 'ldap://127.0.0.1:${slapd.port}', base: '${BASE}', bind-dn: '${READER}', password: ${READER_PASSWORD}, cache: 1h }`,
      'timeout: 1s',
      ...lines,
    ])

  beforeAll(async () => {
    own = certificates()
  })
  beforeEach(async () => {
    slapd = await startSlapd(own)
  })
  afterEach(async () => {
    await it?.stop()
    await slapd?.stop()
  })
  afterAll(() => slapd?.stop())

  test('and the account are one, by its name in the directory (F12)', async () => {
    it = await start("users: [{ sender: 'bert@example.org', countries: 1 }]")
    expect(await it.answer('anna@example.org', DE)).toBe('DUNNO')
    expect(await it.answer('A.Alias@example.org', US)).toBe('DUNNO')
    expect(await it.answer('a.alias@example.org', RU)).toBe(REJECT)
    expect(await it.answer('anna@example.org', DE)).toBe(REJECT)
    const accounts = await it.ask.call('list', { blocked: false, text: '', after: '', limit: 10 })
    expect(accounts.map(({ user }) => user)).toEqual(['anna@example.org'])
    const lines = await it.decisions(2)
    expect(lines[0]).toMatchObject({ user: 'anna@example.org' })
    // Names that the directory doesn't know are accounts of their own, and none is a filter.
    expect(await it.answer('*', DE)).toBe('DUNNO')
    expect((await it.ask.call('show', '*'))?.report.user).toBe('*')
  })

  test('are unblocked, shown and forgotten by any of the names', async () => {
    it = await start()
    await it.answers('anna@example.org', [DE, US, RU])
    expect((await it.ask.call('show', 'a.alias@example.org'))?.report.user).toBe('anna@example.org')
    expect(await it.ask.call('unblock', 'a.alias@example.org')).toBe(1)
    expect(await it.answer('anna@example.org', DE)).toBe('DUNNO')
    expect(await it.ask.call('forget', 'a.alias@example.org')).toEqual({ isFound: true, left: [] })
    expect(await it.ask.call('show', 'anna@example.org')).toBeNull()
  })

  test.each([
    ['dunno', 'DUNNO'],
    ['defer', 'DEFER Service temporarily not available'],
  ])(
    'that were asked for serve while the directory is not available, others are answered by on-error: %s',
    async (onError, answer) => {
      it = await start(`on-error: ${onError}`)
      expect(await it.answers('a.alias@example.org', [DE, US])).toEqual(['DUNNO', 'DUNNO'])
      await slapd.stop()
      expect(await it.answer('a.alias@example.org', RU)).toBe(REJECT)
      expect(await it.answer('bert@example.org', DE)).toBe(answer)
      expect(await it.ask.call('show', 'bert@example.org')).toBeNull()
      expect((await it.said('policy: the directory: ')).msg).toContain('ECONNREFUSED')
      slapd = await startSlapd(own, slapd)
      await until(
        async () =>
          (await it.answer('bert@example.org', DE)) === 'DUNNO' && (await isKept('bert@example.org')),
      )
      await it.said('policy: the directory is back')
    },
  )

  test('somebody is told about accounts of the directory only, where it says who is known', async () => {
    const sink = await SmtpSink.start()
    it = await start(
      'known: ldap',
      `notify: { to: ops@example.org, from: z@example.org, smtp: { host: 127.0.0.1, port: ${sink.port}, tls: none } }`,
    )
    for (const name of ['stranger@example.org', 'a.alias@example.org']) {
      expect(await it.answers(name, [DE, US, RU])).toEqual(['DUNNO', 'DUNNO', REJECT])
    }
    const mails = await sink.received(1)
    expect(mails.map((mail) => /^ {2}account +(\S+)/m.exec(textOf(mail))?.[1])).toEqual(['anna@example.org'])
    await sink.stop()
  })

  const isKept = async (user: string): Promise<boolean> => (await it.ask.call('show', user)) !== null
})
