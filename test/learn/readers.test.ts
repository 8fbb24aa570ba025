// What readers make of lines and messages: real ones, those that a sender would like them to believe, and any others.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FORMATS, type Format } from '../../src/learn/readers/formats.ts'
import { readLogLine } from '../../src/learn/readers/log-time.ts'
import type { ReaderOptions } from '../../src/learn/readers/reader.ts'
import { READERS } from '../../src/learn/readers/readers.ts'

const NOW = Date.parse('2026-11-28T01:00:00') / 1000

const OPTIONS: ReaderOptions = {
  reporter: 'mx1',
  now: NOW,
  spam: 10,
  ham: 2,
  ownSymbols: ['ASNZONE_*'],
  verdict: 'spam',
  trusted: ['192.0.2.0/24'],
}

const read = (format: Format, text: string, options: Partial<ReaderOptions> = {}) =>
  READERS[format].read(text, { ...OPTIONS, ...options })

/** What a line teaches, in short. */
function lesson(format: Format, text: string, options: Partial<ReaderOptions> = {}): string {
  const reading = read(format, text, options)
  if (reading === null) return 'nothing'
  if ('ignored' in reading) return reading.ignored
  return `${reading.address} ${reading.spam ? 'spam' : 'ham'}`
}

describe('rspamd', () => {
  /** As rspamd 3.4 has logged it. */
  const line = ({
    id = 'ok@b',
    ip = ' ip: 8.8.8.8,',
    from = 'a@b.example',
    verdict = 'F (no action): [1.20/15.00]',
    symbols = 'MID_RHS_NOT_FQDN(0.50){},FORGED_SENDER(0.30){a@b.example;c@d.example;},HFILTER_X(0.50){},MIME_GOOD(-0.10){text/plain;}',
    user = '',
  } = {}) =>
    `2026-11-28 00:22:13 #13880(normal) <20c228>; task; rspamd_task_write_log: id: <${id}>,${ip}${user} from: <${from}>, (default: ${verdict} [${symbols}]), len: 203, time: 14.634ms, dns req: 0, digest: <9dbd2377a69d2072dea3a3010ab0e6d3>, rcpts: <c@d.example>, mime_rcpts: <c@d.example>`

  test('a line is a verdict of its time', () => {
    expect(read('rspamd', line())).toEqual({
      time: Date.parse('2026-11-28T00:22:13') / 1000,
      address: '8.8.8.8',
      spam: false,
      weight: 1,
      undoes: false,
      reporter: 'mx1',
    })
  })

  test.each([
    [line({ ip: ' qid: <4ABC>, ip: 2001:4860::8,' }), '2001:4860::8 ham'],
    [line({ verdict: 'T (reject): [16.10/15.00]' }), '8.8.8.8 spam'],
    [line({ verdict: 'T (add header): [7.00/15.00]' }), 'no-verdict'],
    [line({ verdict: 'T (reject): [0.00/15.00]' }), 'no-verdict'],
    [line({ verdict: 'T (soft reject): [12.00/15.00]' }), 'no-verdict'],
    [line({ user: ' user: bob,' }), 'authenticated'],
    [line({ ip: '' }), 'address'],
    [line({ ip: ' ip: 10.1.2.3,' }), 'private'],
    [line({ verdict: 'F (no action): [nan/nan]' }), 'format'],
    [line().replace(/^\S+ \S+/, 'yesterday'), 'format'],
    [line().replace('rspamd_task_write_log', 'rspamd_task_write'), 'nothing'],
    ['2026-11-28 00:22:13 #1(main) <3aa6f1>; main; rspamd_main: listening', 'nothing'],
    ['', 'nothing'],
    ['\0', 'format'],
  ])('%#: %s', (text, expected) => {
    expect(lesson('rspamd', text)).toBe(expected)
  })

  test.each([
    '2026-11-28T00:22:13.125+01:00 mx rspamd[13880]: <20c228>; task; ',
    'Nov 28 00:22:13 mx /usr/bin/rspamd[13880]: 2026-11-28 00:22:13.125 #13880(rspamd_proxy) <20c228>; task; ',
    '2026-11-28T00:22:13Z 2026-11-28 00:22:13 #13880(normal) <>; task; ',
    // What rspamc has had scanned, by rspamd 3.4.
    '2026-11-28 00:22:13 #277(controller) <7a40a9>; csession; ',
    '2026-11-28 00:22:13 [notice] #23587(normal) <20c228>; task; ',
    '2026-11-28 00:22:13 (normal) <20c228>; task; ',
    'Nov 28 00:22:13 <mail.info> mx rspamd@a[1]: <20c228>; task; ',
    // journalctl -o short-full, with-unit and short-unix, of systemd 252.
    'Fri 2026-11-27 23:22:13 UTC mx rspamd[4711]: (normal) <20c228>; task; ',
    'Fri 2026-11-27 23:22:13 UTC mx rspamd.service[4711]: (normal) <20c228>; task; ',
    '1795735333.000000 mx rspamd[4711]: (normal) <20c228>; task; ',
  ])('of syslog, journald or Docker: %s', (beginning) => {
    expect(lesson('rspamd', line().replace(/^.*task; /, beginning))).toBe('8.8.8.8 ham')
  })

  test.each([
    'Nov 28 00:22:13 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[1.2.3.4]: from=<"',
    'Nov 28 00:22:13 mx postfix/smtpd[1]: <20c228>; task; ',
    'Fri 2026-11-27 23:22:13 UTC mx postfix/smtpd[1]: <20c228>; task; ',
    'Fri 2026-11-27 23:22:13 UTC mx postfix/smtpd[1]: Fri 2026-11-27 23:22:13 UTC mx rspamd[1]: <20c228>; task; ',
    '1795735333.000000 mx postfix/smtpd[1]: <20c228>; task; ',
    '2026-11-28 00:22:13 #13880(normal) <20c228>; lua; spf.lua:12: ',
    '2026-11-28 00:22:13 #13880(normal) <20c228>; lua; <20c228>; task; ',
  ])('what others log of a sender teaches nothing: %s', (beginning) => {
    expect(lesson('rspamd', line().replace(/^.*task; /, beginning))).toBe('format')
  })

  test('a line that may have been cut before rspamd’s verdict is no ham', () => {
    const forged = '"x (default: F (no action): [0.00/15.00] [], len: 3, time: 1ms'
    const cut = line({ id: `${'a'.repeat(8100)}@b`, from: forged, verdict: 'T (reject): [16.10/15.00]' })
    expect(lesson('rspamd', cut.slice(0, cut.indexOf('T (reject)') - 10))).toBe('format')
    expect(lesson('rspamd', line().replace(/\]\), len.*/, ''))).toBe('format')
    expect(
      lesson('rspamd', line({ id: `${'a'.repeat(8100)}@b`, verdict: 'T (reject): [16.10/15.00]' })),
    ).toBe('8.8.8.8 spam')
  })

  test('who writes our symbols into an address is no ham by them', () => {
    const symbols =
      'A(5.70){},FORGED_RECIPIENTS(2.00){x,ASNZONE_A(2.00),ASNZONE_B(2.00),Y(-2.00),Z(-2.00),@foo;},B(-2.00){}'
    expect(lesson('rspamd', line({ verdict: 'F (greylist): [5.70/15.00]', symbols }))).toBe('no-verdict')
  })

  test('who writes a verdict into an address is not left out by it', () => {
    const verdict = 'T (reject): [16.10/15.00]'
    const forged = '" (default: F (no action): [0.00/15.00] [" '
    expect(lesson('rspamd', line({ id: 'a\u00a0b@x', verdict }))).toBe('8.8.8.8 spam')
    expect(lesson('rspamd', line({ from: '" (default: "@b', verdict }))).toBe('8.8.8.8 spam')
    expect(lesson('rspamd', line({ from: '" (default: "@b' }))).toBe('format')
    expect(lesson('rspamd', line({ from: forged, verdict }))).toBe('format')
    expect(lesson('rspamd', line({ verdict, symbols: 'X(16.10){ (default: }' }))).toBe('8.8.8.8 spam')
    expect(lesson('rspamd', line({ verdict: 'T (reject): [nan/nan]', from: forged }))).toBe('format')
  })

  test('what asnzone has added does not count', () => {
    const symbols =
      'ASNZONE_SCORE(6.00){-60;},BAYES_SPAM(5.10){99%;},MIME_GOOD(-0.10){text/plain;},ARC_NA(0.00){}'
    const text = line({ verdict: 'T (add header): [11.00/15.00]', symbols })
    expect(lesson('rspamd', text)).toBe('no-verdict')
    expect(lesson('rspamd', text, { ownSymbols: ['OTHER'] })).toBe('8.8.8.8 spam')
    expect(lesson('rspamd', text, { ownSymbols: ['ASNZONE_SCORE', 'BAYES_SPAM'] })).toBe('no-verdict')
    const high = line({
      verdict: 'T (reject): [16.00/15.00]',
      symbols: 'BAYES_SPAM(11.00){},ASNZONE_SCORE(5.00){-60;}',
    })
    expect(lesson('rspamd', high)).toBe('8.8.8.8 spam')
  })

  test.each([
    // As logged: blanks in the id become question marks.
    [line({ id: 'x?y>,?ip:?9.9.9.9,?from:?<z@z>,?' }), '8.8.8.8 ham'],
    [line({ from: 'x>, ip: 1.2.3.4, f@b.example' }), '8.8.8.8 ham'],
    [line({ from: 'x>, (default: T (reject): [50.00/15.00] [A(1.00){}]), len: 1@b' }), 'format'],
    // As logged: what a sender writes in his name comes twice, as options of symbols.
    [
      line({
        verdict: 'T (reject): [16.00/15.00]',
        symbols:
          'BAYES_SPAM(15.70){},FORGED_SENDER(0.30){,ASNZONE_SCORE(90.00){@b.example;a@b.example;},ARC_NA(0.00){}',
      }),
      '8.8.8.8 spam',
    ],
    // In the right place, and twice; or with one that takes it back.
    [
      line({
        verdict: 'T (reject): [16.00/15.00]',
        symbols: 'BAYES_SPAM(16.00){x},ASNZONE_SCORE(8.00){,ASNZONE_SCORE(8.00){,X(-8.00){,Y(-8.00){}',
      }),
      '8.8.8.8 spam',
    ],
    [
      line({
        verdict: 'T (reject): [16.00/15.00]',
        symbols: 'BAYES_SPAM(15.70){},F(0.30){,ASNZONE_SCORE(90.00){,X(-90.00){}',
      }),
      '8.8.8.8 spam',
    ],
  ])('a sender writes what he likes: %#', (text, expected) => {
    expect(lesson('rspamd', text)).toBe(expected)
  })
})

