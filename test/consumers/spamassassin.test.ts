// SpamAssassin's ASN plugin, askdns and DNSBL rules, as docs/consumers/spamassassin.md has them, and its rules on what was
// learned, as docs/learn.md has them.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { installCommand } from './harness/asnzone.ts'
import { describeConsumer } from './harness/consumer.ts'
import { itPrints } from './harness/it-prints.ts'
import { teach } from './harness/learning.ts'
import type { Machine } from './harness/machine.ts'
import { Page } from './harness/page.ts'
import { RESOLVER_NEEDS, startMailHost } from './harness/resolver.ts'

const page = Page.read('spamassassin')
const check = page.section('How to check')
const byScore = page.section('By score')
const learning = Page.ofDocs('learn').section('SpamAssassin')

const CONFIG = '/etc/asnzone/asnzone.yaml'

/** The public zones in their own shapes, each with a tag of its own. */
const PUBLIC_ZONES = `
asn_lookup origin.asn.cymru.com             _CYMRU_ _CYMRUCIDR_
asn_lookup asn.routeviews.org               _VIEWS_ _VIEWSCIDR_
asn_lookup origin.asn.spameatingmonkey.net  _MONKEY_ _MONKEYCIDR_
asn_lookup asn.rspamd.com                   _RSPAMD_ _RSPAMDCIDR_
add_header all Shapes _CYMRU_ _CYMRUCIDR_, _VIEWS_ _VIEWSCIDR_, _MONKEY_ _MONKEYCIDR_, _RSPAMD_ _RSPAMDCIDR_
header __NERD eval:check_rbl('nerd-lastexternal', 'zz.countries.nerd.dk.')
header NERD_US eval:check_rbl_sub('nerd-lastexternal', '127.0.3.72')
tflags NERD_US net
`

/** Without it, SpamAssassin waits 3 s for the last answers once others have come: too short for a busy machine. */
const PATIENCE = 'rbl_timeout 60 60\n'

describeConsumer('SpamAssassin', [...RESOLVER_NEEDS, 'spamassassin'], () => {
  let machine: Machine
  beforeAll(async () => {
    ;({ machine } = await startMailHost({
      prepare: (host) => {
        byScore.install(host)
        host.append(CONFIG, 'learn: { weight: 0 }\n')
      },
    }))
    installCommand(machine)
    learning.install(machine)
    page.section('Configuration').install(machine)
    check.install(machine)
    machine.write('/etc/spamassassin/patience.cf', PATIENCE)
  })
  afterAll(() => machine?.stop())

  itPrints(check, () => machine)

  it('knows IPv6 senders', async () => {
    const report = await reportOn('IPv6:2001:4860:4860::8888')
    expect(report).toContain('X-Spam-ASN: AS15169 2001:4860:4840::/42\n')
    expect(report).toMatch(/FROM_US {16}RBL: Sent from the USA/)
  })

  it.each([
    ['a bad score', '77.88.8.8', 'SCORE_BAD'],
    ['a bad score, IPv6', 'IPv6:2a02:6b8::feed:ff', 'SCORE_BAD'],
    ['a good score from far away', '8.8.8.8', 'FROM_FAR SCORE_GOOD'],
    ['a score that is less bad, from far away', '114.114.114.114', 'FROM_FAR'],
  ])('knows %s', async (_, address, rules) => {
    const report = await reportOn(address)
    const hits = report.match(/^ *-?\d\.\d (?:SCORE|FROM_FAR)\w* /gm) ?? []
    expect(
      hits
        .map((hit) => hit.trim().split(' ')[1])
        .sort()
        .join(' '),
    ).toBe(rules)
  })

  it('has no rule hit and an empty header for an address that nothing is known of', async () => {
    const report = await reportOn('102.201.16.13')
    expect(report).toMatch(/^X-Spam-ASN: *$/m)
    expect(report).not.toMatch(/AS_YANDEX|FROM_|SCORE_/)
  })

  it('has rules on what was learned', async () => {
    const told = async (address: string) =>
      (await reportOn(address)).match(/ REPUTATION_(?:BAD|GOOD) /g) ?? []
    await teach(machine, CONFIG, ['77.88.8.8', 'spam'], ['8.8.8.8', 'ham'], ['193.99.144.80', 'ham'])
    expect(await told('77.88.8.9')).toEqual([' REPUTATION_BAD '])
    expect(await told('8.8.8.9')).toEqual([' REPUTATION_GOOD '])
    expect(await told('114.114.114.114')).toEqual([])
  })

  it('reads the public zones in their own shapes', async () => {
    machine.write('/etc/spamassassin/public.cf', PUBLIC_ZONES)
    const report = await reportOn('8.8.8.8')
    const [, shapes] = /^X-Spam-Shapes: ((?:.*\n\t)*.*)$/m.exec(report)!
    expect(shapes.replace(/\s+/g, ' ').split(', ')).toEqual(Array(4).fill('AS15169 8.8.8.0/24'))
    expect(report).toContain('NERD_US')
  })

  /** What SpamAssassin says of the page's message, had it come from another address. */
  async function reportOn(address: string): Promise<string> {
    const message = machine.read('/run/message.eml').replace('[77.88.8.8]', `[${address}]`)
    return machine.must('spamassassin', ['-t'], { input: message })
  }
})
