// Telling people about refusals: real mail servers and web servers, and what becomes of it when they are not there.

import { createHmac } from 'node:crypto'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Certificates, certificates } from '../../support/certificates.ts'
import { REJECT, TestPolicy } from '../../support/policy-service.ts'
import { isRedisMissing, startRedis } from '../../support/redis-servers.ts'
import { headersOf, type ReceivedMail, SmtpSink, textOf } from '../../support/smtp-sink.ts'
import { WebhookSink } from '../../support/webhook-sink.ts'

const [DE, US, RU] = ['193.99.144.80', '8.8.8.8', '77.88.8.8']
const SECRET = 'hunter2-hunter2-hunter2'

let it: TestPolicy
let sink: SmtpSink
let hook: WebhookSink
let own: Certificates

beforeAll(() => {
  own = certificates()
})

afterEach(async () => {
  await it?.stop()
  await sink?.stop()
  await hook?.stop()
})

const mail = (port: number, more = '', smtp = 'tls: none'): string =>
  `notify: { to: [ops@example.org, boss@example.org], from: asnzone@example.org, smtp: { host: 127.0.0.1, port: ${port}, ${smtp} }, ${more} }`

/** An account that is refused. */
const refused = async (user: string): Promise<void> => {
  expect(await it.answers(user, [DE, US, RU])).toEqual(['DUNNO', 'DUNNO', REJECT])
}

const accountIn = (one: ReceivedMail) => /^ {2}account +(\S+)/m.exec(textOf(one))?.[1]

const notified = async () => (await it.ask.call('figures')).notify

