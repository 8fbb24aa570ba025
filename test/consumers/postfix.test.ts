// Postfix's DNS list restrictions and postscreen, as docs/consumers/postfix.md has them.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { describeConsumer } from './harness/consumer.ts'
import { itPrints } from './harness/it-prints.ts'
import type { Machine } from './harness/machine.ts'
import { Page } from './harness/page.ts'
import { RESOLVER_NEEDS, startMailHost } from './harness/resolver.ts'

const page = Page.read('postfix')

/** asnzone's configuration: it weighs countries and distance. */
const [scores] = page.section('Restrictions by score').files

const US = '8.8.8.8'
const RUSSIA = '77.88.8.8'
const RUSSIA_IPV6 = '2a02:6b8::feed:ff'
const CHINA = '114.114.114.114'
const GERMANY = '193.99.144.80'
const NOWHERE = '102.201.16.13'

describeConsumer('Postfix', [...RESOLVER_NEEDS, 'postfix', 'swaks'], () => {
  describe('smtpd', () => {
    let machine: Machine
    beforeAll(async () => {
      machine = await startHost('Restrictions')
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
      machine = await startHost('Restrictions by score')
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
      machine = await startHost('postscreen')
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
      await vi.waitFor(() => expect(logOf(machine)).toContain(`DNSBL rank ${rank} for [${client}]`))
    })

    it.each([
      ['a country whose weight is lower', CHINA],
      ['a country with a negative weight', US],
      ['a country that has no weight', GERMANY],
    ])('lets %s pass', async (_, client) => {
      expect(await replyTo(machine, client)).toBe('250 2.1.5 Ok')
      await vi.waitFor(() => expect(logOf(machine)).toContain(`PASS NEW [${client}]`))
    })
  })

  describe('postscreen by score', () => {
    let machine: Machine
    beforeAll(async () => {
      machine = await startHost('postscreen by score')
      for (const { command } of page.section('postscreen').shown) await machine.must('sh', ['-c', command])
      await startPostfix(machine)
    })
    afterAll(() => machine?.stop())

    it.each([
      ['refuses a bad score', RUSSIA],
      ['adds the weights of score and country', CHINA],
    ])('%s', async (_, client) => {
      expect(await replyTo(machine, client)).toMatch(/^550 5\.7\.1 Service unavailable; client \[/)
      await vi.waitFor(() => expect(logOf(machine)).toContain(`DNSBL rank 3 for [${client}]`))
    })

    it('lets a good score pass', async () => {
      expect(await replyTo(machine, GERMANY)).toBe('250 2.1.5 Ok')
    })
  })
})

/** A machine with Postfix as Debian configures it, the page's addition, and the clients' addresses. */
async function startHost(section: string): Promise<Machine> {
  const { machine } = await startMailHost({
    addresses: [US, RUSSIA, RUSSIA_IPV6, CHINA, GERMANY, NOWHERE],
    prepare: (host) => host.write(scores.path, scores.text),
  })
  page.section(section).install(machine)
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

/** Starts it as its systemd unit does: the chroot is filled first. */
async function startPostfix(machine: Machine): Promise<void> {
  await machine.must('newaliases')
  await machine.must('/usr/lib/postfix/configure-instance.sh', ['-'])
  await machine.must('postfix', ['start'])
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
