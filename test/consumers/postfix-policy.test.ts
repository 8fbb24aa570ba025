// Postfix's submission service asks asnzone's policy service, as docs/consumers/postfix.md has it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installCommand, startAsnzone } from './harness/asnzone.ts'
import { describeConsumer } from './harness/consumer.ts'
import type { Daemon } from './harness/daemon.ts'
import { installDovecot, installedDovecot, POSTFIX_LOGINS } from './harness/dovecot.ts'
import { itPrints } from './harness/it-prints.ts'
import { Machine } from './harness/machine.ts'
import { Page } from './harness/page.ts'
import { configureSubmission, startPostfix } from './harness/submission.ts'

const page = Page.read('postfix')
const INET = 'Accounts that send from too many places'
const UNIX = 'Accounts by a Unix socket'

const STATE = '/var/lib/asnzone'
const CONFIG = '/etc/asnzone/asnzone.yaml'
/** Where nobody listens. */
const NO_REDIS = 'redis://127.0.0.1:6379'

const GERMANY = '193.99.144.80'
const US = '8.8.8.8'
const RUSSIA = '77.88.8.8'

const PASSES = ['250 2.1.5 Ok']
const REFUSED =
  '554 5.7.1 <b@example.net>: Recipient address rejected: Policy violation. Please contact your support'
const UNAVAILABLE = '451 4.3.5 <b@example.net>: Recipient address rejected: Server configuration problem'

describeConsumer('Postfix with the policy service', ['postfix', 'swaks', 'dovecot', 'openssl'], () => {
  describe('over TCP', () => {
    let host: Host
    beforeAll(async () => {
      host = await Host.start(INET)
    })
    afterAll(() => host?.machine.stop())

    itPrints(page.section('How to check accounts'), () => host.machine)

    it('a wrong password is counted for nobody', async () => {
      for (const address of [GERMANY, US, RUSSIA]) {
        const dialogue = await host.swaks('eve', address, '--auth-password wrong')
        expect(dialogue).toMatch(/^<~\* 535 5\.7\.8 /m)
      }
      expect(await host.policy('show', 'eve')).toBe('asnzone: nothing is known of eve\n')
    })

    it('all recipients of a message have the same answer, and count as one', async () => {
      expect(await host.replies('carol', GERMANY, 'b@example.net,c@example.net,d@example.net')).toEqual([
        ...PASSES,
        ...PASSES,
        ...PASSES,
      ])
      expect(await host.replies('carol', US)).toEqual(PASSES)
      const [first, ...others] = await host.replies(
        'carol',
        RUSSIA,
        'b@example.net,c@example.net,d@example.net',
      )
      expect(first).toBe(REFUSED)
      expect(others).toEqual(['c', 'd'].map((name) => REFUSED.replace('<b@', `<${name}@`)))
      const account = JSON.parse(await host.policy('show', 'carol', '--json'))
      expect(account).toMatchObject({ requests: 3, refused: 1, events: [{ rule: 'countries' }] })
    })

    it('an account that is blocked is refused everywhere, and others are not', async () => {
      for (const address of [GERMANY, US]) expect(await host.replies('dave', address)).toEqual(PASSES)
      for (const address of [RUSSIA, GERMANY, US])
        expect(await host.replies('dave', address)).toEqual([REFUSED])
      expect(await host.replies('erin', RUSSIA)).toEqual(PASSES)
    })

    it('mail passes while asnzone is stopped, and Postfix says so in its log', async () => {
      await host.stopAsnzone()
      expect(await host.replies('frank', GERMANY)).toEqual(PASSES)
      expect(host.machine.read('/var/log/mail.log')).toMatch(
        /warning: problem talking to server 127\.0\.0\.1:4646/,
      )
    })

    it('without default_action clients are told to come back', async () => {
      const { machine } = host
      machine.write(MAIN_CF, machine.read(MAIN_CF).replace(', default_action=DUNNO', ''))
      await machine.must('postfix', ['reload'])
      expect(await host.replies('frank', GERMANY)).toEqual([UNAVAILABLE])
    })

    it('a block outlives a restart', async () => {
      await host.startAsnzone()
      expect(await host.replies('dave', GERMANY)).toEqual([REFUSED])
    })

    it.each([
      ['dunno', PASSES],
      ['defer', ['450 4.7.1 <b@example.net>: Recipient address rejected: Service temporarily not available']],
      ['close', [UNAVAILABLE]],
    ])('on-error: %s, while the store is not available', async (onError, replies) => {
      await host.stopAsnzone()
      const [{ text }] = page.section(INET).files
      host.machine.write(CONFIG, `${text}  store: ${NO_REDIS}\n  on-error: ${onError}\n`)
      await host.startAsnzone()
      expect(await host.replies('grace', GERMANY)).toEqual(replies)
    })
  })

  describe('over a Unix socket', () => {
    let host: Host
    beforeAll(async () => {
      host = await Host.start(UNIX)
    })
    afterAll(() => host?.machine.stop())

    it('a chrooted smtpd is answered', async () => {
      expect(await host.machine.must('postconf', ['-F', '-h', 'submission/inet/chroot'])).toBe('y\n')
      for (const address of [GERMANY, US]) expect(await host.replies('anna', address)).toEqual(PASSES)
      expect(await host.replies('anna', RUSSIA)).toEqual([REFUSED])
    })

    it('nobody else may connect', async () => {
      const socket = '/var/spool/postfix/asnzone/policy.sock'
      expect(await host.machine.must('stat', ['-c', '%U %G %a', socket])).toBe('asnzone postfix 660\n')
      const { status } = await host.machine.run('setpriv', [
        ...['--reuid=nobody', '--regid=nogroup', '--clear-groups'],
        ...['test', '-e', socket],
      ])
      expect(status).toBe(1)
    })
  })
})

