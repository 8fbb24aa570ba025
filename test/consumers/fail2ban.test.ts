// fail2ban's cymru status, as docs/consumers/fail2ban.md has it.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeConsumer } from './harness/consumer.ts'
import { itPrints } from './harness/it-prints.ts'
import type { Machine } from './harness/machine.ts'
import { Page } from './harness/page.ts'
import { RESOLVER_NEEDS, startMailHost } from './harness/resolver.ts'

const JAIL = `[DEFAULT]
banaction = dummy
[sshd]
enabled = true
backend = polling
logpath = /var/log/auth.log
`

describeConsumer('fail2ban', [...RESOLVER_NEEDS, 'fail2ban-server'], () => {
  let machine: Machine
  beforeAll(async () => {
    ;({ machine } = await startMailHost())
    machine.write('/etc/fail2ban/jail.local', JAIL)
    machine.write('/var/log/auth.log', '')
    await machine.folder('/run/fail2ban', 'root')
    await machine.start('fail2ban-server', ['-f', 'start']).says(/Server ready/)
  })
  afterAll(() => machine?.stop())

  itPrints(Page.read('fail2ban').section('How to check'), () => machine)

  it('goes on after an address that nothing is known of', async () => {
    await machine.must('fail2ban-client', ['set', 'sshd', 'banip', '102.201.16.13'])
    expect(await machine.shell('fail2ban-client status sshd cymru')).toContain(
      'Banned Country list:\tUS RU nxdomain',
    )
  })
})
