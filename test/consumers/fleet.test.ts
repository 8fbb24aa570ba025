// The configs of docs/fleet.md, run by the programs that they are for.

import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { installCommand, startAsnzone } from './harness/asnzone.ts'
import { describeConsumer } from './harness/consumer.ts'
import type { Daemon } from './harness/daemon.ts'
import { ROOT_SERVERS, startInternet } from './harness/internet.ts'
import { Machine } from './harness/machine.ts'
import { Page } from './harness/page.ts'
import { RESOLVER_NEEDS, startUnbound } from './harness/resolver.ts'

const page = Page.ofDocs('fleet')
const NAME = '8.8.8.8.geo.asnzone.internal'

describeConsumer('dnsdist', ['dnsdist'], () => {
  /** Clients of two networks that are allowed, of one that isn't, and one over IPv6. */
  const [ONE, TWO, STRANGER, SIX] = ['198.51.100.7', '198.51.101.7', '203.0.113.9', '2001:db8:1::7']
  const FRONT = '192.0.2.53'
  const LOG = '/var/log/queries'
  let machine: Machine
  let first: Daemon

  beforeAll(async () => {
    machine = await Machine.start({
      addresses: [FRONT, '2001:db8::53', '192.0.2.10', '192.0.2.11', ONE, '198.51.100.8', TWO, STRANGER, SIX],
    })
    page.section('dnsdist in front').install(machine)
    const slip = ['--rate-limit-slip', '1', '--rate-limit-window', '1']
    const limits = ['--rate-limit', '1', ...slip, '--rate-limit-exempt', FRONT]
    first = await startAsnzone(machine, [...limits, '--query-log', LOG])
    const dnsdist = machine.start('dnsdist', ['--supervised', '--config', '/etc/dnsdist/dnsdist.conf'])
    await dnsdist.says(/Marking downstream .*192\.0\.2\.10:5300.* as 'up'/)
  })
  afterAll(() => machine?.stop())

  const dig = (from: string, ...args: readonly string[]): Promise<string> => {
    const server = from.includes(':') ? '@2001:db8::53' : `@${FRONT}`
    return machine.must('dig', [server, '-b', from, '+tries=3', '+time=5', NAME, 'TXT', ...args])
  }

  it('asks whom it comes from, over UDP and TCP, IPv4 and IPv6', async () => {
    for (const how of ['+notcp', '+tcp']) {
      for (const client of [ONE, SIX]) expect(await dig(client, how), client).toContain('15169 | Google LLC')
      expect(await dig(STRANGER, how)).toContain('status: REFUSED')
    }
  })

  it('has cookies that are those of the client', async () => {
    const cookieOf = (output: string): string => /COOKIE: ([\da-f]+)/.exec(output)![1]
    const cookie = cookieOf(await dig(TWO, '+cookie=0102030405060708'))
    expect(cookie).toMatch(/^0102030405060708[\da-f]{32}$/)
    expect(cookieOf(await dig(TWO, `+cookie=${cookie}`))).toBe(cookie)
    expect(cookieOf(await dig(SIX, `+cookie=${cookie}`))).not.toBe(cookie)
  })

  it('limits replies by client', async () => {
    machine.write('/tmp/questions', `${NAME} TXT\n`.repeat(40))
    const cutOf = async (from: string): Promise<number> => {
      const batch = ['-b', from, '+ignore', '+nocookie', '+tries=2', '+time=5', '-f', '/tmp/questions']
      const output = await machine.must('dig', [`@${FRONT}`, ...batch])
      return [...output.matchAll(/flags: qr tc/g)].length
    }
    expect(await cutOf('198.51.100.8')).toBeGreaterThan(10)
    // One reply a second is its own, whatever the other gets.
    await vi.waitFor(
      async () => {
        expect(await dig(TWO, '+ignore', '+nocookie')).toContain('15169 | Google LLC')
      },
      { timeout: 30_000, interval: 3000 },
    )
  })

  it('is in no line of the query log but those of its health checks', async () => {
    const lines = await vi.waitFor(() => {
      const found = machine.read(LOG).split('\n')
      for (const client of [ONE, TWO, STRANGER, SIX]) {
        expect(
          found.some((line) => line.split(' ')[1] === client),
          client,
        ).toBe(true)
      }
      return found
    }, 20_000)
    const own = lines.filter((line) => line.split(' ')[1] === FRONT)
    expect(own.length).toBeGreaterThan(0)
    expect(own.filter((line) => !/ udp asnzone\.internal SOA IN NOERROR answer /.test(line))).toEqual([])
  })

  it('goes on with the other asnzone when one ends', async () => {
    const listen = ['--listen', '127.0.0.1:5301', '--listen', '192.0.2.11:5300']
    await startAsnzone(machine, [...listen, '--data-dir', '/var/lib/asnzone-2'])
    await first.stop()
    await vi.waitFor(async () => expect(await dig(ONE, '+tries=1')).toContain('15169 | Google LLC'), 60_000)
  })
})

