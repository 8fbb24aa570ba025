// Dovecot's IMAPSieve tells asnzone what users move to Junk and back, as docs/learn.md has it for the version
// of the host.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { installCommand, startAsnzone } from './harness/asnzone.ts'
import { describeConsumer } from './harness/consumer.ts'
import type { Daemon } from './harness/daemon.ts'
import { installDovecot, installedDovecot } from './harness/dovecot.ts'
import { Machine } from './harness/machine.ts'
import { Page } from './harness/page.ts'

const page = Page.ofDocs('learn')
const version = installedDovecot()
const scripts = page.section('What they run')

const AT = ['--config', '/etc/asnzone/asnzone.yaml', '--data-dir', '/var/lib/asnzone']

/** Dovecot waits 10 s for a program. */
const PATIENT = {
  '2.3': 'plugin {\n  sieve_pipe_exec_timeout = 60s\n}\n',
  '2.4': 'sieve_pipe_exec_timeout = 60s\n',
}

describeConsumer(`Dovecot ${version} with IMAPSieve`, ['dovecot', 'sievec', 'curl'], () => {
  let machine: Machine
  let dovecot: Daemon
  beforeAll(async () => {
    machine = await Machine.start()
    page.section('Over HTTP').installOf(machine, /asnzone\.yaml/)
    const asnzone = await startAsnzone(machine)
    await asnzone.says(/pages, /)
    installCommand(machine)
    await installDovecot(machine, version)
    page.section(`With Dovecot ${version}`).install(machine)
    scripts.install(machine)
    // A busy machine may be slower than the page's mail host.
    await machine.must('sed', ['-i', 's/ -m 5 / -m 60 /', '/etc/dovecot/sieve/asnzone-learn'])
    machine.append('/etc/dovecot/conf.d/99-asnzone-learn.conf', PATIENT[version])
    for (const { command } of scripts.shown) await machine.must('sh', ['-c', command])
    dovecot = machine.start('dovecot', ['-F'])
    await dovecot.says(/starting up/)
    const received = `Received: from client.example (client.example [77.88.8.8]) by mx.example.org; ${new Date().toUTCString()}`
    machine.write('/tmp/message', `${received}\r\nSubject: Hello\r\n\r\nHello.\r\n`)
    for (const folder of ['Junk', 'Trash']) await imap('', '--request', `CREATE ${folder}`)
    await imap('INBOX', '--upload-file', '/tmp/message')
  })
  afterAll(() => machine?.stop())

  /** Has curl do something in a mailbox. */
  const imap = (mailbox: string, ...args: string[]): Promise<string> =>
    machine.must('curl', ['-sS', '--user', 'anna:secret', ...args, `imap://127.0.0.1/${mailbox}`])

  /** What was learned of the sender's network. */
  const counts = async (): Promise<string> => {
    const text = await machine.must('asnzone', ['learn', ...AT, '--explain', '77.88.8.8'])
    return /77\.88\.8\.0\/24 +(\S+ spam +\S+ ham)/.exec(text)?.[1].replace(/ +/g, ' ') ?? text
  }

  /** How many verdicts of a kind were learned, or what stands in their place. */
  const learned = async (verdict: 'spam' | 'ham', count: number): Promise<void> => {
    const line = `asnzone_learn_verdicts_total{reporter="mx1",verdict="${verdict}"} ${count}\n`
    await vi.waitFor(
      async () => {
        const metrics = await machine.must('curl', ['-s', 'http://127.0.0.1:8053/metrics'])
        expect(metrics.includes(line), dovecot.output).toBe(true)
      },
      { timeout: 60_000, interval: 200 },
    )
  }

  describe('a message', () => {
    it('counts as spam when it is moved to Junk, and a person’s word three times', async () => {
      await imap('INBOX', '--request', 'MOVE 1 Junk')
      await learned('spam', 1)
      expect(await counts()).toBe('3.0 spam 0.0 ham')
    })

    it('counts as ham when it is moved back', async () => {
      await imap('Junk', '--request', 'MOVE 1 INBOX')
      await learned('ham', 1)
      expect(await counts()).toBe('2.4 spam 1.9 ham')
    })

    it('counts as nothing when it goes from Junk to Trash', async () => {
      await imap('INBOX', '--request', 'MOVE 1 Junk')
      await learned('spam', 2)
      await imap('Junk', '--request', 'MOVE 1 Trash')
      await imap('INBOX', '--upload-file', '/tmp/message')
      await imap('INBOX', '--request', 'MOVE 1 Junk')
      await learned('spam', 3)
      await learned('ham', 1)
    })
  })
})
