// Resolvers in front of asnzone, with the files of docs/consumers/resolvers.md: they validate DNSSEC, minimise
// QNAMEs strictly where they can, and have the parents' signed denials of our zones in their caches.

import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ANSWERED_EXAMPLES } from '../support/preset-examples.ts'
import { startAsnzone } from './harness/asnzone.ts'
import { describeConsumer, UNPACKED } from './harness/consumer.ts'
import {
  BOGUS_NAME,
  ROOT_SERVERS,
  SIGNED_ADDRESS,
  SIGNED_NAME,
  startInternet,
  type TrustAnchor,
} from './harness/internet.ts'
import { itPrints } from './harness/it-prints.ts'
import { Machine } from './harness/machine.ts'
import { Page } from './harness/page.ts'
import { answersBegin, RESOLVER_NEEDS, startUnbound } from './harness/resolver.ts'

interface Resolver {
  /** The page's heading. */
  readonly heading: string
  readonly needs: readonly string[]
  /** Sets the trust anchor, makes QNAME minimisation strict, and starts it. */
  readonly start: (machine: Machine, anchor: TrustAnchor) => Promise<void> | void
  /** The recipe's lines without which a validator refuses asnzone's answers. */
  readonly trust?: RegExp
}

/** A full resolver for those that are none themselves. */
const UPSTREAM = '192.0.2.53'

/** Signed denials of our zones' parents, that a resolver may answer from when it is asked for our zones. */
const DENIED = [
  'internal',
  'other.internal',
  'other.cymru.com',
  'other.rspamd.com',
  'other.routeviews.org',
  'nerd.dk',
]

/** Apexes of ours with another one above them. */
const CUTS = ['geo.asnzone.internal', 'origin.asn.cymru.com', 'zz.countries.nerd.dk']

const resolvers: readonly Resolver[] = [
  {
    heading: 'Unbound',
    needs: [],
    start: async (machine, anchor) => {
      machine.write('/etc/unbound/unbound.conf.d/strict.conf', 'server:\n  qname-minimisation-strict: yes\n')
      await startUnbound(machine, anchor)
    },
    trust: /^ *domain-insecure: .*$/gm,
  },
  {
    heading: 'dnsmasq',
    needs: ['dnsmasq'],
    start: async (machine, { ds, ...anchor }) => {
      machine.write(
        '/etc/unbound/unbound.conf.d/upstream.conf',
        `server:\n  interface: ${UPSTREAM}\n  access-control: 192.0.2.0/24 allow\n`,
      )
      machine.write('/etc/resolv.conf', `nameserver ${UPSTREAM}\n`)
      await startUnbound(machine, { ds, ...anchor })
      machine.write('/etc/resolv.conf', 'nameserver 127.0.0.1\n')
      const [tag, algorithm, type, ...digest] = ds.split(' ')
      const options = [
        'dnssec',
        `trust-anchor=.,${tag},${algorithm},${type},${digest.join('')}`,
        `server=${UPSTREAM}`,
        'no-resolv',
        'listen-address=127.0.0.1',
        'bind-interfaces',
      ]
      machine.write('/etc/dnsmasq.d/upstream.conf', `${options.join('\n')}\n`)
      machine.start('dnsmasq', ['--keep-in-foreground', '--conf-dir=/etc/dnsmasq.d'])
    },
  },
  { heading: 'Forward zones', needs: ['named'], start: startBind, trust: /validate-except \{[^}]*\};/ },
  { heading: 'Static-stub zones', needs: ['named'], start: startBind, trust: /validate-except \{[^}]*\};/ },
  {
    heading: 'Knot Resolver',
    needs: ['kresd'],
    start: async (machine, { dnskey }) => {
      machine.write('/usr/share/dns/root.key', `. 3600 IN DNSKEY ${dnskey}\n`)
      // As the package's unit does, but for the user.
      const preconfig = await machine.shell('echo /usr/lib/*/knot-resolver/distro-preconfig.lua')
      const command = `cd /var/lib/knot-resolver && exec kresd -n -c ${preconfig.trim()} -c /etc/knot-resolver/kresd.conf`
      machine.start('sh', ['-c', command])
    },
  },
  {
    heading: recursorReadsYaml() ? 'PowerDNS Recursor 5.2 and newer' : 'PowerDNS Recursor before 5.2',
    needs: ['pdns_recursor'],
    start: async (machine, { dnskey }) => {
      machine.write('/usr/share/dns/root.key', `. 3600 IN DNSKEY ${dnskey}\n`)
      await machine.folder('/run/pdns-recursor', 'pdns')
      machine.start('pdns_recursor', ['--daemon=no'])
    },
    trust: /^addNTA\(.*$|^ {2}negative_trustanchors:\n(?: {4}.*\n)+/gm,
  },
  {
    heading: 'systemd-resolved',
    needs: [`${UNPACKED}/lib/systemd/systemd-resolved`],
    start: startResolved,
    trust: /^[a-z0-9.]+$/gm,
  },
]

const page = Page.read('resolvers')

