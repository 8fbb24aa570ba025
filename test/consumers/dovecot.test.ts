// Dovecot asks asnzone's policy service about logins, for IMAP and for Postfix, as docs/consumers/dovecot.md has it.
// The version is that of the host, 2.3 on Debian 12 and 2.4 on Debian 13. On Debian 12 the tree of a Debian 13
// that DOVECOT_24 names has 2.4 as well: see `npm run prove:dovecot`.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installCommand, startAsnzone } from './harness/asnzone.ts'
import { describeConsumer } from './harness/consumer.ts'
import type { Daemon } from './harness/daemon.ts'
import { type DovecotVersion, installDovecot, installedDovecot, POSTFIX_LOGINS } from './harness/dovecot.ts'
import { itPrints } from './harness/it-prints.ts'
import { Machine } from './harness/machine.ts'
import { Page } from './harness/page.ts'
import { configureSubmission, startPostfix } from './harness/submission.ts'

const page = Page.read('dovecot')

const STATE = '/var/lib/asnzone'
const CONFIG = '/etc/asnzone/asnzone.yaml'
const POLICY = 'Policy violation. Please contact your support'

const GERMANY = '193.99.144.80'
const US = '8.8.8.8'
const RUSSIA = '77.88.8.8'
const OTHERS = ['114.114.114.114', '130.59.31.80', '212.27.48.10', '133.242.0.3', '1.1.1.1']
/** One in each of ten countries. */
const TEN = [GERMANY, US, RUSSIA, ...OTHERS, '200.160.2.3', '2001:43f8:110::10']

/** What the page doesn't say: the socket for Postfix, and that nobody who has failed from an address is made to wait there. */
const MORE = `${POSTFIX_LOGINS}
# That is Dovecot's own defence, which has tests of its own.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
`

const tree = process.env.DOVECOT_24 ?? ''
const versions: readonly (readonly [DovecotVersion, string])[] = [
  [installedDovecot(), ''],
  ...(tree === '' ? [] : [['2.4', tree] as const]),
]

