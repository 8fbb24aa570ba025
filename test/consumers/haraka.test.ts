// Haraka with its asn and karma plugins, as docs/consumers/haraka.md has it.

import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { describeConsumer } from './harness/consumer.ts'
import type { Daemon } from './harness/daemon.ts'
import { itPrints } from './harness/it-prints.ts'
import type { Machine } from './harness/machine.ts'
import { Page } from './harness/page.ts'
import { RESOLVER_NEEDS, startMailHost } from './harness/resolver.ts'

const MODULES = fileURLToPath(new URL('haraka/node_modules', import.meta.url))
const HARAKA = `${MODULES}/Haraka/bin/haraka`

const page = Page.read('haraka')

describeConsumer('Haraka', [...RESOLVER_NEEDS, 'swaks', 'redis-server', HARAKA], () => {
  describe('as the page configures it', () => {
    let machine: Machine
    let asnzone: Daemon
    let haraka: Daemon
    beforeAll(async () => {
      ;({ machine, asnzone } = await startMailHost())
      await configure(machine, ['Configuration'])
      haraka = await start(machine)
    })
    afterAll(() => machine?.stop())

    itPrints(page.section('How to check'), () => machine)

    it('has no header for an address that nothing is known of', async () => {
      const headers = await deliver(machine, '102.201.16.13')
      expect(headers).toContain('Received: from client.example.com ([102.201.16.13])')
      expect(headers).not.toContain('X-Haraka-ASN')
      expect(haraka.output).toContain('queryTxt ENOTFOUND 13.16.201.102.asn.rspamd.com')
    })

    it('takes mail without the header while asnzone is away', async () => {
      await asnzone.stop()
      expect(await deliver(machine, '77.88.8.8')).not.toContain('X-Haraka-ASN')
    })
  })

  describe('with karma', () => {
    let machine: Machine
    beforeAll(async () => {
      ;({ machine } = await startMailHost())
      await configure(machine, ['Configuration', 'Karma'])
      machine.start('redis-server', ['--save', ''])
      await start(machine)
    })
    afterAll(() => machine?.stop())

    it('counts connections by AS', async () => {
      await deliver(machine, '8.8.8.8')
      await vi.waitFor(async () => {
        expect(await machine.shell('redis-cli hget as15169 connections')).toBe('1\n')
      })
    })

    it('refuses an AS that its awards condemn', async () => {
      expect(await machine.shell(send('77.88.8.8'))).toContain('554 very bad karma score: -10')
    })
  })

  describe('with every zone that it knows', () => {
    let machine: Machine
    beforeAll(async () => {
      ;({ machine } = await startMailHost())
      await configure(machine, ['Configuration', 'Other zones'])
      await start(machine)
    })
    afterAll(() => machine?.stop())

    it('reads each shape for IPv4', async () => {
      const headers = await deliver(machine, '8.8.8.8')
      expect(headersOf(headers)).toEqual([
        'X-Haraka-ASN-CYMRU: asn=15169 net=8.8.8.0/24 country=US assignor=arin date=',
        'X-Haraka-ASN-MONKEY: asn=15169 net=8.8.8.0/24 org=Google LLC date= country=US',
        'X-Haraka-ASN-ROUTEVIEWS: asn=15169 net=8.8.8.0/24',
        'X-Haraka-ASN-RSPAMD: asn=15169 net=8.8.8.0/24 country=US assignor=arin date=',
        'X-Haraka-ASN: 15169 8.8.8.0/24',
      ])
    })

    it('reads each shape for IPv6', async () => {
      const headers = await deliver(machine, '2a02:6b8::feed:ff')
      expect(headersOf(headers)).toEqual([
        'X-Haraka-ASN-CYMRU: asn=13238 net=2a02:6b8::/45 country=RU assignor=ripencc date=',
        'X-Haraka-ASN-ROUTEVIEWS: asn=13238 net=2a02:6b8::/45',
        'X-Haraka-ASN-RSPAMD: asn=13238 net=2a02:6b8::/45 country=RU assignor=ripencc date=',
        'X-Haraka-ASN: 13238 2a02:6b8::/45',
      ])
    })
  })
})

/** Sets Haraka up as its own installer does, with the page's files and enough to take and keep a message. */
async function configure(machine: Machine, sections: readonly string[]): Promise<void> {
  await machine.must('ln', ['-s', HARAKA, '/usr/local/bin/haraka'])
  await machine.must('haraka', ['-i', '/etc/haraka'])
  await machine.must('ln', ['-s', MODULES, '/etc/haraka/node_modules'])
  const config = '/etc/haraka/config'
  machine.write(`${config}/plugins`, 'rcpt_to.in_host_list\nqueue/test\n')
  machine.write(`${config}/host_list`, 'example.org\n')
  machine.write(`${config}/log.ini`, '[main]\nlevel=debug\n')
  const connection = machine.read(`${config}/connection.ini`)
  machine.write(`${config}/connection.ini`, connection.replace('hosts[] =', 'hosts[] = 127.0.0.1'))
  for (const section of sections) page.section(section).install(machine)
}

/** Starts Haraka and waits until it listens and its asn plugin has tried all its zones. */
async function start(machine: Machine): Promise<Daemon> {
  const haraka = machine.start('haraka', ['-c', '/etc/haraka'])
  await haraka.says(/Listening on/)
  await haraka.says(/registered hook data_post to asn\.add_header_asn/)
  return haraka
}

const send = (address: string): string =>
  `swaks --server 127.0.0.1 --helo client.example.com --to b@example.org ` +
  `--proxy 'TCP${address.includes(':') ? '6' : '4'} ${address} ${address.includes(':') ? '::1' : '127.0.0.1'} 4711 25'`

/** Sends a message from an address and returns what was delivered. */
async function deliver(machine: Machine, address: string): Promise<string> {
  const [, id] = /250 Message Queued \(([^)]*)\)/.exec(await machine.shell(send(address)))!
  return machine.read(`/tmp/mail_${id}.eml`)
}

const headersOf = (message: string): string[] => (message.match(/^X-Haraka-ASN.*$/gm) ?? []).sort()