describe('amavis', () => {
  const line = (
    what: string,
    { client = '[8.8.8.8]:41234 [8.8.8.8]', hits = '-0.5', time = 'Nov 28 00:15:00' } = {},
  ) =>
    `${time} mx amavis[4711]: (04711-01) ${what}, ${client} <a@b.example> -> <c@d.example>, Queue-ID: 4ABC, Message-ID: <x@b>, mail_id: 7Yz, Hits: ${hits}, size: 1234, queued_as: 4ABD, 321 ms`

  test.each([
    [line('Passed CLEAN {RelayedInbound}'), '8.8.8.8 ham'],
    [line('Blocked SPAM {DiscardedInbound,Quarantined}', { hits: '17.5' }), '8.8.8.8 spam'],
    [line('Passed SPAM {RelayedTaggedInbound}', { hits: '7.5' }), '8.8.8.8 spam'],
    [line('Blocked INFECTED (Eicar-Test-Signature) {DiscardedInbound}', { hits: '-' }), '8.8.8.8 spam'],
    [line('Passed SPAMMY {RelayedTaggedInbound}', { hits: '5.5' }), 'no-verdict'],
    [line('Passed CLEAN {RelayedInbound}', { hits: '4.9' }), 'no-verdict'],
    [line('Passed CLEAN {RelayedInbound}', { hits: '-' }), 'no-verdict'],
    [line('Passed CLEAN {RelayedInbound}', { hits: '4.9, Subject: "hello, Hits: -5, x"' }), 'no-verdict'],
    [line('Passed CLEAN {RelayedInbound}', { hits: '-0.5, Subject: "hello, Hits: -5, x"' }), 'no-verdict'],
    [line('Passed CLEAN {RelayedInbound}', { hits: '-0.5, Subject: "hello"' }), '8.8.8.8 ham'],
    [line('Blocked SPAM {DiscardedInbound}', { hits: '17, Subject: ", Hits: -5, x"' }), '8.8.8.8 spam'],
    [line('Passed BAD-HEADER-0 {RelayedInbound}'), 'no-verdict'],
    [line('Passed CLEAN {RelayedOutbound}'), 'authenticated'],
    [line('Passed CLEAN {RelayedInternal}'), 'authenticated'],
    [line('Passed CLEAN {RelayedInbound}', { client: 'MYNETS LOCAL [8.8.8.8]:1' }), 'authenticated'],
    [line('Passed CLEAN {RelayedInbound}', { client: '[10.0.0.1]:1' }), 'private'],
    [line('Passed CLEAN {RelayedInbound}', { client: '[IPv6:2001:4860::8]:25' }), '2001:4860::8 ham'],
    [line('Passed CLEAN {RelayedInbound}', { client: '' }), 'format'],
    [line('Passed CLEAN {RelayedInbound}', { time: 'once' }), 'format'],
    [line('Blocked BANNED (a.exe), [1.2.3.4]:1 {DiscardedInbound}'), 'format'],
    ['Nov 28 00:15:00 mx amavis[4711]: (04711-01) Checking: 7Yz [8.8.8.8] <a@b> -> <c@d>', 'nothing'],
  ])('%#: %s', (text, expected) => {
    expect(lesson('amavis', text)).toBe(expected)
  })

  // Lines of amavis 2.13.0 of Debian 12, with a log of its own instead of syslog.
  test.each([
    [
      'Nov 28 04:12:57 mx.example.org /usr/sbin/amavisd[25]: (00025-02) Passed SPAM {RelayedTaggedInbound,Quarantined}, [77.88.8.8]:49624 [77.88.8.8] <a@example.com> -> <b@example.org>, quarantine: 0/spam-0K3dTNS0utwQ.gz, Queue-ID: 7C3FA90, Message-ID: <20261128041257.000232@mx.example.org>, mail_id: 0K3dTNS0utwQ, Hits: 1000, size: 483, queued_as: BC466DB, 257 ms',
      '77.88.8.8 spam',
    ],
    [
      'Nov 28 04:12:58 mx.example.org /usr/sbin/amavisd[25]: (00025-03) Passed CLEAN {RelayedInbound}, [8.8.8.8]:49628 [8.8.8.8] <a@example.com> -> <b@example.org>, Queue-ID: 9938799, Message-ID: <20261128041257.000239@mx.example.org>, mail_id: v4NgGONZYtIA, Hits: 0, size: 457, queued_as: 1F721E3, 357 ms',
      '8.8.8.8 ham',
    ],
  ])('of a running one: %s', (text, expected) => {
    expect(lesson('amavis', text)).toBe(expected)
  })

  test.each([
    'mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[1.2.3.4]: 550 5.1.1 <v@example.org>: User unknown; from=<"x) Blocked SPAM {DiscardedInbound}, [8.8.8.8]:1 [8.8.8.8] "@evil.example> to=<v@example.org> proto=ESMTP helo=<x>',
    'mx dovecot: lmtp(v): sieve: amavis[1]: (1-1) Blocked SPAM {DiscardedInbound}, [8.8.8.8]:1 [8.8.8.8] <a@b> -> <c@d>',
    'mx postfix/amavis/smtpd[1]: (1-1) Blocked SPAM {DiscardedInbound}, [8.8.8.8]:1 [8.8.8.8] <a@b> -> <c@d>',
    'mx amavis[1]: (1-1) FWD from <"amavis[1]: (1-1) Blocked SPAM {DiscardedInbound}, [8.8.8.8]:1 [8.8.8.8] "@b> -> <c@d>',
  ])('what others log of a sender teaches nothing: %s', (rest) => {
    expect(lesson('amavis', `Nov 28 00:15:00 ${rest}`)).toBe('format')
    expect(lesson('amavis', `2026-11-28T00:15:00.125+01:00 ${rest}`)).toBe('format')
  })

  test.each([
    [
      'Blocked INFECTED ({HEX}php.base64.v23au.187.UNOFFICIAL, Sanesecurity.[heur]) {DiscardedInbound}',
      '8.8.8.8 spam',
    ],
    ['Passed CLEAN {AcceptedInbound}', '8.8.8.8 ham', ' AM.PDP-SOCK'],
    ['Passed CLEAN {AcceptedInbound}', 'authenticated', ' SMTPS/ORIGINATING'],
  ])('%s', (verdict, expected, banks = '') => {
    const text = line(verdict).replace('}, [', `},${banks} [`)
    expect(lesson('amavis', text)).toBe(expected)
    expect(lesson('amavis', text.replace(' mx ', ' <mail.notice> mx '))).toBe(expected)
  })

  test('a line that goes on in another one is no ham', () => {
    const text = line('Passed CLEAN {RelayedInbound}').replace(
      /Message-ID.*/,
      'Message-ID: <x, Hits: -5, yyyy...',
    )
    expect(lesson('amavis', text)).toBe('no-verdict')
  })

  test('what a sender writes comes too late', () => {
    const sender = '<"x, [1.2.3.4]:1 {Passed} Hits: -9, "@b.example>'
    const text = line('Blocked SPAM {DiscardedInbound}').replace('<a@b.example>', sender)
    expect(lesson('amavis', text)).toBe('8.8.8.8 spam')
  })
})

