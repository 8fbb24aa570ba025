// Exports, read by the programs that they are for: what each finds for thousands of addresses is what asnzone answers.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { askResponder } from '../../src/dns/ask-responder.ts'
import { Responder } from '../../src/dns/responder.ts'
import type { Attributes } from '../../src/table/attributes.ts'
import type { Table } from '../../src/table/table.ts'
import { temporaryFolder } from '../support/folders.ts'
import { smallZoneSet } from '../support/small-table.ts'
import { ownerName } from './harness/asker.ts'
import { describeConsumer } from './harness/consumer.ts'
import { Machine } from './harness/machine.ts'
import { isIpv4, type Own, ownAnswers, ownTable } from './harness/own-answers.ts'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

const NEEDS = [
  ...['mmdblookup', 'python3', 'perl', 'rbldnsd', 'nft', 'ipset', 'postmap', 'haproxy', 'nginx', 'curl'],
  ...['named-checkzone', 'named', 'knotd', 'keymgr', 'spamassassin'],
]

/** How rbldnsd is started; it becomes another user, and so is not told to end with its parent. */
const RBLDNSD = ['-n', '-q', '-p', '/run/rbldnsd.pid', '-b', '127.0.0.1/53', '-u', 'rbldns']

/** What a reader found: a line for each address, in order; '' for nothing. */
type Lines = readonly string[]

