// rspamd's asn module with its default zones, and multimap, as docs/consumers/rspamd.md has them; how rspamd teaches
// asnzone, as docs/learn.md has it.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { installCommand } from './harness/asnzone.ts'
import { describeConsumer } from './harness/consumer.ts'
import { itPrints } from './harness/it-prints.ts'
import { teach } from './harness/learning.ts'
import type { Machine } from './harness/machine.ts'
import { Page } from './harness/page.ts'
import { RESOLVER_NEEDS, startMailHost } from './harness/resolver.ts'
import { startRspamd } from './harness/rspamd.ts'

const page = Page.read('rspamd')
const check = page.section('How to check')
const networks = page.section('Networks as a map')
const teaching = Page.ofDocs('learn').section('Over HTTP')
const learned = Page.ofDocs('learn').section('rspamd')

const EXPORTER = '/etc/rspamd/local.d/metadata_exporter.conf'

/** rspamd's own log, where its package has it. */
const LOG = '/var/log/rspamd/rspamd.log'

describeConsumer('rspamd', [...RESOLVER_NEEDS, 'rspamd', 'rspamc', 'curl'], () => {
  let machine: Machine
  beforeAll(async () => {
    ;({ machine } = await startMailHost({ prepare: (host) => networks.installOf(host, /asnzone/) }))
    page.section('Configuration').install(machine)
    networks.installOf(machine, /rspamd/)
    check.install(machine)
    await startRspamd(machine)
  })
  afterAll(() => machine?.stop())

  itPrints(check, () => machine)

  describe('with a map', () => {
    beforeAll(async () => {
      const has = "rspamc --ip 77.88.8.8 symbols /run/message.eml | grep -q '^Symbol: FROM_NETWORK'"
      await machine.must('sh', ['-c', `until ${has}; do :; done`])
    })
    itPrints(networks, () => machine)

    it('asks for it by its tag', async () => {
      const head = await machine.must('curl', ['-sI', 'http://127.0.0.1:8054/cidr/AS13238.txt'])
      const [, tag] = /^etag: (\S+)/im.exec(head)!
      const again = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', `If-None-Match: ${tag}`]
      expect(await machine.must('curl', [...again, 'http://127.0.0.1:8054/cidr/AS13238.txt'])).toBe('304')
    })
  })

  it('is quiet about an address that nothing is known of', async () => {
    const result = await machine.must('rspamc', ['--ip', '102.201.16.13', 'symbols', '/run/message.eml'])
    expect(result).toContain('Action: ')
    expect(result).not.toContain('ASN')
    const log = machine.read(LOG)
    expect(log).toContain('no ASN information is available for the IP address "13.16.201.102.asn.rspamd.com"')
    expect(log).not.toContain('ASN_FAIL')
  })
})