describe('mail', () => {
  test('tells of a block once, however often is tried again, and of the next one', async () => {
    sink = await SmtpSink.start()
    it = await TestPolicy.start([mail(sink.port)])
    await refused('anna@example.org')
    for (let i = 0; i < 20; i++) expect(await it.answer('anna@example.org', RU)).toBe(REJECT)
    await refused('bert@example.org')
    const [first, second] = await sink.received(2)
    expect(first).toMatchObject({
      from: 'asnzone@example.org',
      to: ['ops@example.org', 'boss@example.org'],
      isSecured: false,
      login: null,
    })
    const headers = headersOf(first)
    expect(headers.get('subject')).toBe('[asnzone] An e-mail account was compromised')
    expect(headers.get('to')).toBe('ops@example.org, boss@example.org')
    expect(headers.get('auto-submitted')).toBe('auto-generated')
    expect(headers.get('precedence')).toBe('bulk')
    const [, id = ''] = /^<(\w+)@example\.org>$/.exec(headers.get('message-id') ?? '') ?? []
    expect((await it.decisions(3)).some((line) => line.id === id)).toBe(true)
    const text = textOf(first)
    expect(text).toContain('account       anna@example.org\n')
    expect(text).toContain('rule          countries 3/2\n')
    expect(text).toMatch(/countries {5}RU, (US, DE|DE, US)\n/)
    expect(text).toContain('77.88.8.8')
    expect(textOf(second)).toContain('bert@example.org')
    // The block ends after an hour; another one is news.
    it.pass(61)
    await refused('anna@example.org')
    await sink.received(3)
    await expect.poll(async () => (await notified())?.counts.mail).toEqual({ sent: 3, failed: 0, dropped: 0 })
    expect(sink.mails).toHaveLength(3)
  })

  test('tells again of a block that lasts, after `every`, when the account is refused', async () => {
    sink = await SmtpSink.start()
    it = await TestPolicy.start([mail(sink.port, 'every: 2h'), 'block: { for: permanent }'])
    await refused('anna@example.org')
    await sink.received(1)
    it.pass(119)
    expect(await it.answer('anna@example.org', RU)).toBe(REJECT)
    it.pass(2)
    expect(await it.answer('anna@example.org', RU)).toBe(REJECT)
    const [, again] = await sink.received(2)
    expect(textOf(again)).toContain('blocked until permanent\n')
    expect(sink.mails).toHaveLength(2)
  })

  test('a restart tells nothing twice', async () => {
    sink = await SmtpSink.start()
    it = await TestPolicy.start([mail(sink.port)])
    await refused('anna@example.org')
    await sink.received(1)
    const { directory } = it
    await it.stop()
    it = await TestPolicy.start([mail(sink.port)], { directory })
    expect(await it.answer('anna@example.org', RU)).toBe(REJECT)
    await refused('bert@example.org')
    await sink.received(2)
    expect(textOf(sink.mails[1])).toContain('bert@example.org')
  })

  test('has the text and the subject of the settings, and HTML as such', async () => {
    sink = await SmtpSink.start()
    it = await TestPolicy.start([mail(sink.port, "subject: 'Gehackt: %s', body: '{folder}/mail.html'")], {
      files: { 'mail.html': '<p>%{user}: 100 % von %{countries} <b>ß</b></p>' },
    })
    await refused('<b>anna</b>@example.org')
    const [{ data }] = await sink.received(1)
    expect(headersOf({ data }).get('content-type')).toMatch(/^text\/html/)
    expect(headersOf({ data }).get('subject')).toBe('Gehackt: <b>anna</b>@example.org')
    expect(textOf({ data })).toMatch(
      /<p>&lt;b&gt;anna&lt;\/b&gt;@example\.org: 100 % von RU, .* <b>ß<\/b><\/p>/,
    )
  })

  test('a name can add no header and no line', async () => {
    sink = await SmtpSink.start()
    it = await TestPolicy.start([mail(sink.port, "subject: 'About %s'")])
    // Names with control characters are none; these get as far as a name can.
    const names = [
      'x\u2028Bcc: a@evil',
      '"\\r\\nBcc: b@evil"@x',
      'ü\u202eb@x',
      '=?utf-8?Q?=0D=0ABcc:c?=@x',
      `${'y'.repeat(300)}@x`,
    ]
    for (const name of names) await refused(name)
    const mails = await sink.received(names.length)
    for (const { data, to } of mails) {
      expect(to).toEqual(['ops@example.org', 'boss@example.org'])
      const allowed = [
        'from',
        'to',
        'subject',
        'message-id',
        'date',
        'mime-version',
        'content-type',
        'content-transfer-encoding',
        'auto-submitted',
        'precedence',
        'x-auto-response-suppress',
      ]
      expect([...headersOf({ data }).keys()].filter((name) => !allowed.includes(name))).toEqual([])
      expect(
        textOf({ data })
          .split('\n')
          .filter((line) => /^\s*Bcc/i.test(line)),
      ).toEqual([])
    }
  })

  test('goes over STARTTLS with a user and a password, and not without TLS', async () => {
    sink = await SmtpSink.start({ certificates: own, login: `anna ${SECRET}` })
    const smtp = `tls: starttls, ca: ${own.folder}/ca-cert.pem, username: anna, password: ${SECRET}`
    it = await TestPolicy.start([mail(sink.port, '', smtp)])
    await refused('anna@example.org')
    expect((await sink.received(1))[0]).toMatchObject({ isSecured: true, login: `anna ${SECRET}` })
    const plain = await SmtpSink.start({})
    await it.reload([mail(plain.port, '', smtp)])
    await refused('bert@example.org')
    expect((await it.said('does not work')).msg).toMatch(/STARTTLS/)
    expect(plain.mails).toEqual([])
    await plain.stop()
  })

  test('goes over TLS from the beginning, to a server whose certificate is right', async () => {
    sink = await SmtpSink.start({ certificates: own, isTlsAtOnce: true })
    it = await TestPolicy.start([mail(sink.port, '', `tls: on-connect, ca: ${own.folder}/ca-cert.pem`)])
    await refused('anna@example.org')
    expect((await sink.received(1))[0].isSecured).toBe(true)
    await it.reload([mail(sink.port, '', 'tls: on-connect')])
    await refused('bert@example.org')
    expect((await it.said('does not work')).msg).toMatch(/certificate/)
  })

  test('that nobody takes is tried again, by the settings of then', async () => {
    const gone = await SmtpSink.start()
    const { port } = gone
    await gone.stop()
    it = await TestPolicy.start([mail(port)])
    await refused('anna@example.org')
    expect((await it.said('does not work')).msg).toMatch(/ECONNREFUSED/)
    sink = await SmtpSink.start()
    await it.reload([mail(sink.port)])
    it.pass(1)
    await it.ask.call('expire')
    await sink.received(1)
    await it.said('the mail server of notify works again')
    expect(await notified()).toEqual({
      counts: { mail: { sent: 1, failed: 0, dropped: 0 }, webhook: { sent: 0, failed: 0, dropped: 0 } },
      waiting: 0,
    })
  })

  test.each([
    ['451 4.3.0 later', 1],
    ['554 5.7.1 never', 0],
  ])('that is answered %s waits: %i', async (answer, waiting) => {
    sink = await SmtpSink.start({ answer: () => answer })
    it = await TestPolicy.start([mail(sink.port)])
    await refused('anna@example.org')
    expect((await it.said('does not work')).msg).toContain(answer.slice(4))
    await expect.poll(async () => (await notified())?.waiting).toBe(waiting)
    expect((await notified())?.counts.mail.failed).toBe(1 - waiting)
    it.pass(1)
    await it.ask.call('expire')
    // The next notice comes after one that is sent again.
    await refused('bert@example.org')
    await expect.poll(() => sink.connections).toBe(2 + waiting)
    await expect.poll(async () => (await notified())?.counts.mail.failed).toBe(2 - 2 * waiting)
    expect(sink.connections).toBe(2 + waiting)
  })

  test('that is not taken for one of several is sent to the others, and it is told for whom it was not', async () => {
    sink = await SmtpSink.start()
    const to = 'to: [ops@example.org, gone@example.org]'
    it = await TestPolicy.start([mail(sink.port).replace(/to: \[[^\]]*\]/, to)])
    await refused('anna@example.org')
    expect((await sink.received(1))[0].to).toEqual(['ops@example.org'])
    expect((await it.said('was not taken for everybody')).msg).toMatch(
      /gone@example\.org.*550 5\.1\.1|550 5\.1\.1/,
    )
    expect((await notified())?.counts.mail).toEqual({ sent: 1, failed: 0, dropped: 0 })
  })

  test('to a server that says nothing holds up no request, and a hundred wait at most', async () => {
    sink = await SmtpSink.start({ isMute: true })
    it = await TestPolicy.start([mail(sink.port), 'limits: { countries: 0, ips: 3 }'])
    const users = Array.from({ length: 130 }, (_, i) => `u${i}@example.org`)
    for (const user of users) expect(await it.answer(user, DE)).toBe(REJECT)
    await it.said('more notices are waiting than can be sent')
    await expect.poll(async () => (await notified())?.counts.mail.dropped).toBe(30)
    expect((await notified())?.waiting).toBe(100)
    expect(await it.ask.call('forget', 'u50@example.org')).toEqual({ isFound: true, left: [] })
    expect((await notified())?.waiting).toBe(99)
  })

  test('is not sent when somebody who may not know the password is turned away', async () => {
    sink = await SmtpSink.start()
    it = await TestPolicy.start([mail(sink.port), 'allow-only: { countries: [DE] }'])
    const guess = { user: 'anna', address: RU, isProven: false }
    for (let i = 0; i < 3; i++) expect((await it.ask.call('allow', guess)).action).toBe('reject')
    expect((await it.ask.call('allow', { ...guess, user: 'bert', isProven: true })).action).toBe('reject')
    expect((await sink.received(1)).map(accountIn)).toEqual(['bert'])
  })

  test('is not sent of what passes, is only watched, or has no store', async () => {
    sink = await SmtpSink.start()
    it = await TestPolicy.start([
      mail(sink.port),
      'mode: monitor',
      'users: [{ sender: real, mode: enforce }]',
    ])
    expect(await it.answers('anna', [DE, US, RU])).toEqual(['DUNNO', 'DUNNO', 'DUNNO'])
    await refused('real')
    const mails = await sink.received(1)
    expect(mails.map((one) => accountIn(one))).toEqual(['real'])
  })

  test('is sent of known accounts only, where a file names them', async () => {
    sink = await SmtpSink.start()
    it = await TestPolicy.start([mail(sink.port), "known: 'file:{folder}/known'"], {
      files: { known: '# ours\nBert@Example.org\n' },
    })
    await refused('anna@example.org')
    await refused('bert@example.org')
    expect(textOf((await sink.received(1))[0])).toContain('bert@example.org')
    expect(sink.mails).toHaveLength(1)
  })

  test('of a refusal without a block is sent once in a while', async () => {
    sink = await SmtpSink.start()
    it = await TestPolicy.start([mail(sink.port), 'allow-only: { countries: [DE] }'])
    for (const address of [US, RU, US]) expect(await it.answer('anna', address)).toBe(REJECT)
    it.pass(61)
    expect(await it.answer('anna', US)).toBe(REJECT)
    const mails = await sink.received(2)
    expect(textOf(mails[0])).toContain('rule          allow-only')
    expect(textOf(mails[0])).toContain('blocked until not blocked')
    await expect.poll(async () => (await notified())?.counts.mail.sent).toBe(2)
    expect(sink.mails).toHaveLength(2)
  })

  test('starts and stops with a reload', async () => {
    it = await TestPolicy.start()
    await refused('anna')
    expect(await notified()).toBeNull()
    sink = await SmtpSink.start()
    await it.reload([mail(sink.port)])
    await refused('bert')
    await sink.received(1)
    await it.reload([])
    expect(await notified()).toBeNull()
    await refused('carl')
    await it.reload([mail(sink.port)])
    await refused('dora')
    await sink.received(2)
    expect(sink.mails.map((one) => accountIn(one))).toEqual(['bert', 'dora'])
  })
})