describeConsumer('exports', NEEDS, () => {
  let machine: Machine
  let table: Table
  let own: readonly Own[]
  let responder: Responder
  /** Where exports are, in the machine and out of it. */
  let folder: string

  beforeAll(async () => {
    folder = temporaryFolder()
    machine = await Machine.start()
    table = ownTable()
    own = ownAnswers(table)
    responder = new Responder(table, smallZoneSet())
    expect(own.filter(({ attributes }) => attributes !== null).length).toBeGreaterThan(1500)
    machine.write('/run/addresses', `${own.map(({ address }) => address).join('\n')}\n`)
  })
  afterAll(async () => {
    await machine?.stop()
  })

  /** Exports into a file of the machine. */
  const exportTo = async (path: string, args: readonly string[]): Promise<void> => {
    const file = join(folder, 'export')
    execFileSync(process.execPath, [MAIN, 'export', ...args, '--output', file], {
      env: { ...process.env, ASNZONE_DATA_DIR: process.env.TEST_DATA_DIRECTORY! },
      stdio: 'pipe',
    })
    await writeOctets(machine, path, readFileSync(file))
  }

  /** Compares what a program has printed with what asnzone knows. */
  const expectFound = (
    lines: Lines,
    textOf: (attributes: Attributes) => string | number | null,
    of = own,
  ): void => {
    const expected = of.map(({ attributes }) => (attributes === null ? '' : String(textOf(attributes) ?? '')))
    const wrong = of.flatMap(({ address }, i) =>
      lines[i] === expected[i] ? [] : [`${address}: ${lines[i]} for ${expected[i]}`],
    )
    expect(lines.length).toBe(of.length)
    expect(wrong).toEqual([])
  }

  describe('mmdb', () => {
    beforeAll(async () => {
      await exportTo('/tmp/own.mmdb', ['mmdb'])
      await exportTo('/tmp/GeoLite2-ASN.mmdb', ['mmdb', '--what', 'asn', '--type', 'GeoLite2-ASN'])
      await exportTo('/tmp/GeoLite2-Country.mmdb', [
        'mmdb',
        '--what',
        'country',
        '--type',
        'GeoLite2-Country',
      ])
    })

    it('mmdblookup', async () => {
      const output = await machine.must('sh', [
        '-c',
        `while read -r address; do
           mmdblookup --file /tmp/own.mmdb --ip "$address" autonomous_system_number 2>/dev/null | grep -o '[0-9]* <' || echo
         done < /run/addresses`,
      ])
      expectFound(
        linesOf(output).map((line) => line.replace(' <', '')),
        ({ asn }) => asn,
      )
    })

    it('python3-maxminddb', async () => {
      const script = `
import maxminddb, sys
reader = maxminddb.open_database('/tmp/own.mmdb', maxminddb.MODE_MMAP_EXT)
for line in open('/run/addresses'):
    it = reader.get(line.strip()) or {}
    print('|'.join(str(part) for part in (it.get('autonomous_system_number', ''), it.get('autonomous_system_organization', ''), it.get('country', {}).get('iso_code', ''))))`
      expectFound(
        linesOf(await machine.must('/usr/bin/python3', ['-c', script])).map((line) =>
          line === '||' ? '' : line,
        ),
        ({ asn, name, country }) => [asn, name, country].map((it) => it ?? '').join('|'),
      )
    })

    it('MaxMind::DB::Reader', async () => {
      const script = `
use MaxMind::DB::Reader;
binmode STDOUT, ':utf8';
my $reader = MaxMind::DB::Reader->new(file => '/tmp/own.mmdb');
open my $in, '<', '/run/addresses';
while (<$in>) { chomp; my $it = $reader->record_for_address($_); print $it->{autonomous_system_organization} // '', "\\n" }`
      expectFound(linesOf(await machine.must('perl', ['-e', script])), ({ name }) => name)
    })

    it('GeoIP2, which opens no type that it does not know', async () => {
      const script = `
use GeoIP2::Database::Reader;
my ($as, $country) = map { GeoIP2::Database::Reader->new(file => $_) } '/tmp/GeoLite2-ASN.mmdb', '/tmp/GeoLite2-Country.mmdb';
open my $in, '<', '/run/addresses';
while (<$in>) {
  chomp;
  my $number = eval { $as->asn(ip => $_)->autonomous_system_number } // '';
  my $code = eval { $country->country(ip => $_)->country->iso_code } // '';
  print $number || $code ? "$number|$code" : '', "\\n";
}`
      expectFound(
        linesOf(await machine.must('perl', ['-e', script])),
        ({ asn, country }) => `${asn ?? ''}|${country ?? ''}`,
      )
    })

    it('SpamAssassin', async () => {
      machine.write(
        '/etc/spamassassin/v399.pre',
        'loadplugin Mail::SpamAssassin::Plugin::RelayCountry\nloadplugin Mail::SpamAssassin::Plugin::ASN\n',
      )
      machine.write(
        '/etc/spamassassin/99_export.cf',
        'geodb_module GeoIP2\ngeodb_search_path /tmp\nadd_header all Relay-Country _RELAYCOUNTRY_\nadd_header all ASN _ASN_\nasn_lookup asn.routeviews.org _ASN_ _ASNCIDR_\n',
      )
      const message =
        'Received: from a.example (a.example [8.8.8.8]) by mx.example.org (Postfix) with ESMTP id 1; Mon, 1 Jun 2026 00:00:00 +0000\nFrom: a@example.org\nSubject: x\n\nx\n'
      const output = await machine.must('spamassassin', ['-L'], { input: message })
      expect(output).toMatch(/^X-Spam-Relay-Country: US/m)
      expect(output).toMatch(/^X-Spam-ASN: AS15169/m)
    })
  })

  const stopRbldnsd = () =>
    machine.must('sh', [
      '-c',
      'pid=$(cat /run/rbldnsd.pid); kill "$pid"; while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done',
    ])

  describe('rbldnsd', () => {
    it.each([
      ['asn.rspamd.com', [['ip4trie', ['--family', '4']]]],
      ['asn6.rspamd.com', [['ip6trie', ['--family', '6']]]],
      ['origin.asn.cymru.com', [['ip4trie', ['--family', '4']]]],
      [
        'geo.asnzone.internal',
        [
          ['ip4trie', ['--family', '4']],
          ['ip6trie', ['--family', '6']],
        ],
      ],
      [
        'country.asnzone.internal',
        [
          ['ip4trie', ['--family', '4']],
          ['ip6trie', ['--family', '6']],
        ],
      ],
    ] as const)('%s', async (zone, sets) => {
      const files = sets.map(([kind]) => `/tmp/${zone}.${kind}`)
      for (const [i, [, family]] of sets.entries())
        await exportTo(files[i], ['rbldnsd', '--zone', zone, ...family])
      const spec = sets.map(([kind], i) => `${zone}:${kind}:${files[i]}`)
      machine.start('rbldnsd', [...RBLDNSD, ...spec])
      await answersFor(zone)
      const of = own.filter((it) => sets.length > 1 || isIpv4(it) === (sets[0][0] === 'ip4trie'))
      await expectTexts(zone, of, 'TXT')
      await stopRbldnsd()
    })

    it('as.asnzone.internal', async () => {
      const zone = 'as.asnzone.internal'
      await exportTo('/tmp/as', ['rbldnsd', '--what', 'as-names'])
      machine.start('rbldnsd', [...RBLDNSD, `${zone}:generic:/tmp/as`])
      await answersFor(zone)
      expect(await machine.must('dig', ['@127.0.0.1', '+short', `as3333.${zone}`, 'TXT'])).toBe(
        `${askResponder(responder, `as3333.${zone}`, 'TXT')}\n`,
      )
      await stopRbldnsd()
    })
  })

  /** Waits until a name server has a zone. */
  const answersFor = async (zone: string): Promise<void> => {
    await vi.waitFor(
      async () => {
        const { stdout } = await machine.run('dig', ['@127.0.0.1', '+tries=1', '+time=1', zone, 'SOA'])
        expect(stdout).toContain('status: NOERROR')
      },
      { timeout: 60_000, interval: 100 },
    )
  }

  /** Asks the name server of the machine about addresses, and compares its answers with the responder's. */
  const expectTexts = async (zone: string, of: readonly Own[], type: 'A' | 'TXT'): Promise<void> => {
    const names = of.map(({ address }) => `${ownerName(address)}.${zone}`)
    machine.write('/run/names', names.map((name) => `${name} ${type}\n`).join(''))
    const output = await machine.must('dig', [
      '@127.0.0.1',
      '+tries=2',
      '+noall',
      '+answer',
      '-f',
      '/run/names',
    ])
    const answers = new Map(
      [...output.matchAll(/^(\S+)\.\s+\d+\s+IN\s+(?:A|TXT)\s+(.*)$/gm)].map(([, name, rdata]) => [
        name,
        rdata,
      ]),
    )
    const wrong = names.flatMap((name) => {
      const expected = Buffer.from(askResponder(responder, name, type))
        .toString('latin1')
        .replace(/[^ -~]/g, (octet) => `\\${octet.charCodeAt(0)}`)
      const found = answers.get(name) ?? ''
      return found === expected ? [] : [`${name}: ${found} for ${expected}`]
    })
    expect(wrong).toEqual([])
    expect(answers.size).toBeGreaterThan(0)
  }

  it('nftables holds the ranges of a country', async () => {
    await exportTo('/tmp/sets.nft', ['nft', '--country', 'US,DE'])
    // Twice: the second time there are sets to be replaced.
    for (const _ of [1, 2]) await machine.must('nft', ['-f', '/tmp/sets.nft'])
    for (const family of [4, 6]) {
      const { nftables } = JSON.parse(
        await machine.must('nft', ['-j', 'list', 'set', 'inet', 'asnzone', `DE${family}`]),
      )
      const ranges = elementsOf(nftables)
      const of = own.filter((it) => isIpv4(it) === (family === 4))
      expectFound(
        of.map(({ address }) => (within(ranges, address) ? 'DE' : '')),
        ({ country }) => (country === 'DE' ? 'DE' : ''),
        of,
      )
    }
    const german = own.find((it) => isIpv4(it) && it.attributes?.country === 'DE')!
    await machine.must('nft', ['get', 'element', 'inet', 'asnzone', 'DE4', `{ ${german.address} }`])
  })

  it('ipset holds the networks of a country', async () => {
    await exportTo('/tmp/sets.ipset', ['ipset', '--country', 'US,DE'])
    for (const _ of [1, 2]) await machine.must('sh', ['-c', 'ipset -! restore < /tmp/sets.ipset'])
    const output = await machine.must('sh', [
      '-c',
      `while read -r address; do
         case $address in *:*) set=US6;; *) set=US4;; esac
         if ipset -q test $set "$address"; then echo US; else echo; fi
       done < /run/addresses`,
    ])
    expectFound(linesOf(output), ({ country }) => (country === 'US' ? 'US' : ''))
  })

  it('Postfix', async () => {
    await exportTo('/tmp/cidr', ['postfix-cidr'])
    const { stdout } = await machine.run('postmap', ['-q', '-', 'cidr:/tmp/cidr'], {
      input: machine.read('/run/addresses'),
    })
    const found = new Map(linesOf(stdout).map((line) => line.split('\t') as [string, string]))
    expectFound(
      own.map(({ address }) => found.get(address) ?? ''),
      ({ country }) => country,
    )
  })

  it('HAProxy', async () => {
    await exportTo('/tmp/country.map', ['haproxy'])
    machine.write(
      '/tmp/haproxy.cfg',
      `global
  stats socket /tmp/haproxy.sock
defaults
  mode http
  timeout client 10s
  timeout connect 10s
  timeout server 10s
frontend lookup
  bind 127.0.0.1:8081
  http-request return status 200 content-type text/plain lf-string "%[url_param(ip),map_ip(/tmp/country.map,--)]\\n"
`,
    )
    await machine.must('haproxy', ['-c', '-f', '/tmp/haproxy.cfg'])
    const server = machine.start('haproxy', ['-db', '-f', '/tmp/haproxy.cfg'])
    expectFound(await fetchAll(8081), ({ country }) => country ?? '')
    await server.stop()
  })

  it('nginx, by geo and by geoip2', async () => {
    await exportTo('/tmp/geo.conf', ['nginx'])
    await exportTo('/tmp/own.mmdb', ['mmdb'])
    machine.write(
      '/tmp/nginx.conf',
      `load_module /usr/lib/nginx/modules/ngx_http_geoip2_module.so;
daemon off;
pid /tmp/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  keepalive_requests 100000;
  geo $arg_ip $country { default --; include /tmp/geo.conf; }
  geoip2 /tmp/own.mmdb { $asn default=-- source=$arg_ip autonomous_system_number; }
  server { listen 127.0.0.1:8082; location / { return 200 "$country\\n"; } }
  server { listen 127.0.0.1:8083; location / { return 200 "$asn\\n"; } }
}
`,
    )
    const server = machine.start('nginx', ['-c', '/tmp/nginx.conf'])
    expectFound(await fetchAll(8082), ({ country }) => country)
    expectFound(await fetchAll(8083), ({ asn }) => asn)
    await server.stop()
  })

  /** What a web server says of each address; `--` is nothing. */
  const fetchAll = async (port: number): Promise<Lines> => {
    const urls = own.map(({ address }) => `url = "http://127.0.0.1:${port}/?ip=${address}"`)
    await machine.must('curl', [
      '-s',
      '--retry',
      '20',
      '--retry-connrefused',
      '--retry-delay',
      '1',
      `http://127.0.0.1:${port}/`,
    ])
    machine.write('/tmp/urls', `${urls.join('\n')}\n`)
    const output = await machine.must('curl', ['-s', '-g', '-K', '/tmp/urls'])
    return linesOf(output).map((line) => (line === '--' ? '' : line))
  }

  describe('zone files', () => {
    it('named-checkzone', async () => {
      for (const args of [
        ['--country', 'DE'],
        ['--what', 'as-names'],
        ['--zone', 'nmap6.asn.cymru.com', '--asn', '3320'],
      ]) {
        await exportTo('/tmp/zone', ['zone', ...args])
        const origin = /^\$ORIGIN (\S+)\.$/m.exec(machine.read('/tmp/zone'))![1]
        expect(await machine.must('named-checkzone', ['-i', 'local', origin, '/tmp/zone'])).toMatch(/OK\n$/)
      }
    })

    it('Knot is primary and BIND secondary, by a catalog zone, TSIG, NOTIFY and IXFR', async () => {
      const names = ['de.country.asnzone.internal', 'li.country.asnzone.internal']
      const catalog = 'catalog.asnzone.internal'
      const target = join(folder, 'zones')
      execFileSync(
        process.execPath,
        [MAIN, 'export', 'zone', '--country', 'DE,LI', '--catalog', catalog, '--output', target],
        { env: { ...process.env, ASNZONE_DATA_DIR: process.env.TEST_DATA_DIRECTORY! }, stdio: 'pipe' },
      )
      await machine.must('install', ['-d', '-o', 'knot', '/var/lib/fleet', '/run/knot'])
      for (const name of [...names, catalog]) {
        machine.write(`/var/lib/fleet/${name}.zone`, readFileSync(join(target, `${name}.zone`), 'utf8'))
      }
      const secret = 'c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI='
      machine.write(
        '/etc/knot/knot.conf',
        `server:
  listen: 127.0.0.1@5301
  user: knot:knot
log:
  - target: stdout
    any: info
key:
  - id: fleet
    algorithm: hmac-sha256
    secret: ${secret}
remote:
  - id: bind
    address: 127.0.0.1@53
    key: fleet
acl:
  - id: fleet
    key: fleet
    action: transfer
template:
  - id: default
    storage: /var/lib/fleet
    file: "%s.zone"
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
    notify: bind
    acl: fleet
zone:
${[...names, catalog].map((name) => `  - domain: ${name}`).join('\n')}
`,
      )
      machine.write(
        '/etc/bind/named.conf',
        `key fleet { algorithm hmac-sha256; secret "${secret}"; };
options {
  directory "/var/cache/bind"; recursion no; listen-on { 127.0.0.1; }; listen-on-v6 { none; };
  allow-notify { key fleet; 127.0.0.1; };
  catalog-zones { zone "${catalog}" default-primaries { 127.0.0.1 port 5301 key fleet; } in-memory no; };
};
zone "${catalog}" { type secondary; file "catalog.db"; primaries { 127.0.0.1 port 5301 key fleet; }; };
`,
      )
      const knot = machine.start('knotd', ['-c', '/etc/knot/knot.conf'])
      // BIND asks a primary that it could not reach only after ten minutes again.
      await knot.says(/server started/)
      const bind = machine.start('named', ['-f', '-g', '-u', 'bind', '-c', '/etc/bind/named.conf'])
      for (const name of names) {
        await answersFor(name).catch((error: Error) => {
          throw new Error(`${error.message}\nBIND said:\n${bind.output}\nKnot said:\n${knot.output}`)
        })
      }
      await expectTexts(names[0], own, 'A')
      // One network goes: what is transferred is that change.
      const file = `/var/lib/fleet/${names[0]}.zone`
      const line = /^\*\.\S+ A 127\.0\.0\.2$/m.exec(machine.read(file))![0]
      const [owner] = line.split(' ')
      machine.write(
        file,
        machine
          .read(file)
          .split('\n')
          .filter((it) => !it.startsWith(`${owner} `))
          .join('\n'),
      )
      await machine.must('knotc', ['-c', '/etc/knot/knot.conf', 'zone-reload', names[0]])
      await bind.says(
        new RegExp(
          `transfer of '${names[0].replaceAll('.', '\\.')}/IN'.*: Transfer status: success[^]*TSIG 'fleet'|Transfer completed: 1 messages`,
        ),
      )
      await vi.waitFor(async () => {
        const name = `1.${owner.slice(2)}.${names[0]}`
        expect(await machine.must('dig', ['@127.0.0.1', name, 'A'])).toContain('NXDOMAIN')
      }, 60_000)
      // Its access list lets nobody have it who does not sign with the key.
      await knot.says(/IXFR, outgoing, .*127\.0\.0\.1@\d+\b.*, finished/)
    })
  })
})