describeConsumer('Dovecot', ['dovecot', 'postfix', 'swaks', 'curl', 'openssl'], () => {
  describe.each(versions)('%s', (version, root) => {
    let host: Host
    beforeAll(async () => {
      host = await Host.start(version, root)
    })
    afterAll(() => host?.machine.stop())

    it('is that version', async () => {
      expect(await host.inTree('dovecot', ['--version'])).toMatch(
        new RegExp(`^${version.replace('.', '\\.')}\\.`),
      )
    })

    itPrints(page.section('How to check'), () => host.machine)

    it('25, F8: ten wrong passwords from ten countries lock nobody out', async () => {
      for (const address of TEN) expect(await host.imap('bert', address, 'wrong')).toMatch(/^< \S+ NO /m)
      expect(JSON.parse(await host.policy('show', 'bert', '--json'))).toMatchObject({
        requests: 0,
        refused: 0,
        block: null,
        ips: [],
        countries: [],
        events: [],
        failures: { count: TEN.length },
      })
      expect(await host.imap('bert', GERMANY)).toMatch(/^< \S+ OK .*Logged in/m)
    })

    it('25: the third country with the right password is refused, and the account blocked', async () => {
      expect(await host.imap('bert', US)).toMatch(/^< \S+ OK .*Logged in/m)
      expect(await host.imap('bert', RUSSIA)).toMatch(new RegExp(`^< \\S+ NO .*${POLICY}`, 'm'))
      expect(await host.imap('bert', GERMANY)).toMatch(new RegExp(`^< \\S+ NO .*${POLICY}`, 'm'))
      expect(JSON.parse(await host.policy('show', 'bert', '--json'))).toMatchObject({
        block: { reason: 'countries 3/2' },
        events: [{ source: 'dovecot', rule: 'countries', address: RUSSIA, country: 'RU' }],
      })
    })

    it('25: a login of Postfix is 535 there, and a wrong password from anywhere is nobody’s', async () => {
      for (const address of [...OTHERS, US]) {
        expect(await host.login('carl', address, 'wrong')).toMatch(/^<~\* 535 5\.7\.8 /m)
      }
      for (const address of [GERMANY, US]) expect(await host.login('carl', address)).toMatch(/^<~ {2}235 /m)
      expect(await host.login('carl', RUSSIA)).toMatch(
        new RegExp(`^<~\\* 535 5\\.7\\.8 Error: authentication failed: ${POLICY}`, 'm'),
      )
      // What Dovecot refuses for Postfix it refuses for IMAP.
      expect(await host.imap('carl', GERMANY)).toMatch(/^< \S+ NO /m)
    })

    it('logins pass while asnzone is stopped, and Dovecot says so', async () => {
      await host.stopAsnzone()
      expect(await host.imap('bert', GERMANY)).toMatch(/^< \S+ OK .*Logged in/m)
      expect(host.dovecot.output).toMatch(/Policy server HTTP error/)
    })

    it('a block outlives a restart', async () => {
      await host.startAsnzone()
      expect(await host.imap('bert', GERMANY)).toMatch(/^< \S+ NO /m)
    })

    it('asked before the password as well, nobody is blocked by guesses, and the third country is refused', async () => {
      const { machine } = host
      machine.write(CONFIG, machine.read(CONFIG).replace('  dovecot: { allow: after }\n', ''))
      await host.stopAsnzone()
      await host.startAsnzone()
      await host.without('auth_policy_check_before_auth = no\n')
      for (const address of TEN) expect(await host.imap('dora', address, 'wrong')).toMatch(/^< \S+ NO /m)
      for (const address of [GERMANY, US])
        expect(await host.imap('dora', address)).toMatch(/^< \S+ OK .*Logged in/m)
      for (const password of ['secret', 'wrong']) {
        expect(await host.imap('dora', RUSSIA, password)).toMatch(new RegExp(`^< \\S+ NO .*${POLICY}`, 'm'))
      }
      expect(await host.imap('dora', GERMANY)).toMatch(/^< \S+ OK .*Logged in/m)
      expect(JSON.parse(await host.policy('show', 'dora', '--json'))).toMatchObject({
        block: null,
        failures: { count: TEN.length },
      })
    })

    it('a webmail of a trusted network tells whom it logs in for', async () => {
      await host.with('login_trusted_networks = 127.0.0.1\n')
      for (const address of [GERMANY, US]) expect(await host.webmail('fred', address)).toMatch(/^b OK /m)
      expect(await host.webmail('fred', RUSSIA)).toMatch(new RegExp(`^b NO .*${POLICY}`, 'm'))
    })

    it.each([
      ['as a bearer token', 'Authorization: Bearer hunter2'],
      ['as X-API-Key', 'hunter2'],
    ])('the token is sent %s', async (_how, header) => {
      const { machine } = host
      machine.write(
        CONFIG,
        machine.read(CONFIG).replace(/( {2}http-token: .*\n)?$/, '  http-token: hunter2\n'),
      )
      await host.stopAsnzone()
      await host.startAsnzone()
      await host.with(`auth_policy_server_api_header = ${header}\n`)
      const user = `e${header.length}`
      for (const address of [GERMANY, US])
        expect(await host.imap(user, address)).toMatch(/^< \S+ OK .*Logged in/m)
      expect(await host.imap(user, RUSSIA)).toMatch(/^< \S+ NO /m)
      // Without it Dovecot is not answered, and lets pass.
      await host.with('')
      expect(await host.imap(user, RUSSIA)).toMatch(/^< \S+ OK .*Logged in/m)
    })
  })
})

/** A client that says where its user is, and logs in. */
const WEBMAIL = `
const [address, user] = process.argv.slice(1)
const socket = require('node:net').connect(143, '127.0.0.1')
let text = ''
socket.setEncoding('latin1').once('data', () => {
  socket.write('a ID ("x-originating-ip" "' + address + '")\\r\\nb LOGIN ' + user + ' secret\\r\\n')
})
socket.on('data', (more) => {
  text += more
  if (/^b /m.test(text)) socket.end()
})
socket.on('close', () => console.log(text))
`

const ADDED = '/etc/dovecot/conf.d/99-asnzone.conf'
const ADDED_LATER = '/etc/dovecot/conf.d/zz-more.conf'

const reloads = (log: string): number => log.match(/SIGHUP received/g)?.length ?? 0

/** A machine with asnzone, Dovecot and a Postfix whose logins it checks; all users have the same password. */
class Host {
  readonly machine: Machine
  readonly #version: DovecotVersion
  readonly #root: string
  #asnzone: Daemon | null = null
  #dovecot: Daemon | null = null

  private constructor(machine: Machine, version: DovecotVersion, root: string) {
    this.machine = machine
    this.#version = version
    this.#root = root
  }

  static async start(version: DovecotVersion, root: string): Promise<Host> {
    const host = new Host(await Machine.start({ addresses: TEN }), version, root)
    try {
      await host.#prepare()
      return host
    } catch (error) {
      await host.machine.stop()
      throw error
    }
  }