describe('a webhook', () => {
  test('gets JSON with a signature', async () => {
    hook = await WebhookSink.start()
    it = await TestPolicy.start([`notify: { webhook: '${hook.url}/in?t=1', webhook-key: ${SECRET} }`])
    await refused('anna@example.org')
    const [{ path, headers, body }] = await hook.received(1)
    expect(path).toBe('/in?t=1')
    expect(headers['content-type']).toBe('application/json')
    const time = String(headers['x-asnzone-timestamp'])
    const signature = createHmac('sha256', SECRET).update(`${time}.${body}`).digest('hex')
    expect(headers['x-asnzone-signature']).toBe(`sha256=${signature}`)
    const told = JSON.parse(body) as Record<string, unknown>
    expect(told).toMatchObject({
      event: 'refused',
      id: headers['x-asnzone-delivery'],
      user: 'anna@example.org',
      address: RU,
      country: 'RU',
      asn: 13_238,
      rule: 'countries',
      detail: '3/2',
      action: 'reject',
      block: { reason: 'countries 3/2' },
      source: 'postfix',
    })
    expect(told.countries).toEqual(expect.arrayContaining(['RU', 'US', 'DE']))
  })

  test.each([
    [500, 1],
    [429, 1],
    [404, 0],
    [302, 0],
  ])('that answers %i is tried again: %i', async (status, again) => {
    hook = await WebhookSink.start()
    hook.status = status
    it = await TestPolicy.start([`notify: { webhook: '${hook.url}/secret-path', webhook-key: ${SECRET} }`])
    await refused('anna@example.org')
    expect((await it.said('does not work')).msg).toContain(`it answered ${status}`)
    expect(await notified()).toMatchObject({ waiting: again })
    hook.status = 200
    it.pass(1)
    await it.ask.call('expire')
    const posts = await hook.received(1 + again)
    expect(new Set(posts.map(({ path }) => path))).toEqual(new Set(['/secret-path']))
    expect(new Set(posts.map(({ headers }) => headers['x-asnzone-delivery'])).size).toBe(1)
    await expect.poll(async () => (await notified())?.counts.webhook.sent).toBe(again)
    expect(JSON.stringify(it.log)).not.toMatch(/secret-path|hunter2/)
  })

  test('that doesn’t answer holds up no mail', async () => {
    hook = await WebhookSink.start()
    hook.status = null
    sink = await SmtpSink.start()
    it = await TestPolicy.start([mail(sink.port, `webhook: '${hook.url}/'`)])
    await refused('anna@example.org')
    await refused('bert@example.org')
    await sink.received(2)
    await hook.received(1)
    expect((await notified())?.counts.webhook.sent).toBe(0)
  })
})