/** An asnzone on an address of the machine, beside the loopback address that its start is told by. */
const asnzoneOn = (machine: Machine, address: string, port: number): Promise<Daemon> => {
  const own = ['--listen', `127.0.0.1:${port}`, '--listen', address, '--data-dir', `/var/lib/asnzone-${port}`]
  return startAsnzone(machine, [...own, '--allow', '127.0.0.0/8,192.0.2.0/24'])
}

describeConsumer('central resolvers', RESOLVER_NEEDS, () => {
  let machine: Machine
  let first: Daemon
  beforeAll(async () => {
    machine = await Machine.start({ addresses: [...ROOT_SERVERS, '192.0.2.10', '192.0.2.11'] })
    const anchor = await startInternet(machine)
    first = await asnzoneOn(machine, '192.0.2.10:5300', 5301)
    await asnzoneOn(machine, '192.0.2.11:5300', 5302)
    page.section('Central resolvers').install(machine)
    await startUnbound(machine, anchor)
  })
  afterAll(() => machine?.stop())

  const ask = (): Promise<string> => machine.must('dig', ['+short', '+tries=1', '+time=5', NAME, 'TXT'])

  it('answer by either asnzone, and by the one that is left', async () => {
    expect(await ask()).toContain('15169 | Google LLC')
    await first.stop()
    await vi.waitFor(async () => expect(await ask()).toContain('15169 | Google LLC'), 60_000)
  })
})

describeConsumer('rbldnsd, Knot and BIND of a fleet', ['rbldnsd', 'knotd', 'named'], () => {
  let machine: Machine
  beforeAll(async () => {
    machine = await Machine.start({ addresses: ['192.0.2.10', '192.0.2.20'] })
    installCommand(machine)
  })
  afterAll(() => machine?.stop())

  /** Runs the exports of a section; the data are the embedded ones, which need no update. */
  const exportAs = async (title: string): Promise<void> => {
    const commands = page
      .section(title)
      .script.split('\n')
      .filter((line) => line.startsWith('asnzone export'))
    expect(commands.length).toBeGreaterThan(0)
    await machine.must('sh', ['-ec', commands.join('\n')])
  }

  it('rbldnsd has the zones', async () => {
    await machine.must('mkdir', ['-p', '/srv/rbldns'])
    await exportAs('A fleet of rbldnsd')
    const sets = /`(asn\.rspamd\.com:\S+ \S+)`/.exec(page.section('A fleet of rbldnsd').text)![1].split(' ')
    const how = [
      '-n',
      '-q',
      '-p',
      '/run/rbldnsd.pid',
      '-r',
      '/srv/rbldns',
      '-b',
      '127.0.0.1/5301',
      '-u',
      'rbldns',
    ]
    machine.start('rbldnsd', [...how, ...sets])
    await vi.waitFor(async () => {
      const output = await machine.must('dig', [
        '@127.0.0.1',
        '-p',
        '5301',
        '+short',
        '8.8.8.8.asn.rspamd.com',
        'TXT',
      ])
      expect(output).toBe('"15169|8.8.8.0/24|US|arin|"\n')
    }, 60_000)
  })

  it('BIND learns the zones from the catalog of Knot', async () => {
    await machine.must('install', ['-d', '-o', 'knot', '/run/knot', '/var/lib/knot', '/var/lib/knot/asnzone'])
    await exportAs('A fleet of Knot and BIND')
    await machine.must('chown', ['-R', 'knot:knot', '/var/lib/knot'])
    page.section('A fleet of Knot and BIND').install(machine)
    machine.start('knotd', ['-c', '/etc/knot/knot.conf'])
    machine.start('named', ['-f', '-g', '-u', 'bind', '-c', '/etc/bind/named.conf'])
    for (const zone of ['li.country.asnzone.internal', 'va.country.asnzone.internal']) {
      await vi.waitFor(async () => {
        const output = await machine.run('dig', ['@192.0.2.20', '+tries=1', '+short', zone, 'SOA'])
        expect(output.stdout).toMatch(/^localhost\. nobody\.invalid\. \d+ /)
      }, 90_000)
    }
  })
})

describeConsumer('anycast', ['bird', 'birdc'], () => {
  let machine: Machine
  beforeAll(async () => {
    machine = await Machine.start({ addresses: ['192.0.2.10', '192.0.2.53'] })
    installCommand(machine)
    page.section('Anycast').install(machine)
    await machine.must('mkdir', ['-p', '/run/bird'])
    machine.start('bird', ['-f', '-c', '/etc/bird/bird.conf'])
    machine.start('sh', ['/usr/local/sbin/asnzone-anycast'])
  })
  afterAll(() => machine?.stop())

  const announced = async (): Promise<boolean> =>
    (await machine.run('birdc', ['show', 'route', '192.0.2.53/32'])).stdout.includes('[anycast ')

  it('is announced while asnzone answers there, and no longer', async () => {
    await vi.waitFor(async () => expect(await announced()).toBe(false), 30_000)
    const asnzone = await asnzoneOn(machine, '192.0.2.53:53', 5301)
    await vi.waitFor(async () => expect(await announced()).toBe(true), 60_000)
    await asnzone.stop()
    await vi.waitFor(async () => expect(await announced()).toBe(false), 60_000)
  })
})
