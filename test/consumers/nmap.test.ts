// nmap's asn-query, as docs/consumers/nmap.md has it.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeConsumer } from './harness/consumer.ts'
import { itPrints } from './harness/it-prints.ts'
import type { Machine } from './harness/machine.ts'
import { Page } from './harness/page.ts'
import { RESOLVER_NEEDS, startMailHost } from './harness/resolver.ts'

const GOOGLE = '8.8.8.8'
const GOOGLE_IPV6 = '2001:4860:4860::8888'
const NOWHERE = '102.201.16.13'

describeConsumer('nmap', [...RESOLVER_NEEDS, 'nmap'], () => {
  let machine: Machine
  beforeAll(async () => {
    ;({ machine } = await startMailHost({ addresses: [GOOGLE, GOOGLE_IPV6, NOWHERE] }))
    // nmap 7.80 to 7.93 compare a position in the packet with a length here, and read no TXT record.
    const library = '/usr/share/nmap/nselib/dns.lua'
    machine.write(library, machine.read(library).replace('while np < len do', 'while np < pos do'))
  })
  afterAll(() => machine?.stop())

  itPrints(Page.read('nmap').section('How to check'), () => machine)

  it('says so when nothing is known of an address', async () => {
    expect(await machine.shell(`nmap -sn -n --script asn-query ${NOWHERE}`)).toContain(
      '|_asn-query: No Such Name',
    )
  })
})
