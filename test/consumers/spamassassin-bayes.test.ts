// SpamAssassin's own reputation of networks: the announced prefix among the tokens of Bayes, as docs/learn.md has it.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeConsumer } from './harness/consumer.ts'
import { itPrints } from './harness/it-prints.ts'
import type { Machine } from './harness/machine.ts'
import { Page } from './harness/page.ts'
import { RESOLVER_NEEDS, startMailHost } from './harness/resolver.ts'

const page = Page.read('spamassassin')
const recipe = Page.ofDocs('learn').section("SpamAssassin's own reputation")

const CONFIG = `
# Without it, SpamAssassin waits 3 s for the last answers once others have come: too short for a busy machine.
rbl_timeout 60 60
# One message of each kind is enough to judge by, and what is learned is what the test says.
bayes_path /var/lib/bayes/bayes
bayes_min_spam_num 1
bayes_min_ham_num 1
bayes_auto_learn 0
add_header all Tokens _SPAMMYTOKENS(50,compact)_
`

describeConsumer("SpamAssassin's Bayes", [...RESOLVER_NEEDS, 'spamassassin', 'sa-learn'], () => {
  let machine: Machine
  beforeAll(async () => {
    ;({ machine } = await startMailHost())
    page.section('Configuration').install(machine)
    page.section('How to check').install(machine)
    recipe.install(machine)
    await machine.folder('/var/lib/bayes', 'root')
    machine.write('/etc/spamassassin/bayes.cf', CONFIG)
  })
  afterAll(() => machine?.stop())

  itPrints(recipe, () => machine)

  it('is known to SpamAssassin', async () => {
    expect(await machine.shell('spamassassin --lint')).toBe('')
  })

  it.each([
    ['77.88.8.8', 'AS13238 77.88.8.0/21', '77.88.9.9', ['asn:13238', 'network:77.88.8.0']],
    [
      'IPv6:2001:4860:4860::8888',
      'AS15169 2001:4860:4840::/42',
      'IPv6:2001:4860:4866::1',
      ['asn:15169', 'network:4840'],
    ],
  ])('tells by mail of %s who its neighbour is', async (sender, network, neighbour, tokens) => {
    await machine.must('sa-learn', ['--clear'])
    const spam = await judged(message(sender, 'Hello'))
    expect(spam).toContain(`X-Spam-ASN: ${network}\n`)
    await learn('--spam', spam)
    await learn('--ham', await judged(message('193.99.144.80', 'Good day to all of you')))
    const told = await judged(message(neighbour, 'Something else'))
    for (const token of tokens) expect(told).toContain(`-Hx-${token}`)
  })

  /** A message of an address, which says something. */
  const message = (address: string, text: string): string =>
    machine
      .read('/run/message.eml')
      .replace('[77.88.8.8]', `[${address}]`)
      .replace('.4711@', `.${address}@`)
      .replace('\n\nHello.', `\n\n${text}.`)

  const judged = (text: string): Promise<string> => machine.must('spamassassin', [], { input: text })

  const learn = (kind: string, text: string): Promise<string> =>
    machine.must('learn-with-network', [kind], { input: text })
})