const MAIN_CF = '/etc/postfix/main.cf'

/** A machine with asnzone, Postfix and a submission service whose logins Dovecot knows: all have the same password. */
class Host {
  readonly machine: Machine
  #asnzone: Daemon | null = null

  private constructor(machine: Machine) {
    this.machine = machine
  }

  /** Makes one with what a section of the page says. */
  static async start(section: string): Promise<Host> {
    const host = new Host(await Machine.start())
    try {
      await host.#prepare(section)
      return host
    } catch (error) {
      await host.machine.stop()
      throw error
    }
  }

  async #prepare(section: string): Promise<void> {
    const { machine } = this
    await machine.must('useradd', ['--system', '--user-group', 'asnzone'])
    await machine.folder(STATE, 'asnzone')
    await machine.folder('/run/asnzone', 'asnzone')
    installCommand(machine)
    await configureSubmission(machine)
    await startDovecot(machine)
    page.section(section).install(machine)
    // The page has the line of the submission service in the first section.
    for (const { command } of [...page.section(INET).shown, ...page.section(section).shown]) {
      await machine.must('sh', ['-c', command])
    }
    await this.startAsnzone()
    await startPostfix(machine)
  }

  async startAsnzone(): Promise<void> {
    this.#asnzone = await startAsnzone(this.machine, [], { user: 'asnzone' })
  }

  async stopAsnzone(): Promise<void> {
    await this.#asnzone?.stop()
  }

  /** Runs `asnzone policy`. */
  policy(...args: string[]): Promise<string> {
    return this.machine.shell(`asnzone policy ${args.join(' ')} --config ${CONFIG} --data-dir ${STATE}`)
  }

  /** What a client that logs in from an address and Postfix say to each other. */
  swaks(user: string, address: string, options = ''): Promise<string> {
    const login = `--tls --auth-user ${user} --auth-password secret --from anna@example.org`
    return this.machine.shell(
      `swaks --server 127.0.0.1:587 ${login} --to b@example.net --quit-after RCPT --xclient ADDR=${address} ${options}`,
    )
  }

  /** The reply to each RCPT of a message. */
  async replies(user: string, address: string, to = 'b@example.net'): Promise<string[]> {
    const dialogue = await this.swaks(user, address, `--to ${to}`)
    const replies = [...dialogue.matchAll(/~> RCPT TO:.*\n<~[* ] +(.*)/g)].map(([, reply]) => reply)
    return replies.length === 0 ? [dialogue] : replies
  }
}

/** Starts Dovecot for nothing but logins. */
async function startDovecot(machine: Machine): Promise<void> {
  await installDovecot(machine, installedDovecot(), { more: `protocols =\n${POSTFIX_LOGINS}` })
  await machine.start('dovecot', ['-F']).says(/starting up/)
}
