// Haraka with its plugins asn, karma and dns-list, and with a plugin of our own, as docs/consumers/haraka.md has them; what
// it does with what was learned, as docs/learn.md has it.

import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { stringify } from 'yaml'
import { temporaryFolder } from '../support/folders.ts'
import { installCommand } from './harness/asnzone.ts'
import { describeConsumer } from './harness/consumer.ts'
import type { Daemon } from './harness/daemon.ts'
import { itPrints } from './harness/it-prints.ts'
import { teach } from './harness/learning.ts'
import type { Machine } from './harness/machine.ts'
import { Page } from './harness/page.ts'
import { RESOLVER_NEEDS, startMailHost } from './harness/resolver.ts'

const MODULES = fileURLToPath(new URL('haraka/node_modules', import.meta.url))
const HARAKA = `${MODULES}/Haraka/bin/haraka`

const page = Page.read('haraka')
const FAR_AWAY = page.section('Far away, and countries')
const learning = Page.ofDocs('learn').section('Haraka')

const CITIES = '66.128.51.0,66.128.51.255,US,WA,,Seattle,,47.6062,-122.3321,\n'

/** A plugin that writes the results of others into a header. */
const TOLD = `
exports.register = function () {
  this.register_hook('data_post', 'tell')
}
exports.tell = function (next, connection) {
  const told = ['geoip', 'dns-list', 'karma'].map((name) => [name, connection.results.get(name) ?? null])
  connection.transaction.add_header('X-Told', JSON.stringify(Object.fromEntries(told)))
  next()
}
`

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

    itPrints(page.section('With the plugin asn'), () => machine)

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
      }, 20_000)
    })

    it('refuses an AS that its awards condemn', async () => {
      expect(await machine.shell(send('77.88.8.8'))).toContain('554 very bad karma score: -10')
    })
  })

  describe('with lists and the notes of haraka-plugin-geoip', () => {
    let machine: Machine
    beforeAll(async () => {
      const folder = temporaryFolder({ 'cities.csv': CITIES })
      // The /tmp of a machine has that of the host under it.
      const sources = [{ what: 'city', format: 'ip-location-db-city', from: `${folder}/cities.csv` }]
      ;({ machine } = await startMailHost({
        prepare: (host) => {
          FAR_AWAY.installOf(host, /asnzone/)
          host.append('/etc/asnzone/asnzone.yaml', stringify({ sources }))
        },
      }))
      await configure(machine, ['Configuration'])
      FAR_AWAY.installOf(machine, /plugins|dns-list/)
      page.section('The notes of haraka-plugin-geoip').install(machine)
      machine.write('/etc/haraka/plugins/told.js', TOLD)
      machine.append('/etc/haraka/config/plugins', 'told\n')
      const haraka = await start(machine)
      // The lists are in use when their test entries are found.
      await haraka.says(/enabling block zone far\.asnzone\.internal/)
      await haraka.says(/enabling block zone ru\.country\.asnzone\.internal/)
    })
    afterAll(() => machine?.stop())

    itPrints(page.section('With lists and the plugin geoip'), () => machine)

    it('tells all that the plugin tells, of a city', async () => {
      expect(await results(machine, '66.128.51.165')).toMatchObject({
        geoip: {
          continent: 'NA',
          country: 'US',
          region: 'WA',
          city: 'Seattle',
          ll: [47.6062, -122.3321],
          distance: '8118',
          range: ['66.128.51.0', '66.128.51.255'],
          asn: '7819',
          asn_org: 'Global IP Networks INC',
          too_far: true,
          human: 'NA, US, WA, Seattle, 8118km',
        },
        'dns-list': { fail: ['far.asnzone.internal'], pass: ['ru.country.asnzone.internal'] },
      })
    })

    it('leaves out what is not known, and what is not far', async () => {
      const near = await results(machine, '2a01:4f8::1')
      expect(near['dns-list']).toMatchObject({ fail: [] })
      expect(near.geoip).toMatchObject({ continent: 'EU', country: 'DE', asn: '24940' })
      for (const name of ['region', 'city', 'too_far']) expect(near.geoip).not.toHaveProperty(name)
      const unknown = await results(machine, '102.201.16.13')
      for (const name of ['country', 'll', 'range', 'asn']) expect(unknown.geoip).not.toHaveProperty(name)
    })

    it('tells nothing of a private address', async () => {
      expect(await results(machine, '10.1.2.3')).toMatchObject({ geoip: null, 'dns-list': { fail: [] } })
    })
  })

  describe('with lists, the notes, and karma', () => {
    let machine: Machine
    beforeAll(async () => {
      ;({ machine } = await startMailHost({ prepare: (host) => FAR_AWAY.installOf(host, /asnzone/) }))
      await configure(machine, ['Configuration', 'Karma'])
      FAR_AWAY.installOf(machine, /haraka/)
      page.section('The notes of haraka-plugin-geoip').install(machine)
      machine.write('/etc/haraka/plugins/told.js', TOLD)
      machine.append('/etc/haraka/config/plugins', 'told\n')
      machine.start('redis-server', ['--save', ''])
      const haraka = await start(machine)
      await haraka.says(/enabling block zone far\.asnzone\.internal/)
    })
    afterAll(() => machine?.stop())

    it('takes points of what is far away: by the distance, and by the list', async () => {
      // Karma hears of results through Redis, once it has subscribed: of a connection that is quicker it hears nothing.
      const points = async () => {
        const { karma } = await results(machine, '8.8.8.8')
        const { score, awards } = karma as { score: number; awards?: string[] }
        return { score, awards: awards?.sort() }
      }
      await expect.poll(points, { timeout: 60_000 }).toEqual({ score: -2, awards: ['001', '900'] })
    })
  })

  describe('with what was learned', () => {
    let machine: Machine
    beforeAll(async () => {
      ;({ machine } = await startMailHost({ prepare: (host) => learning.installOf(host, /asnzone/) }))
      installCommand(machine)
      await configure(machine, ['Configuration', 'Karma'])
      learning.installOf(machine, /haraka/)
      machine.write('/etc/haraka/plugins/told.js', TOLD)
      machine.append('/etc/haraka/config/plugins', 'told\n')
      machine.start('redis-server', ['--save', ''])
      const haraka = await start(machine)
      await haraka.says(/enabling block zone suspicious\.asnzone\.internal/)
      await teach(machine, '/etc/asnzone/asnzone.yaml', ['9.9.9.9', 'spam'], ['8.8.8.8', 'ham'])
    })
    afterAll(() => machine?.stop())

    it('takes a point from a network that spam comes from', async () => {
      // Karma hears of results through Redis, once it has subscribed: of a connection that is quicker it hears nothing.
      const told = async () => {
        const { karma, ...other } = await results(machine, '9.9.9.10')
        return { awards: (karma as { awards?: string[] }).awards, list: other['dns-list'] }
      }
      await expect.poll(told, { timeout: 60_000 }).toMatchObject({
        awards: ['901'],
        list: { fail: ['suspicious.asnzone.internal'] },
      })
    })

    it('takes none from others', async () => {
      for (const client of ['8.8.8.9', '102.201.16.13']) {
        expect((await results(machine, client))['dns-list']).toMatchObject({ fail: [] })
      }
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

/** What the plugins geoip, dns-list and karma have found out about an address. */
async function results(machine: Machine, address: string): Promise<Record<string, object | null>> {
  const [, told] = /^X-Told: (.*(?:\r?\n[ \t].*)*)/m.exec(await deliver(machine, address))!
  return JSON.parse(told.replace(/\r?\n[ \t]+/g, ' ')) as Record<string, object | null>
}

const headersOf = (message: string): string[] => (message.match(/^X-Haraka-ASN.*$/gm) ?? []).sort()
