// Postfix's DNS list restrictions and postscreen, as docs/consumers/postfix.md has them; what postscreen does with what was
// learned, as docs/learn.md has it.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { installCommand } from './harness/asnzone.ts'
import { describeConsumer } from './harness/consumer.ts'
import { itPrints } from './harness/it-prints.ts'
import { teach } from './harness/learning.ts'
import type { Machine } from './harness/machine.ts'
import { Page } from './harness/page.ts'
import { RESOLVER_NEEDS, startMailHost } from './harness/resolver.ts'
import { startPostfix } from './harness/submission.ts'

const page = Page.read('postfix')

/** asnzone's configuration: it weighs countries and distance. */
const [scores] = page.section('Restrictions by score').files

const learning = Page.ofDocs('learn').section('postscreen')

const US = '8.8.8.8'
const RUSSIA = '77.88.8.8'
const RUSSIA_IPV6 = '2a02:6b8::feed:ff'
const CHINA = '114.114.114.114'
const CHINA_UNTAUGHT = '202.112.0.44'
const GERMANY = '193.99.144.80'
const NOWHERE = '102.201.16.13'

describeConsumer('Postfix', [...RESOLVER_NEEDS, 'postfix', 'swaks'], () => {
  describe('smtpd', () => {
    let machine: Machine
    beforeAll(async () => {
      machine = await startHost(page.section('Restrictions'))
      await machine.must('postconf', ['-e', 'smtpd_authorized_xclient_hosts=127.0.0.1'])
      await startPostfix(machine)
    })
    afterAll(() => machine?.stop())

    itPrints(page.section('How to check'), () => machine)

    it.each([
      [
        'refuses a country by reject_rbl_client',
        RUSSIA,
        '554 5.7.1 Service unavailable; Client host [77.88.8.8] blocked using country.asnzone.internal; ru',
      ],
      [
        'does so for IPv6',
        RUSSIA_IPV6,
        '554 5.7.1 Service unavailable; Client host [2a02:6b8::feed:ff] blocked using country.asnzone.internal; ru',
      ],
      ['lets a country pass by permit_dnswl_client', US, '250 2.1.5 Ok'],
      [
        'goes on to the next restriction for other countries',
        GERMANY,
        '450 4.7.1 Client host rejected: cannot find your reverse hostname, [193.99.144.80]',
      ],
      [
        'goes on to the next restriction when there is no country',
        NOWHERE,
        '450 4.7.1 Client host rejected: cannot find your reverse hostname, [102.201.16.13]',
      ],
    ])('%s', async (_, client, reply) => {
      expect(await replyTo(machine, client)).toBe(reply)
    })

    it('has no trouble with the lookups', () => {
      expect(machine.read('/var/log/mail.log')).not.toMatch(/lookup error|warning: .*asnzone/)
    })
  })

  describe('smtpd by score', () => {
    let machine: Machine
    beforeAll(async () => {
      machine = await startHost(page.section('Restrictions by score'))
      await startPostfix(machine)
    })
    afterAll(() => machine?.stop())

    it.each([
      [
        'refuses a bad score, with the reasons',
        RUSSIA,
        '554 5.7.1 Service unavailable; Client host [77.88.8.8] blocked using score.asnzone.internal; -20 | country RU -20',
      ],
      [
        'does so for IPv6',
        RUSSIA_IPV6,
        '554 5.7.1 Service unavailable; Client host [2a02:6b8::feed:ff] blocked using score.asnzone.internal; -20 | country RU -20',
      ],
      ['lets a good score pass', GERMANY, '250 2.1.5 Ok'],
      [
        'goes on to the next restriction for a score that is less bad',
        CHINA,
        '450 4.7.1 Client host rejected: cannot find your reverse hostname, [114.114.114.114]',
      ],
      [
        'goes on to the next restriction when there is no score',
        NOWHERE,
        '450 4.7.1 Client host rejected: cannot find your reverse hostname, [102.201.16.13]',
      ],
    ])('%s', async (_, client, reply) => {
      expect(await replyTo(machine, client)).toBe(reply)
    })
  })

  describe('postscreen', () => {
    let machine: Machine
    beforeAll(async () => {
      machine = await startHost(page.section('postscreen'))
      for (const { command } of page.section('postscreen').shown) await machine.must('sh', ['-c', command])
      await startPostfix(machine)
    })
    afterAll(() => machine?.stop())

    it.each([
      [
        'refuses a country whose weight reaches the threshold',
        RUSSIA,
        '550 5.7.1 Service unavailable; client [77.88.8.8] blocked using our country policy',
        3,
      ],
      [
        'does so for IPv6',
        RUSSIA_IPV6,
        '550 5.7.1 Service unavailable; client [2a02:6b8::feed:ff] blocked using our country policy',
        3,
      ],
    ])('%s', async (_, client, reply, rank) => {
      expect(await replyTo(machine, client)).toBe(reply)
      await isLogged(machine, `DNSBL rank ${rank} for [${client}]`)
    })

    it.each([
      ['a country whose weight is lower', CHINA],
      ['a country with a negative weight', US],
      ['a country that has no weight', GERMANY],
    ])('lets %s pass', async (_, client) => {
      expect(await replyTo(machine, client)).toBe('250 2.1.5 Ok')
      await isLogged(machine, `PASS NEW [${client}]`)
    })
  })

  describe('postscreen by score', () => {
    let machine: Machine
    beforeAll(async () => {
      machine = await startHost(page.section('postscreen by score'))
      for (const { command } of page.section('postscreen').shown) await machine.must('sh', ['-c', command])
      await startPostfix(machine)
    })
    afterAll(() => machine?.stop())

    it.each([
      ['refuses a bad score', RUSSIA],
      ['adds the weights of score and country', CHINA],
    ])('%s', async (_, client) => {
      expect(await replyTo(machine, client)).toMatch(/^550 5\.7\.1 Service unavailable; client \[/)
      await isLogged(machine, `DNSBL rank 3 for [${client}]`)
    })

    it('lets a good score pass', async () => {
      expect(await replyTo(machine, GERMANY)).toBe('250 2.1.5 Ok')
    })
  })

  describe('postscreen with what was learned', () => {
    let machine: Machine
    beforeAll(async () => {
      machine = await startHost(learning, { path: scores.path, text: 'learn: {}\n' })
      installCommand(machine)
      await machine.must('postconf', ['-e', 'postscreen_greet_wait=6s'])
      for (const { command } of page.section('postscreen').shown) await machine.must('sh', ['-c', command])
      await startPostfix(machine)
    })
    afterAll(() => machine?.stop())

    it('lets a country pass whose weight does not suffice, as long as nothing was learned', async () => {
      await answers(machine, CHINA_UNTAUGHT, 'country', '127.0.0.156')
      await passes(machine, CHINA_UNTAUGHT)
    })

    it('adds what was learned to it', async () => {
      await teach(
        machine,
        scores.path,
        [CHINA, 'spam'],
        [RUSSIA, 'spam'],
        [US, 'ham'],
        [US, 'ham'],
        [GERMANY, 'ham'],
      )
      await answers(machine, CHINA, 'country', '127.0.0.156')
      await answers(machine, CHINA, 'reputation', /^127\.4\.1\.[123]\d$/)
      expect(await replyTo(machine, CHINA)).toMatch(/^550 5\.7\.1 Service unavailable; client \[/)
      await isLogged(machine, `DNSBL rank 3 for [${CHINA}]`)
    })

    it('refuses nobody for what was learned alone', async () => {
      await answers(machine, RUSSIA, 'reputation', /^127\.4\.1\.[123]\d$/)
      await passes(machine, RUSSIA)
    })
  })
})

/** Waits until the resolver has an answer, so that postscreen, which waits for none, has it at once. */
async function answers(machine: Machine, client: string, zone: string, expected: string | RegExp) {
  const name = `${client.split('.').reverse().join('.')}.${zone}.asnzone.internal`
  await vi.waitFor(
    async () => {
      const { stdout } = await machine.run('dig', ['+short', name])
      expect(stdout.trim()).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected))
    },
    { timeout: 120_000, interval: 200 },
  )
}

