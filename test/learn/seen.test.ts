// What a stream had to do with its format: a quiet night is no fault, a log of another kind is.

import { expect, test } from 'vitest'
import { TOO_LONG } from '../../src/learn/lines.ts'
import type { Format } from '../../src/learn/readers/formats.ts'
import type { ReaderOptions } from '../../src/learn/readers/reader.ts'
import { READERS } from '../../src/learn/readers/readers.ts'
import { Seen } from '../../src/learn/seen.ts'

const NOW = Date.parse('2026-11-28T01:00:00Z') / 1000

const OPTIONS: ReaderOptions = {
  reporter: 'mx1',
  now: NOW,
  spam: 10,
  ham: 2,
  ownSymbols: [],
  verdict: null,
  trusted: [],
}

/** What is said of these lines. */
function judgement(format: Format, lines: readonly string[]): string {
  const seen = new Seen(READERS[format])
  for (const line of lines) seen.note(line, READERS[format].read(line, OPTIONS), NOW)
  return seen.judgement
}

const NGINX = '8.8.8.8 - - [28/Nov/2026:00:15:00 +0000] "GET / HTTP/1.1" 200 5'
const POSTFIX = 'Nov 28 00:15:00 mx postfix/smtpd[1]: connect from unknown[8.8.8.8]'
const TASK =
  'rspamd_task_write_log: id: <a@b>, ip: 10.0.0.1, from: <a@b>, (default: T (reject): [16.00/15.00] []'
const VERDICT = `Nov 28 00:15:00 mx rspamd[1]: <20c228>; task; ${TASK}), len: 203, time: 1ms`
const AMAVIS = '(1-1) Passed CLEAN {RelayedInbound}, [10.0.0.1]:1 [10.0.0.1] <a@b> -> <c@d>, Hits: 0.1, 3 ms'
// What a sender has Postfix log.
const FORGED = `Nov 28 00:15:00 mx postfix/smtpd[1]: reject: from=<"<20c228>; task; ${TASK}"@b>`
const FORGED_AMAVIS = `Nov 28 00:15:00 mx postfix/smtpd[1]: reject: from=<"${AMAVIS}"@b>`

test.each<[string, Format, readonly string[]]>([
  // Nothing at all, and nothing on a quiet night.
  ['right', 'rspamd', []],
  ['right', 'rspamd', ['', ' ']],
  ['right', 'rspamd', ['2026-11-28 00:22:13 #1(main) <3aa6f1>; main; rspamd_main: listening', NGINX]],
  ['right', 'rspamd', [POSTFIX, 'Nov 28 00:15:00 mx rspamd[1]: <3aa6f1>; main; rspamd_main: listening']],
  ['right', 'amavis', [POSTFIX, 'Nov 28 00:15:00 mx amavis[4711]: starting. /usr/sbin/amavisd at mx']],
  ['right', 'amavis', ['Nov 28 04:12:57 mx /usr/sbin/amavisd[25]: (00025-02) Checking: 7Yz']],
  ['right', 'plain', ['# nothing today']],
  ['right', 'rspamd', ['-- No entries --']],
  ['right', 'amavis', ['-- No entries --', '-- cursor: s=4f;i=1;b=2;m=3;t=4;x=5']],
  ['right', 'amavis', ['-- Boot 6a1d5d0f7a2c4a0b9f0b8c7d6e5f4a3b --']],
  [
    'right',
    'plain',
    ['-- Logs begin at Mon 2026-11-02 08:00:00 UTC, end at Sat 2026-11-28 00:15:00 UTC. --'],
  ],
  ['wrong', 'plain', ['-- No entries --', NGINX]],
  // What teaches nothing shows that it is right all the same.
  ['right', 'rspamd', [NGINX, VERDICT]],
  ['right', 'amavis', [NGINX, `Nov 28 00:15:00 mx amavis[1]: ${AMAVIS}`]],
  ['right', 'plain', ['nonsense', '1795767300 10.0.0.1 spam']],
  // The log of a system.
  ['others', 'rspamd', [POSTFIX]],
  ['others', 'amavis', [POSTFIX, NGINX]],
  ['others', 'rspamd', [FORGED, TOO_LONG]],
  ['others', 'amavis', [FORGED_AMAVIS]],
  ['others', 'rspamd', ['2026-11-28T00:15:00.125+01:00 mx systemd[1]: Started it.']],
  // Times of a language that isn't known, and a `log_format` of one's own.
  ['unread', 'rspamd', [VERDICT.replace('Nov', 'Mär')]],
  ['unread', 'amavis', [POSTFIX, `Mär  1 00:15:00 mx amavis[1]: ${AMAVIS}`]],
  ['unread', 'rspamd', [POSTFIX, VERDICT.replace('(default:', '(')]],
  ['wrong', 'rspamd', [NGINX]],
  ['wrong', 'amavis', [NGINX, '2026-11-28 00:22:13 #1(main) <3aa6f1>; main; rspamd_main: listening']],
  ['wrong', 'rspamd', [TOO_LONG]],
  ['wrong', 'plain', ['# a log', NGINX]],
  ['wrong', 'plain', [POSTFIX]],
])('%s: %s of %j', (expected, format, lines) => {
  expect(judgement(format, lines)).toBe(expected)
})
