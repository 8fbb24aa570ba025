// What somebody is told: macros, and that nobody's name adds a line.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jsonOf, mailOf, type Notice } from '../../../src/policy-server/telling/notice.ts'
import type { MailSettings } from '../../../src/policy-server/telling/settings.ts'
import { anyText } from '../../support/any-text.ts'

const NOTICE: Notice = {
  id: 'abc',
  time: Date.UTC(2026, 10, 27, 8),
  user: 'anna@example.org',
  address: '192.0.2.1',
  country: 'RU',
  asn: 65_551,
  rule: 'countries',
  detail: '3/2',
  action: 'reject',
  block: { since: Date.UTC(2026, 10, 27, 8), until: Date.UTC(2026, 10, 27, 9), reason: 'countries 3/2' },
  countries: ['RU', 'US', 'DE'],
  ips: ['192.0.2.1', '2001:db8::/64'],
  source: 'postfix',
  host: 'mx1',
}
const SETTINGS: MailSettings = {
  to: ['ops@example.org'],
  from: 'asnzone@example.org',
  subject: 'S',
  body: null,
  smtp: { host: '', port: 25, helo: 'h', username: '', password: '', tls: 'none', ca: null },
}
const filled = (text: string, notice: Partial<Notice> = {}, isHtml = false) =>
  mailOf({ ...NOTICE, ...notice }, { ...SETTINGS, subject: text.split('\n', 1)[0], body: { text, isHtml } })

test('macros are filled in, others and lone percent signs stand for themselves', () => {
  const text = '%s|%{user}|%{countries}|%{ips}|%{rule}|%{until}|%{host}|100 %|%d|%{nothing}|%%'
  expect(filled(text).text).toBe(
    'anna@example.org|anna@example.org|RU, US, DE|192.0.2.1, 2001:db8::/64|countries 3/2|2026-11-27T09:00:00Z|mx1|100 %|%d|%{nothing}|%%',
  )
})

test('a value is not a template', () => {
  expect(filled('%s %{host}', { user: '%{host}$&$1' }).text).toBe('%{host}$&$1 mx1')
})

test('without a block and values there are words for it', () => {
  expect(filled('%{until}, %{countries}', { block: null, countries: [] }).text).toBe('not blocked, none')
  const permanent = { since: 0, until: -1, reason: '' }
  expect(filled('%{until}', { block: permanent }).text).toBe('permanent')
})

test('HTML gets no element from outside', () => {
  const { html, text } = filled('<b>%s</b>', { user: `<script>alert("&'")</script>` }, true)
  expect(html).toBe('<b>&lt;script&gt;alert(&quot;&amp;&#39;&quot;)&lt;/script&gt;</b>')
  expect(text).toBeNull()
})

test('the text of asnzone names the account and what to do', () => {
  const { text, subject } = mailOf(NOTICE, SETTINGS)
  expect(subject).toBe('S')
  expect(text).toContain('  account       anna@example.org\n')
  expect(text).toContain('asnzone policy unblock')
})

test('JSON has times in ISO 8601', () => {
  expect(JSON.parse(jsonOf(NOTICE))).toEqual({
    event: 'refused',
    id: 'abc',
    time: '2026-11-27T08:00:00Z',
    user: 'anna@example.org',
    address: '192.0.2.1',
    country: 'RU',
    asn: 65_551,
    rule: 'countries',
    detail: '3/2',
    action: 'reject',
    block: { since: '2026-11-27T08:00:00Z', until: '2026-11-27T09:00:00Z', reason: 'countries 3/2' },
    countries: ['RU', 'US', 'DE'],
    ips: ['192.0.2.1', '2001:db8::/64'],
    source: 'postfix',
    host: 'mx1',
  })
})

describe('whatever a name or an address is', () => {
  const anything = fc.oneof(
    anyText({ maxLength: 400 }),
    fc
      .array(fc.constantFrom('\r', '\n', '\0', '\u2028', '\u202e', '\ud800', 'Bcc:', 'x', ' ', '%s'), {
        maxLength: 40,
      })
      .map((parts) => parts.join('')),
  )

  test('the subject is one line, and the body has as many as its template', () => {
    fc.assert(
      fc.property(anything, anything, anything, (user, address, rule) => {
        const notice = { user, ips: [address], countries: [address], rule, host: rule }
        const template = '%s %{user} %{ips} %{rule} %{host}\nend %{countries}'
        const { subject, text } = filled(template, notice)
        expect(subject).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
        expect([...subject].length).toBeLessThanOrEqual(400)
        expect(text?.split(/[\r\n\u2028\u2029]/)).toHaveLength(2)
      }),
    )
  })
})
