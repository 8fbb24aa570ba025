// Exim's dnsdb lookup and DNS lists, as docs/consumers/exim.md has them. Its package conflicts with Postfix and is
// unpacked instead of installed, so this sets up what its installation would have.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeConsumer, UNPACKED } from './harness/consumer.ts'
import { itPrints } from './harness/it-prints.ts'
import type { Machine } from './harness/machine.ts'
import { Page } from './harness/page.ts'
import { RESOLVER_NEEDS, startMailHost } from './harness/resolver.ts'

const page = Page.read('exim')
const [scores, scoreAcl] = page.section('By score').files

/** The answers to the package's questions. */
const DEBIAN_ANSWERS = `dc_eximconfig_configtype='internet'
dc_other_hostnames='example.org'
dc_local_interfaces='127.0.0.1 ; ::1'
dc_use_split_config='false'
`

describeConsumer('Exim', [...RESOLVER_NEEDS, `${UNPACKED}/sbin/exim4`], () => {
  let machine: Machine
  beforeAll(async () => {
    ;({ machine } = await startMailHost({
      over: UNPACKED,
      prepare: (host) => host.write(scores.path, scores.text),
    }))
    await machine.must('cp', ['-a', `${UNPACKED}/../etc/exim4`, '/etc/'])
    await machine.must('useradd', ['--system', '--home-dir', '/var/spool/exim4', 'Debian-exim'])
    for (const folder of ['/var/spool/exim4', '/var/log/exim4', '/var/lib/exim4', '/run/exim4']) {
      await machine.folder(folder, 'Debian-exim')
    }
    machine.write('/etc/exim4/update-exim4.conf.conf', DEBIAN_ANSWERS)
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