describe.each(resolvers)('$heading', ({ heading, needs, start }) => {
  describeConsumer('in front', [...RESOLVER_NEEDS, ...needs], () => {
    let machine: Machine
    beforeAll(async () => {
      machine = await startMachine(start, (host) => page.section(heading).install(host))
      await machine.shell(DENIED.map((name) => `dig +short ${name} TXT`).join('; '))
    })
    afterAll(() => machine?.stop())

    it('resolves the rest of the world and validates it', async () => {
      const signed = await machine.shell(`dig ${SIGNED_NAME} A`)
      expect(signed).toMatch(/;; flags: [a-z ]*\bad\b/)
      expect(signed).toContain(SIGNED_ADDRESS)
      expect(await machine.shell(`dig ${BOGUS_NAME} A`)).toContain('status: SERVFAIL')
    })

    itPrints(page.section('How to check'), () => machine)

    it('has the answer to the example of each preset', async () => {
      // One of the recipes names every zone, but not those of one country each.
      const isOfCountry = /\.us\.countr/
      const examples = ANSWERED_EXAMPLES.filter(
        ({ name }) => heading !== 'Static-stub zones' || !isOfCountry.test(name),
      )
      const commands = examples.map(({ name, type }) => `dig +short ${type} ${name}`)
      const printed = await machine.shell(commands.map((command) => `echo "$(${command})"`).join('\n'))
      const answers = printed.trimEnd().split('\n')
      expect(commands.map((command, i) => `${command}: ${answers[i]}`)).toEqual(
        commands.map((command, i) => `${command}: ${examples[i].answer}`),
      )
    })

    // dnsmasq validates, and sends DS to its other servers, whatever the name.
    if (heading !== 'dnsmasq') {
      it.each(CUTS)(
        'RFC 4035 3.1.4.1: has an answer to DS of %s, an apex below another one',
        async (name) => {
          expect(await machine.shell(`dig DS ${name}`)).toContain('status: NOERROR')
        },
      )
    }
  })
})

describe.each(resolvers.filter(({ trust }) => trust !== undefined))(
  '$heading',
  ({ heading, needs, start, trust }) => {
    describeConsumer('without the lines that name our zones insecure', [...RESOLVER_NEEDS, ...needs], () => {
      let machine: Machine
      beforeAll(async () => {
        machine = await startMachine(start, (host) => {
          const recipe = page.section(heading)
          recipe.install(host)
          for (const { path } of recipe.files) host.write(path, host.read(path).replace(trust!, ''))
        })
      })
      afterAll(() => machine?.stop())

      it("refuses asnzone's answers, which aren't signed", async () => {
        expect(await machine.shell('dig TXT 8.8.8.8.asn.rspamd.com')).toContain('status: SERVFAIL')
      })
    })
  },
)

async function startMachine(
  start: Resolver['start'],
  configure: (machine: Machine) => void,
): Promise<Machine> {
  const machine = await Machine.start({ addresses: [...ROOT_SERVERS, UPSTREAM], over: UNPACKED })
  try {
    const listen = ['--listen', '127.0.0.1:5300', '--listen', '127.0.0.2:53']
    const [anchor] = await Promise.all([startInternet(machine), startAsnzone(machine, listen)])
    configure(machine)
    await start(machine, anchor)
    await answersBegin(machine)
    return machine
  } catch (error) {
    await machine.stop()
    throw error
  }
}

/** Whether the settings of the recursor that is installed are YAML, as they are from 5.2 on. */
function recursorReadsYaml(): boolean {
  const { stdout, stderr } = spawnSync('pdns_recursor', ['--version'], { encoding: 'utf8' })
  const [, major, minor] = /PowerDNS Recursor (\d+)\.(\d+)/.exec(`${stdout}${stderr}`) ?? []
  return Number(major) > 5 || (Number(major) === 5 && Number(minor) >= 2)
}

async function startBind(machine: Machine, { dnskey }: TrustAnchor): Promise<void> {
  const key = dnskey.replace(/^(\d+ \d+ \d+) (.*)$/, '$1 "$2"')
  const options = '/etc/bind/named.conf.options'
  // From 9.20 on it reads no bind.keys; with yes in the place of auto it believes what the config names, and nothing else.
  const text = machine
    .read(options)
    .replace('{', '{\n  qname-minimization strict;')
    .replace('dnssec-validation auto;', 'dnssec-validation yes;')
  machine.write(options, `${text}\ntrust-anchors { . static-key ${key}; };\n`)
  await machine.folder('/run/named', 'bind')
  machine.start('named', ['-f', '-u', 'bind'])
}

/** resolved on a host whose link eth0 got the upstream resolver by DHCP: what networkd would have written. */
async function startResolved(machine: Machine, anchor: TrustAnchor): Promise<void> {
  machine.write(
    '/etc/unbound/unbound.conf.d/upstream.conf',
    `server:\n  interface: ${UPSTREAM}\n  access-control: 0.0.0.0/0 allow\n`,
  )
  machine.write('/etc/resolv.conf', `nameserver ${UPSTREAM}\n`)
  await startUnbound(machine, anchor)
  machine.write('/etc/resolv.conf', 'nameserver 127.0.0.53\n')
  await machine.must('sh', [
    '-ec',
    `useradd --system systemd-resolve
ip link add eth0 type veth peer name far
ip link set far up
ip link set eth0 up
ip address add 192.0.2.1/32 dev eth0`,
  ])
  const [index] = (await machine.must('ip', ['-oneline', 'link', 'show', 'dev', 'eth0'])).split(':')
  const link = ['ADMIN_STATE=configured', 'OPER_STATE=routable', `DNS=${UPSTREAM}`, 'DNSSEC=yes']
  machine.write(`/run/systemd/netif/links/${index}`, `${link.join('\n')}\n`)
  machine.write('/run/systemd/netif/state', 'OPER_STATE=routable\n')
  machine.write('/etc/systemd/resolved.conf.d/dnssec.conf', '[Resolve]\nDNSSEC=yes\n')
  machine.write('/etc/dnssec-trust-anchors.d/root.positive', `. IN DS ${anchor.ds}\n`)
  machine.start('/usr/lib/systemd/systemd-resolved')
}