describe('message', () => {
  const mail = (...received: string[]) =>
    `${received.map((line) => `Received: ${line}`).join('\r\n')}\r\nFrom: a@b\r\nX-Originating-IP: [1.1.1.1]\r\n\r\nReceived: from x ([9.9.9.9]) by y; x\r\n`
  const date = 'Fri, 27 Nov 2026 10:00:00 +0100 (CET)'
  const lmtp = `from mx.example.org (mx.example.org [192.0.2.25])\r\n\tby imap.example.org with LMTP id 1;\r\n\t${date}`
  const first = `from evil (mail.b.example [8.8.8.8])\r\n\tby mx.example.org (Postfix) with ESMTPS id 4; ${date}`
  const forged = `from x (x [9.9.9.9]) by mail.b.example; ${date}`

  test("a person's correction counts three times and takes the machine's back", () => {
    expect(read('message', mail(lmtp, first, forged))).toEqual({
      time: Date.parse('2026-11-27T09:00:00Z') / 1000,
      address: '8.8.8.8',
      spam: true,
      weight: 3,
      undoes: true,
      reporter: 'mx1',
    })
    expect(lesson('message', mail(lmtp, first), { verdict: 'ham' })).toBe('8.8.8.8 ham')
  })

  test.each([
    [mail(first), '8.8.8.8 spam'],
    [mail(`by mx.example.org (Postfix, from userid 0) id 4; ${date}`, first), '8.8.8.8 spam'],
    [mail(`from localhost (localhost [127.0.0.1]) by mx (amavis); ${date}`, first), '8.8.8.8 spam'],
    [mail(`from pop.example.net [9.9.9.9] by mx with POP3 (fetchmail-6.4); ${date}`, first), '8.8.8.8 spam'],
    [mail(`from x (x [IPv6:2001:4860::8]) by mx; ${date}`), '2001:4860::8 spam'],
    [mail(`from x (x [8.8.8.8]) by mx with ESMTPSA id 4; ${date}`), 'authenticated'],
    [
      mail(
        `from [192.168.1.5] (dsl.example [8.8.8.8])\r\n\t(Authenticated sender: u)\r\n\tby mx with ESMTPSA id 4; ${date}`,
      ),
      'authenticated',
    ],
    [
      mail(`from [2a00:1450:4864:20::12b] (port=4123 helo=x ident=y)\r\n\tby mx with esmtp; ${date}`),
      '2a00:1450:4864:20::12b spam',
    ],
    [mail(`from x (x [10.0.0.1]) by mx; ${date}`), 'address'],
    ['Subject: none\n\nReceived: from x ([9.9.9.9]) by y', 'format'],
    ['', 'format'],
  ])('%#', (text, expected) => {
    expect(lesson('message', text)).toBe(expected)
  })

  test.each([
    // Exim, with a name of the client and without; its port and what its host calls the user.
    ['from evil.example ([8.8.8.8] helo=[1.2.3.4])', 'by mx.example.org with esmtp (Exim 4.96)'],
    ['from [8.8.8.8] (helo=[1.2.3.4])', 'by mx.example.org with esmtp (Exim 4.96)'],
    ['from [8.8.8.8]:25 (ident=[1.2.3.4] helo=[1.2.3.4])', 'by mx.example.org with esmtp (Exim 4.96)'],
    // qmail
    ['from unknown (HELO [1.2.3.4]) (8.8.8.8)', 'by mx.example.org with SMTP'],
    ['from unknown (HELO x) ([1.2.3.4]@8.8.8.8)', 'by mx.example.org with SMTP'],
    // Postfix, where a client may call itself several words, and sendmail
    ['from [1.2.3.4] by x (unknown [8.8.8.8])', 'by mx.example.org (Postfix) with ESMTP'],
    ['from [1.2.3.4] helo=x (unknown [8.8.8.8])', 'by mx.example.org (Postfix) with ESMTP'],
    ['from [1.2.3.4]\r\n (unknown [8.8.8.8])', 'by mx.example.org (Postfix) with ESMTP'],
    ['from helo=[1.2.3.4] (unknown [8.8.8.8])', 'by mx.example.org (Postfix) with ESMTP'],
    ['from getmail.evil.example (unknown [8.8.8.8])', 'by mx.example.org (Postfix) with ESMTP'],
    ['from x with POP3 with ESMTPA (unknown [8.8.8.8])', 'by mx.example.org (Postfix) with ESMTP'],
    [
      'from x (unknown [8.8.8.8])\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n\t(Client CN "[1.2.3.4]", Issuer "by x" (not verified))',
      'by mx.example.org (Postfix) with ESMTPS',
    ],
    ['from x (1-2-3-4.example [8.8.8.8] (may be forged))', 'by mx.example.org (8.18/8.18) with ESMTP'],
  ])('%s: what a client calls itself is nobody’s address', (from, by) => {
    const of = 'id 4 for <x+getmail@example.org> (envelope-from <"with POP3 with ESMTPA"@b>)'
    const received = `${from}\r\n\t${by} ${of}; ${date}`
    expect(lesson('message', mail(received, forged))).toBe('8.8.8.8 spam')
  })

  test.each([
    'from r.example ([8.8.8.8] helo=foo (x [1.2.3.4])',
    'from [8.8.8.8] (helo=foo (1.2.3.4)',
    'from [8.8.8.8] (port=41234 helo=foo (1.2.3.4)',
    'from [1.2.3.4] (port=1 helo=x (unknown [8.8.8.8])',
    'from unknown ([1.2.3.4:4711])',
    'from [8.8.8.8.8]',
    'from x',
  ])('%s: what is not sure leads nobody to what is below it', (from) => {
    const received = `${from}\r\n\tby mx.example.org with ESMTP id 4; ${date}`
    expect(lesson('message', mail(received, forged))).toBe('address')
  })

  test.each([
    ['from r.example ([8.8.8.8] helo=foo ident=x [1.2.3.4])', 'by mx with esmtp (Exim 4.96) id 1abc'],
    ['from [8.8.8.8] (helo=foo [1.2.3.4])', 'by mx with esmtp (Exim 4.96) id 1abc'],
    // As Exim 4.96 has written them, with the port of the client.
    ['from [8.8.8.8] (port=41234 helo=foo.example ident=root)', 'by mx.example with esmtp (Exim 4.96)'],
    ['from [8.8.8.8] (port=41234 ident=root)', 'by mx.example with esmtp (Exim 4.96)'],
    ['from [8.8.8.8] (port=41234 helo=[1.2.3.4])', 'by mx.example with esmtp (Exim 4.96)'],
    ['from [8.8.8.8] (port=41234)', 'by mx.example with esmtp (Exim 4.96)'],
    ['from dns.google\r\n\t([8.8.8.8]:41234 helo=x ident=root)', 'by mx.example with esmtp (Exim 4.96)'],
    ['from dns.google ([8.8.8.8]:41234 ident=root)', 'by mx.example with esmtp (Exim 4.96)'],
    ['from x (r.example [::ffff:8.8.8.8])\r\n  (IDENT: [1.2.3.4])', 'by mx with ESMTP id 4'],
    ['from 8.8.8.8 (EHLO h)', 'by mx with SMTP'],
    ['from mail.example (8.8.8.8)', 'by mx.example (10.0.0.2) with Microsoft SMTP Server'],
    ['from x (x [8.8.8.8])', 'by mx.getmail.example with ESMTP (envelope-sender <getmail@b>)'],
  ])('%s %s', (from, by) => {
    expect(lesson('message', mail(`${from}\r\n\t${by}; ${date}`, forged))).toBe('8.8.8.8 spam')
  })

  test.each([
    `from imap\r\n\tby imap with LMTP id x; ${date}`,
    `from localhost by mx; ${date}`,
    `from pop.example.net [9.9.9.9]\r\n\tby mx with IMAP4-SSL; ${date}`,
  ])('%s: it is passed over', (received) => {
    expect(lesson('message', mail(received, first))).toBe('8.8.8.8 spam')
    expect(lesson('message', `\ufeff${mail(received, first).replace(':', ' :')}`)).toBe('8.8.8.8 spam')
  })

  // As GMX folds lines, after what a client calls itself.
  const gmx = (name: string, kind = 'ESMTPS') =>
    `from ${name} ([8.8.8.8]) by mx.gmx.net (mxgmx016 [212.227.15.9]) with\n ${kind} (Nemesis) id 1M; ${date}`

  test.each([
    [gmx('x\u00a0by\u00a0(fetchmail'), '8.8.8.8 spam'],
    [gmx('x\u2003by\u2003y\u2003with LMTP'), '8.8.8.8 spam'],
    [gmx('x\rby\r(fetchmail'), '8.8.8.8 spam'],
    [gmx('x\u00a0([1.2.3.4]\u00a0helo=y'), '8.8.8.8 spam'],
    [gmx('x by (fetchmail'), 'address'],
    [gmx('x by (fetchmail id 1'), 'address'],
    [gmx('x by y with LMTP'), 'address'],
    [gmx('localhost by y'), 'address'],
    [gmx('x (y [1.2.3.4]) by z'), 'address'],
    [gmx('x (y [192.0.2.1]) by z'), 'address'],
    [gmx('x\n by (fetchmail'), 'address'],
    [gmx('x\n by (fetchmail id 1'), 'address'],
    [gmx('x'), '8.8.8.8 spam'],
    [gmx('x', 'ESMTPSA'), 'authenticated'],
    [
      `from x ([8.8.8.8])\n\tby mx with esmtp (Exim 4.96)\n\t(envelope-from <"a by b"@c>)\n\tid 1; ${date}`,
      '8.8.8.8 spam',
    ],
  ])('a client that calls itself a host leads nobody to what is below it: %j', (received, expected) => {
    expect(lesson('message', mail(received, 'from x (x [1.1.1.1]) by mail.b.example; x'))).toBe(expected)
  })

  test('a time that is none is now, and one that is ahead, too', () => {
    const at = (when: string) => read('message', mail(`from x (x [8.8.8.8]) by mx; ${when}`))
    expect(at('once')).toMatchObject({ time: NOW })
    expect(at('Fri, 27 Nov 2099 10:00:00 +0100')).toMatchObject({ time: NOW })
  })

  test('says nothing itself', () => {
    expect(lesson('message', mail(first), { verdict: null })).toBe('no-verdict')
  })
})