describeConsumer('rspamd that teaches', [...RESOLVER_NEEDS, 'rspamd', 'rspamc', 'curl'], () => {
  let machine: Machine
  beforeAll(async () => {
    const host = await startMailHost({ prepare: (one) => teaching.installOf(one, /asnzone/) })
    machine = host.machine
    await host.asnzone.says(/pages, /)
    installCommand(machine)
    teaching.installOf(machine, /rspamd/)
    learned.install(machine)
    setMatcher(machine)
    // A busy machine may be slower than the page's mail host.
    await machine.must('sed', ['-i', 's/timeout = 2s/timeout = 60s/', EXPORTER])
    check.install(machine)
    machine.write('/etc/rspamd/local.d/multimap.conf', VERDICTS)
    await startRspamd(machine)
  })
  afterAll(() => machine?.stop())

  it('tells every message over HTTP', async () => {
    for (const address of [SPAM, HAM, OURS]) await scan(machine, address)
    await vi.waitFor(async () => {
      const metrics = await machine.must('curl', ['-s', 'http://127.0.0.1:8053/metrics'])
      expect(metrics).toContain('asnzone_learn_verdicts_total{reporter="mx1",verdict="spam"} 1\n')
      expect(metrics).toContain('asnzone_learn_verdicts_total{reporter="mx1",verdict="ham"} 1\n')
      expect(metrics).toContain('asnzone_learn_ignored_total{reason="no-verdict"} 1\n')
    }, PATIENCE)
    expect(await learn(machine, '--explain', SPAM)).toMatch(/ 77\.88\.8\.0\/24 +1\.0 spam +0\.0 ham /)
    expect(await learn(machine, '--explain', HAM)).toMatch(/ 8\.8\.8\.0\/24 +0\.0 spam +1\.0 ham /)
  })

  it('tells the same by its log', async () => {
    await vi.waitFor(() => expect(logged(machine)).toBe(3), PATIENCE)
    expect(await learn(machine, '--format', 'rspamd', LOG)).toContain(
      '2 verdicts learned, 1 of spam and 1 of ham; 1 ignored: 1 no-verdict\n',
    )
    const follower = machine.start('asnzone', ['learn', ...AT, '--format', 'rspamd', '--follow', LOG])
    await follower.says(/following /)
    await scan(machine, SPAM)
    await vi.waitFor(() => expect(logged(machine)).toBe(4), PATIENCE)
    await follower.stop()
    expect(follower.output).toContain('1 verdict learned, 1 of spam and 0 of ham; 0 ignored\n')
  })

  it('has symbols for what was learned', async () => {
    await teach(
      machine,
      '/etc/asnzone/asnzone.yaml',
      [SPAM, 'spam'],
      [HAM, 'ham'],
      [HAM, 'ham'],
      [OURS, 'ham'],
    )
    expect(await scan(machine, '77.88.8.9')).toContain('Symbol: ASNZONE_SUSPICIOUS (2.00)')
    expect(await scan(machine, '8.8.8.9')).toContain('Symbol: ASNZONE_WELCOME (-1.00)')
    expect(await scan(machine, '102.201.16.13')).not.toMatch(/ASNZONE_(?:SUSPICIOUS|WELCOME)/)
  })
})

const PATIENCE = { timeout: 60_000, interval: 200 }

const AT = ['--config', '/etc/asnzone/asnzone.yaml', '--data-dir', '/var/lib/asnzone']

const SPAM = '77.88.8.8'
const HAM = '8.8.8.8'
/** Whose mail has a high score by a symbol that comes from asnzone. */
const OURS = '193.99.144.80'

const VERDICTS = `TEST_SPAM { type = "ip"; map = ["${SPAM}"]; score = 20.0; }
TEST_HAM { type = "ip"; map = ["${HAM}"]; score = -10.0; }
ASNZONE_TEST { type = "ip"; map = ["${OURS}"]; score = 12.0; }
`

/** Writes the line that the page has for newer versions, where rspamd knows the setting. */
function setMatcher(machine: Machine): void {
  const [, line] = /`(returncodes_matcher = [^`]*)`/.exec(learned.text)!
  const plugins = ['/usr/share/rspamd/plugins/rbl.lua', '/usr/share/rspamd/lualib/plugins/rbl.lua']
  if (!plugins.some((plugin) => machine.read(plugin).includes('returncodes_matcher'))) return
  const path = '/etc/rspamd/local.d/rbl.conf'
  machine.write(path, machine.read(path).replace('returncodes {', `${line}\n    $&`))
}

const scan = (machine: Machine, address: string): Promise<string> =>
  machine.must('rspamc', ['--ip', address, '/run/message.eml'])

const learn = (machine: Machine, ...args: string[]): Promise<string> =>
  machine.must('asnzone', ['learn', ...AT, ...args])

/** How many messages the log tells of. */
const logged = (machine: Machine): number =>
  machine.read(LOG).match(/rspamd_task_write_log: .*\n/g)?.length ?? 0