  get dovecot(): Daemon {
    if (this.#dovecot === null) throw new Error('Dovecot has not been started')
    return this.#dovecot
  }

  async #prepare(): Promise<void> {
    const { machine } = this
    await machine.must('useradd', ['--system', '--user-group', 'asnzone'])
    await machine.folder(STATE, 'asnzone')
    await machine.folder('/run/asnzone', 'asnzone')
    installCommand(machine)
    await configureSubmission(machine)
    page.section('Configuration').install(machine)
    await this.#installDovecot()
    await this.startAsnzone()
    await this.#startDovecot()
    await startPostfix(machine)
  }

  async #installDovecot(): Promise<void> {
    const { machine } = this
    if (this.#root !== '') {
      // Where Postfix looks, and where Dovecot says that it listens, are one folder.
      const shared = ['/var/spool/postfix', '/dev', '/proc', '/run', '/etc/passwd', '/etc/group']
      for (const path of shared) {
        const at = this.#root + path
        if (path.startsWith('/etc')) await machine.must('touch', [at])
        else await machine.must('mkdir', ['-p', at])
      }
      for (const path of shared) await machine.must('mount', ['--rbind', path, this.#root + path])
      machine.write(
        '/usr/local/bin/doveadm',
        `#!/bin/sh\nexec chroot ${this.#root} /usr/bin/doveadm "$@"\n`,
        0o755,
      )
    }
    await installDovecot(machine, this.#version, { more: MORE, root: this.#root })
    const [{ path, text }] = page.section(`Dovecot ${this.#version}`).files
    expect(path).toBe(ADDED)
    machine.write(this.#root + path, text)
  }

  async #startDovecot(): Promise<void> {
    const { machine } = this
    this.#dovecot =
      this.#root === ''
        ? machine.start('dovecot', ['-F'])
        : machine.start('chroot', [this.#root, 'dovecot', '-F'])
    await this.#dovecot.says(/starting up/)
  }

  /** Runs a program of Dovecot's. */
  inTree(program: string, args: readonly string[]): Promise<string> {
    return this.#root === ''
      ? this.machine.must(program, args)
      : this.machine.must('chroot', [this.#root, program, ...args])
  }

  /** Goes on without a line of the page. */
  async without(line: string): Promise<void> {
    const file = this.#root + ADDED
    const text = this.machine.read(file)
    expect(text).toContain(line)
    this.machine.write(file, text.replace(line, ''))
    await this.#reloadDovecot()
  }

  /** Goes on with settings besides those of the page. */
  async with(text: string): Promise<void> {
    this.machine.write(this.#root + ADDED_LATER, text)
    await this.#reloadDovecot()
  }

  async #reloadDovecot(): Promise<void> {
    const before = reloads(this.dovecot.output)
    await this.inTree('doveadm', ['reload'])
    await this.dovecot.says(new RegExp(`(?:SIGHUP received - reloading[^]*){${before + 1}}`))
  }

  async startAsnzone(): Promise<void> {
    this.#asnzone = await startAsnzone(this.machine, [], { user: 'asnzone' })
    await this.#asnzone.says(/geoip-policyd's REST interface on/)
  }

  async stopAsnzone(): Promise<void> {
    await this.#asnzone?.stop()
  }

  /** Runs `asnzone policy`. */
  policy(...args: string[]): Promise<string> {
    return this.machine.shell(`asnzone policy ${args.join(' ')} --config ${CONFIG} --data-dir ${STATE}`)
  }

  /** What a client at an address and the IMAP server say to each other. */
  imap(user: string, address: string, password = 'secret'): Promise<string> {
    const server = address.includes(':') ? '[::1]' : '127.0.0.1'
    return this.machine.shell(
      `curl -sv --interface ${address} --user ${user}:${password} --request NOOP imap://${server}/`,
    )
  }

  /** What a webmail on this host, for a user at an address, and the IMAP server say to each other. */
  webmail(user: string, address: string): Promise<string> {
    return this.machine.must(process.execPath, ['-e', WEBMAIL, address, user])
  }

  /** What a client at an address that logs in and the submission service say to each other. */
  login(user: string, address: string, password = 'secret'): Promise<string> {
    const auth = `--auth PLAIN --auth-user ${user} --auth-password ${password}`
    return this.machine.shell(
      `swaks --server 127.0.0.1:587 --tls ${auth} --quit-after AUTH --xclient ADDR=${address}`,
    )
  }
}