/** Lines of an output, which ends each with a line feed. */
const linesOf = (output: string): Lines => output.replace(/\n$/, '').split('\n')

/** Writes octets into a file of a machine. */
async function writeOctets(machine: Machine, path: string, octets: Buffer): Promise<void> {
  await machine.must('sh', ['-c', `base64 -d > ${path}`], { input: octets.toString('base64') })
}

type Range = readonly [first: bigint, last: bigint]

/** The elements of a set, as nft lists them. */
function elementsOf(nftables: readonly Readonly<Record<string, { elem?: readonly unknown[] }>>[]): Range[] {
  const elements = nftables.flatMap(({ set }) => set?.elem ?? [])
  return elements.map((element): Range => {
    if (typeof element === 'string') return [numberOf(element), numberOf(element)]
    const { range, prefix } = element as { range?: [string, string]; prefix?: { addr: string; len: number } }
    if (range !== undefined) return [numberOf(range[0]), numberOf(range[1])]
    const first = numberOf(prefix!.addr)
    const bits = prefix!.addr.includes(':') ? 128 : 32
    return [first, first + (1n << BigInt(bits - prefix!.len)) - 1n]
  })
}

const within = (ranges: readonly Range[], address: string): boolean => {
  const number = numberOf(address)
  return ranges.some(([first, last]) => first <= number && number <= last)
}

function numberOf(address: string): bigint {
  const labels = ownerName(address).split('.').reverse()
  const base = address.includes(':') ? 16n : 256n
  return labels.reduce((sum, label) => sum * base + BigInt(base === 16n ? `0x${label}` : label), 0n)
}
