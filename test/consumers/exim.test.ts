// Exim's dnsdb lookup and DNS lists, as docs/consumers/exim.md has them, and what it does with what was learned, as
// docs/learn.md has it. Its package conflicts with Postfix and is
// unpacked instead of installed, so this sets up what its installation would have.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installCommand } from './harness/asnzone.ts'
import { describeConsumer, UNPACKED } from './harness/consumer.ts'
import { itPrints } from './harness/it-prints.ts'
import { teach } from './harness/learning.ts'
import type { Machine } from './harness/machine.ts'
import { Page } from './harness/page.ts'
import { RESOLVER_NEEDS, startMailHost } from './harness/resolver.ts'

const page = Page.read('exim')
const [scores, scoreAcl] = page.section('By score').files
const learning = Page.ofDocs('learn').section('Exim')

/** The answers to the package's questions. */
const DEBIAN_ANSWERS = `dc_eximconfig_configtype='internet'
dc_other_hostnames='example.org'
dc_local_interfaces='127.0.0.1 ; ::1'
dc_use_split_config='false'
`

describeConsumer('Exim', [...RESOLVER_NEEDS, `${UNPACKED}/sbin/exim4`], () => {
  describe('as its page configures it', () => {
    let machine: Machine
    beforeAll(async () => {
      machine = await startHost(scores.text)
      page.section('Configuration').install(machine)
      machine.append(scoreAcl.path, scoreAcl.text)
      await machine.must('update-exim4.conf')
    })
    afterAll(() => machine?.stop())

    itPrints(page.section('How to check'), () => machine)

    it('accepts a client that nothing is known of, without a header', async () => {
      const dialogue = await machine.shell('exim -bh 102.201.16.13 < /run/dialogue 2>&1')
      expect(dialogue).toMatch(/^250 Accepted$/m)
      expect(dialogue).not.toContain('check add_header')
    })
  })

  describe('with what was learned', () => {
    let machine: Machine
    beforeAll(async () => {
      machine = await startHost('learn: {}\n')
      installCommand(machine)
      learning.install(machine)
      await machine.must('update-exim4.conf')
      machine.write('/run/dialogue', DIALOGUE)
      await teach(machine, scores.path, ['77.88.8.8', 'spam'], ['8.8.8.8', 'ham'], ['193.0.6.139', 'ham'])
    })
    afterAll(() => machine?.stop())

    it('writes what it was into the message, from 10 dB on', async () => {
      const dialogue = await machine.shell('exim -bh 77.88.8.8 < /run/dialogue 2>&1')
      expect(dialogue).toMatch(/ = X-Reputation: -\d\d \| AS13238 \| 10 spam, 0 ham \| 77\.88\.8\.0\/24 \| /)
      expect(dialogue).toMatch(/^250 Accepted$/m)
    })

    it.each([
      ['ham comes from', '8.8.8.8'],
      ['nothing was learned of', '102.201.16.13'],
    ])('writes nothing of a network that %s', async (_, client) => {
      const dialogue = await machine.shell(`exim -bh ${client} < /run/dialogue 2>&1`)
      expect(dialogue).not.toContain('X-Reputation: -')
      expect(dialogue).toMatch(/^250 Accepted$/m)
    })
  })
})

const DIALOGUE = 'HELO example.com\nMAIL FROM:<a@example.com>\nRCPT TO:<root@example.org>\nQUIT\n'

/** A machine with asnzone, and with Exim as its package has it. */
async function startHost(config: string): Promise<Machine> {
  const { machine } = await startMailHost({
    over: UNPACKED,
    prepare: (host) => host.write(scores.path, config),
  })
  await machine.must('cp', ['-a', `${UNPACKED}/../etc/exim4`, '/etc/'])
  await machine.must('useradd', ['--system', '--home-dir', '/var/spool/exim4', 'Debian-exim'])
  for (const folder of ['/var/spool/exim4', '/var/log/exim4', '/var/lib/exim4', '/run/exim4']) {
    await machine.folder(folder, 'Debian-exim')
  }
  machine.write('/etc/exim4/update-exim4.conf.conf', DEBIAN_ANSWERS)
  return machine
}