describe.skipIf(isRedisMissing)('hosts that share a Redis', () => {
  test('tell of a block once, whichever refuses', async () => {
    const redis = await startRedis()
    sink = await SmtpSink.start()
    const lines = [mail(sink.port), `store: redis://127.0.0.1:${redis.port}`]
    it = await TestPolicy.start(lines)
    const other = await TestPolicy.start(lines)
    await refused('anna@example.org')
    await sink.received(1)
    for (let i = 0; i < 5; i++) expect(await other.answer('anna@example.org', RU)).toBe(REJECT)
    expect(await other.answers('bert@example.org', [DE, US, RU])).toEqual(['DUNNO', 'DUNNO', REJECT])
    // A mail of the other host about the first account would have come before this one.
    expect((await sink.received(2)).map(accountIn)).toEqual(['anna@example.org', 'bert@example.org'])
    await other.stop()
    await redis.stop()
  })
})

test('secrets are in no line of the log, whatever goes wrong', async () => {
  sink = await SmtpSink.start({ certificates: own, login: 'nobody nothing' })
  const smtp = `tls: starttls, ca: ${own.folder}/ca-cert.pem, username: anna, password: ${SECRET}`
  it = await TestPolicy.start([mail(sink.port, '', smtp)])
  await refused('anna@example.org')
  expect((await it.said('does not work')).msg).toContain('535')
  // A password may be mended: it is tried again.
  expect(await notified()).toMatchObject({ waiting: 1 })
  expect(JSON.stringify(it.log)).not.toContain('hunter2')
})

