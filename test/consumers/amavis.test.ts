// amavis after Postfix teaches asnzone by its log, as docs/learn.md has it.

import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { installCommand, startAsnzone } from './harness/asnzone.ts'
import { describeConsumer } from './harness/consumer.ts'
import { Machine } from './harness/machine.ts'
import { startPostfix } from './harness/submission.ts'

const LOG = '/var/log/amavis.log'

const SPAM = '77.88.8.8'
const HAM = '8.8.8.8'

/** What SpamAssassin takes for spam in any configuration. */
const GTUBE = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'

/** Debian's configuration, with SpamAssassin, which asks nobody here, and with a log that needs no syslogd. */
const AMAVIS = `use strict;
@bypass_spam_checks_maps = (\\%bypass_spam_checks, \\@bypass_spam_checks_acl, \\$bypass_spam_checks_re);
$sa_local_tests_only = 1;
$max_servers = 1;
$DO_SYSLOG = 0;
$LOGFILE = '${LOG}';
1;
`

describeConsumer('amavis', ['amavisd', 'postfix', 'swaks'], () => {
  let machine: Machine
  beforeAll(async () => {
    machine = await Machine.start()
    machine.write('/etc/asnzone/asnzone.yaml', 'learn: {}\n')
    const asnzone = startAsnzone(machine)
    machine.write('/etc/amavis/conf.d/50-user', AMAVIS)
    machine.write(LOG, '')
    await machine.must('chown', ['amavis:', LOG])
    await machine.folder('/run/amavis', 'amavis')
    const amavis = machine.start('amavisd', ['foreground'])
    await configurePostfix(machine)
    await asnzone
    installCommand(machine)
    await vi.waitFor(async () => {
      const { status } = await machine.run('swaks', ['--server', '127.0.0.1:10024', '--quit-after', 'EHLO'])
      expect(status, amavis.output + machine.read(LOG)).toBe(0)
    }, PATIENCE)
  })
  afterAll(() => machine?.stop())

  it('teaches spam and ham', async () => {
    await send(machine, SPAM, GTUBE)
    await send(machine, HAM, 'The report that you asked for is on its way.')
    await vi.waitFor(() => expect(machine.read(LOG).match(/ Hits: .*\n/g)).toHaveLength(2), PATIENCE)
    const at = ['--config', '/etc/asnzone/asnzone.yaml', '--data-dir', '/var/lib/asnzone']
    expect(
      await machine.must('asnzone', ['learn', ...at, '--format', 'amavis', LOG]),
      machine.read(LOG),
    ).toContain('2 verdicts learned, 1 of spam and 1 of ham; 0 ignored\n')
    expect(await machine.must('asnzone', ['learn', ...at, '--explain', SPAM])).toMatch(
      / 77\.88\.8\.0\/24 +1\.0 spam +0\.0 ham /,
    )
  })
})

const PATIENCE = { timeout: 120_000, interval: 200 }

/** Postfix that gives all mail to amavis, with the address of its client, and takes it back. */
async function configurePostfix(machine: Machine): Promise<void> {
  await machine.must('postconf', [
    '-e',
    'myhostname=mx.example.org',
    'mydestination=example.org',
    'local_recipient_maps=',
    'local_transport=discard:',
    'maillog_file=/var/log/mail.log',
    'smtpd_authorized_xclient_hosts=127.0.0.1',
    'content_filter=smtp:[127.0.0.1]:10024',
    'smtp_send_xforward_command=yes',
  ])
  await machine.must('postconf', ['-M', '127.0.0.1:10025/inet=127.0.0.1:10025 inet n - n - - smtpd'])
  await machine.must('postconf', ['-P', '127.0.0.1:10025/inet/content_filter='])
  await startPostfix(machine)
}

/** Sends a message that seems to come from an address. */
async function send(machine: Machine, client: string, body: string): Promise<void> {
  const from = [
    '--from',
    'a@example.com',
    '--helo',
    'mail.example.com',
    '--xclient',
    `ADDR=${client} NAME=mail.example.com`,
  ]
  const headers = ['--header', 'Subject: Your report', '--body', `Dear Ms B,\n\n${body}\n\nA\n`]
  await machine.must('swaks', ['--server', '127.0.0.1', '--to', 'b@example.org', ...from, ...headers])
}