/** Has postscreen let a client pass. */
async function passes(machine: Machine, client: string): Promise<void> {
  expect(await replyTo(machine, client)).toBe('250 2.1.5 Ok')
  await isLogged(machine, `PASS NEW [${client}]`)
}

/** A machine with Postfix as Debian configures it, the page's addition, and the clients' addresses. */
async function startHost(
  section: Page,
  ours: Pick<typeof scores, 'path' | 'text'> = scores,
): Promise<Machine> {
  const { machine } = await startMailHost({
    addresses: [US, RUSSIA, RUSSIA_IPV6, CHINA, CHINA_UNTAUGHT, GERMANY, NOWHERE],
    prepare: (host) => host.write(ours.path, ours.text),
  })
  section.install(machine)
  await machine.must('postconf', [
    '-e',
    'myhostname=mx.example.org',
    'mydestination=example.org',
    'local_recipient_maps=',
    'maillog_file=/var/log/mail.log',
    'postscreen_greet_wait=2s',
  ])
  return machine
}

/** The reply to RCPT, for a client that connects from an address. */
async function replyTo(machine: Machine, client: string): Promise<string> {
  const server = client.includes(':') ? '::1' : '127.0.0.1'
  const dialogue = await machine.shell(
    `swaks --server ${server} --local-interface ${client} --to b@example.org --quit-after RCPT`,
  )
  const [, reply] = /-> RCPT TO:.*\n<(?:-|\*\*) +(.*)/.exec(dialogue) ?? []
  return reply ?? dialogue
}

const logOf = (machine: Machine): string => machine.read('/var/log/mail.log')

/** Resolves when Postfix has logged it. */
const isLogged = (machine: Machine, text: string): Promise<void> =>
  vi.waitFor(() => expect(logOf(machine)).toContain(text), 20_000)
