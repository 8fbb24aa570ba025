// The settings of who is told when an account is refused.

import { describe, expect, test } from 'vitest'
import { tellingOf } from '../../../src/app/policy-telling.ts'
import { loadSettings } from '../../../src/config/load.ts'
import { temporaryFolder } from '../../support/folders.ts'

function settingsOf(yaml: string, environment: Record<string, string> = {}) {
  const folder = temporaryFolder({ 'asnzone.yaml': yaml })
  return loadSettings({ configFile: `${folder}/asnzone.yaml`, environment, options: {} }).policy
}

function complaintOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    return (error as Error).message.replace(/^.*\/asnzone\.yaml/, 'asnzone.yaml')
  }
  return 'nothing is wrong'
}

const MAIL = 'to: [a@x.org], from: z@x.org, smtp: { host: mail }'

test('nobody is told unless somebody is named', () => {
  expect(settingsOf('{}').notify).toBeNull()
  expect(settingsOf('{}').known).toEqual({ kind: 'all' })
})

test('they are read from the file and the environment', () => {
  const environment = {
    ASNZONE_POLICY_NOTIFY_TO: 'a@x.org, b@x.org',
    ASNZONE_POLICY_NOTIFY_SMTP_PORT: '25',
    ASNZONE_POLICY_NOTIFY_SMTP_USERNAME: 'u',
    ASNZONE_POLICY_NOTIFY_SMTP_PASSWORD: '12345',
    ASNZONE_POLICY_NOTIFY_WEBHOOK_KEY: '0123456789abcdef',
    ASNZONE_POLICY_NOTIFY_DIGEST: '06:30',
    ASNZONE_POLICY_KNOWN: 'file:/etc/known',
  }
  const yaml =
    "policy: { notify: { from: z@x.org, smtp: { host: mail }, webhook: 'https://h/x', every: off } }"
  const { notify, known } = settingsOf(yaml, environment)
  expect(notify).toEqual({
    mail: {
      to: ['a@x.org', 'b@x.org'],
      from: 'z@x.org',
      subject: '[asnzone] An e-mail account was compromised',
      body: null,
      smtp: {
        host: 'mail',
        port: 25,
        helo: 'localhost',
        username: 'u',
        password: '12345',
        tls: 'starttls',
        ca: null,
      },
    },
    webhook: { url: 'https://h/x', key: '0123456789abcdef' },
    every: null,
    digest: 390,
  })
  expect(known).toEqual({ kind: 'file', file: '/etc/known' })
})

test('a key for names is long enough, and may be in the environment', () => {
  expect(settingsOf('{}').hashKey).toBeNull()
  expect(settingsOf('{}', { ASNZONE_POLICY_HASH_USERS: '0123456789abcdef' }).hashKey).toBe('0123456789abcdef')
  const said = complaintOf(() => settingsOf('policy: { hash-users: hunter2 }'))
  expect(said).toMatch(/policy\.hash-users: at least 16 characters/)
  expect(said).not.toContain('hunter2')
})

describe('they are refused with their line when', () => {
  test.each([
    ['an address is a list', "to: ['a@x.org, b@x.org']", "'a@x.org, b@x.org' is not a mail address"],
    ['an address has a line in it', 'to: ["a@x.org\\r\\nBcc: b@x.org"]', 'is not a mail address'],
    ['the sender has a name', "from: 'Z <z@x.org>'", 'policy.notify.from'],
    ['there is no sender', 'to: [a@x.org]', 'policy.notify.from: mail needs a sender'],
    ['there is no server', 'to: [a@x.org], from: z@x.org', 'policy.notify.smtp.host: mail needs a server'],
    ['a user has no password', 'smtp: { username: u }', 'a user needs a password'],
    ['the subject has two lines', 'subject: "a\\nBcc: b"', 'it has a control character'],
    ['a URL is none', "webhook: 'ftp://hunter2'", 'policy.notify.webhook: a URL such as'],
    ['a URL has a password', "webhook: 'https://u:hunter2@h/'", 'without a user and password'],
    ['a key is short', "webhook: 'https://h/', webhook-key: hunter2", 'at least 16 characters'],
    ['a key signs nothing', 'webhook-key: 0123456789abcdefg', 'there is no webhook'],
    ['the digest has no time', `${MAIL}, digest: daily`, 'a time of day in UTC'],
    ['the digest is for nobody', "digest: '06:00'", 'nobody to notify'],
    ['a CA is for no TLS', 'smtp: { tls: none, ca: c.pem }', 'TLS needs tls:'],
    ['a key is unknown', 'subjekt: x', "did you mean 'subject'?"],
  ])('%s', (_, notify, complaint) => {
    const said = complaintOf(() => settingsOf(`policy:\n  notify: { ${notify} }\n`))
    expect(said).toMatch(/^asnzone\.yaml:2/)
    expect(said).toContain(complaint)
    expect(said).not.toContain('hunter2')
  })

  test('a directory is to know accounts, and there is none', () => {
    expect(complaintOf(() => settingsOf('policy: { known: ldap }'))).toContain('set ldap.urls')
    expect(complaintOf(() => settingsOf('policy: { known: some }'))).toContain('all, ldap or file:PATH')
  })
})

describe('a file', () => {
  test('with the text of a mail is HTML or plain by its name', () => {
    const folder = temporaryFolder({
      'a.txt': 'plain %s',
      'b.HTML': '<p>%s',
      'c.md': 'no',
      'd.txt': 'x'.repeat(70_000),
    })
    const bodyOf = (name: string) =>
      tellingOf(settingsOf(`policy: { notify: { ${MAIL}, body: '${folder}/${name}' } }`))?.mail?.body
    expect(bodyOf('a.txt')).toEqual({ text: 'plain %s', isHtml: false })
    expect(bodyOf('b.HTML')).toEqual({ text: '<p>%s', isHtml: true })
    expect(complaintOf(() => bodyOf('c.md'))).toContain(
      "c.md' is not the name of a file that ends in .txt or .html",
    )
    expect(complaintOf(() => bodyOf('d.txt'))).toContain('more than 65536 characters')
    expect(complaintOf(() => bodyOf('e.txt'))).toMatch(/e\.txt: .*(no such file|not exist)/i)
  })

  test('names accounts, as requests would', () => {
    const folder = temporaryFolder({ known: '# all of them\n\nAnna+x@Example.org\r\n  bert  \n' })
    const yaml = `policy: { separator: '+', known: 'file:${folder}/known', notify: { ${MAIL} } }`
    expect(tellingOf(settingsOf(yaml))?.known).toEqual({
      kind: 'list',
      names: new Set(['anna@example.org', 'bert']),
    })
  })
})