test('a digest is sent once a day, at its time, over a restart as well', async () => {
  sink = await SmtpSink.start()
  it = await TestPolicy.start([mail(sink.port, "every: off, digest: '06:00'")])
  const untilSix = (30 - new Date().getUTCHours()) * 60 - new Date().getUTCMinutes()
  it.pass((untilSix % (24 * 60)) - 30)
  await refused('anna@example.org')
  await refused('bert@example.org')
  await sink.received(2)
  await it.ask.call('expire')
  expect(sink.mails).toHaveLength(2)
  it.pass(35)
  await it.ask.call('expire')
  await it.ask.call('expire')
  const { directory } = it
  await sink.received(3)
  await it.stop()
  it = await TestPolicy.start([mail(sink.port, "every: off, digest: '06:00'")], { directory })
  it.pass((untilSix % (24 * 60)) + 10)
  await it.ask.call('expire')
  const digest = (await sink.received(3))[2]
  expect(headersOf(digest).get('subject')).toBe('[asnzone] 2 refusals of 2 accounts in a day')
  const text = textOf(digest)
  expect(text).toContain('By rule:\n  2  countries\n')
  expect(text).toContain('By country:\n  2  RU\n')
  expect(text).toMatch(/By account:\n {2}1 {2}anna@example\.org {2}\(RU\)\n/)
  expect(text).toMatch(/Blocked now:\n {2}anna@example\.org {2}until .*: countries 3\/2\n/)
  it.pass(24 * 60)
  await it.ask.call('expire')
  expect(headersOf((await sink.received(4))[3]).get('subject')).toBe(
    '[asnzone] 0 refusals of 0 accounts in a day',
  )
})