test('times of a log', () => {
  const iso = (line: string, now = NOW) => {
    const logged = readLogLine(line, now)
    return logged === null ? null : new Date(logged.time * 1000).toISOString()
  }
  const local = (text: string) => new Date(text).toISOString()
  expect(iso('2026-11-28T00:15:00.25+01:00 mx x')).toBe('2026-11-27T23:15:00.250Z')
  expect(iso('2026-11-28T00:15:00+0100 mx x')).toBe('2026-11-27T23:15:00.000Z')
  expect(iso('2026-11-28 00:15:00.125 #1')).toBe(local('2026-11-28T00:15:00.125'))
  expect(iso('Nov 28 00:15:00 mx x')).toBe(local('2026-11-28T00:15:00'))
  expect(iso('Nov  8 00:15:00 mx x')).toBe(local('2026-11-08T00:15:00'))
  expect(iso('Dec 31 23:59:59 mx x')).toBe(local('2025-12-31T23:59:59'))
  const newYearsEve = Date.parse('2026-12-31T23:59:00') / 1000
  expect(iso('Jan  1 00:00:01 mx x', newYearsEve)).toBe(local('2027-01-01T00:00:01'))
  // journalctl -o short-full and with-unit, of several languages and time zones, and short-unix.
  expect(iso('Tue 2026-11-03 12:00:00 UTC mx x')).toBe('2026-11-03T12:00:00.000Z')
  expect(iso('Di 2026-11-03 09:00:00 -03 mx x')).toBe('2026-11-03T12:00:00.000Z')
  expect(iso('вт. 2026-11-03 17:45:00 +0545 mx x')).toBe('2026-11-03T12:00:00.000Z')
  expect(iso('T3 2026-11-03 12:00:00 UTC mx x')).toBe('2026-11-03T12:00:00.000Z')
  expect(iso('火 2026-11-03 12:00:00.125 IST mx x')).toBe(local('2026-11-03T12:00:00.125'))
  expect(iso('1793707200.125000 mx x')).toBe('2026-11-03T12:00:00.125Z')
  expect(iso('Tue 2026-13-03 12:00:00 UTC mx x')).toBeNull()
  expect(iso('Tue Wed 2026-11-03 12:00:00 UTC mx x')).toBeNull()
  expect(iso('Tue 2026-11-03 12:00:00 of mx x')).toBeNull()
  expect(iso('1793707200 mx x')).toBeNull()
  expect(iso('Mär 03 12:00:00 mx x')).toBeNull()
  expect(iso('Dez 03 12:00:00 mx x')).toBeNull()
  expect(iso('Xyz 31 23:59:59 mx x')).toBeNull()
  expect(iso('2026-13-45T00:15:00 mx x')).toBeNull()
})

test.each(FORMATS)('%s makes something of anything', (format) => {
  const pieces = fc.constantFrom(
    '2026-11-28 00:22:13 ',
    'Nov 28 00:15:00 mx amavis[1]: (1-1) ',
    'rspamd_task_write_log: id: <',
    '>, ip: 8.8.8.8,',
    ' user: ',
    ' (default: F (no action): [1.00/15.00] [',
    'ASNZONE_X(1.00){',
    ']), len: ',
    'Passed CLEAN {RelayedInbound}, ',
    '[8.8.8.8]:1 ',
    ', Hits: ',
    'Received: from ',
    ' by mx with ESMTPS; ',
    '\r\n\r\n',
    '\n ',
  )
  const text = fc
    .array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 20 })))
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, (line) => {
      const reading = read(format, line)
      if (reading !== null && !('ignored' in reading)) expect(reading.time).toBeGreaterThanOrEqual(0)
    }),
    { numRuns: 2000 },
  )
})
