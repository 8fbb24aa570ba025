// dnsviz, which looks at a zone from its parent: what it finds wrong at a cut between two of our zones.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { startAsnzone } from './harness/asnzone.ts'
import { describeConsumer } from './harness/consumer.ts'
import { Machine } from './harness/machine.ts'

describeConsumer('dnsviz', ['dnsviz'], () => {
  let machine: Machine
  beforeAll(async () => {
    machine = await Machine.start({})
    await startAsnzone(machine)
  })
  afterAll(() => machine?.stop())

  it.each([
    ['asnzone.internal', 'geo.asnzone.internal'],
    ['asn.cymru.com', 'origin.asn.cymru.com'],
    ['countries.nerd.dk', 'us.countries.nerd.dk'],
  ])('RFC 4035 3.1.4.1: between %s and %s nothing is wrong', async (above, zone) => {
    const server = '127.0.0.1:5300'
    const probe = `dnsviz probe -4 -A -a ${above} -x ${above}+:${server} -x ${zone}:${server} ${zone}`
    expect(
      await machine.shell(
        `${probe} > /tmp/probe.json 2> /dev/null && dnsviz grok -l warning -r /tmp/probe.json`,
      ),
    ).toBe('')
  })
})
