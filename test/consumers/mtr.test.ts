// mtr's AS lookup, as docs/consumers/mtr.md has it.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeConsumer } from './harness/consumer.ts'
import { itPrints } from './harness/it-prints.ts'
import type { Machine } from './harness/machine.ts'
import { Page } from './harness/page.ts'
import { RESOLVER_NEEDS, startMailHost } from './harness/resolver.ts'

const GOOGLE = '8.8.8.8'
const GOOGLE_IPV6 = '2001:4860:4860::8888'
const NOWHERE = '102.201.16.13'

/** mtr waits for late answers after its last cycle, five seconds unless it is told. */
const IMPATIENT = { env: { MTR_OPTIONS: '--gracetime 1' } }

describeConsumer('mtr', [...RESOLVER_NEEDS, 'mtr'], () => {
  let machine: Machine
  beforeAll(async () => {
    ;({ machine } = await startMailHost({ addresses: [GOOGLE, GOOGLE_IPV6, NOWHERE] }))
  })
  afterAll(() => machine?.stop())

  itPrints(Page.read('mtr').section('How to check'), () => machine, IMPATIENT)

  it('shows question marks for a hop that nothing is known of', async () => {
    const report = await machine.shell(
      `mtr --no-dns --aslookup --report --report-cycles 1 ${NOWHERE}`,
      IMPATIENT,
    )
    expect(report).toMatch(/ AS\?\?\? +102\.201\.16\.13 /)
  })
})
