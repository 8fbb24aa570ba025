// rspamd's asn module with its default zones, and multimap, as docs/consumers/rspamd.md has them.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeConsumer } from './harness/consumer.ts'
import { itPrints } from './harness/it-prints.ts'
import type { Machine } from './harness/machine.ts'
import { Page } from './harness/page.ts'
import { RESOLVER_NEEDS, startMailHost } from './harness/resolver.ts'

const page = Page.read('rspamd')
const check = page.section('How to check')
const networks = page.section('Networks as a map')

/** rspamd compiles a matcher for all 10 000 top-level and public suffixes, for a minute: two will do here. */
const FEW_SUFFIXES = 'url_tld = "/tmp/suffixes";\ndisable_hyperscan = true;\n'

describeConsumer('rspamd', [...RESOLVER_NEEDS, 'rspamd', 'rspamc', 'curl'], () => {
  let machine: Machine
  beforeAll(async () => {
    ;({ machine } = await startMailHost({ prepare: (host) => networks.installOf(host, /asnzone/) }))
    page.section('Configuration').install(machine)
    networks.installOf(machine, /rspamd/)
    check.install(machine)
    machine.write('/etc/rspamd/local.d/options.inc', FEW_SUFFIXES)
    machine.write('/tmp/suffixes', 'com\norg\n')
    await machine.folder('/run/rspamd', '_rspamd')
    machine.start('rspamd', ['--no-fork', '--user', '_rspamd', '--group', '_rspamd'])
    await machine.must('sh', ['-c', 'until rspamc stat > /dev/null 2>&1; do :; done'])
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
    const log = machine.read('/var/log/rspamd/rspamd.log')
    expect(log).toContain('no ASN information is available for the IP address "13.16.201.102.asn.rspamd.com"')
    expect(log).not.toContain('ASN_FAIL')
  })
})
