// The README's recipes for resolvers, run: each resolver is given its recipe as it is printed, but for the port,
// and must then answer the example of every zone. It validates DNSSEC, minimises query names and rejects answers
// in 127.0.0.0/8 where it can, because these are what has to be told about asnzone. All other names, too, lead to
// asnzone, which refuses them, so that nothing leaves the host.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { readZoneDefinitions } from '../../src/config/zone-files.ts'
import { compileCatalogue } from '../../src/zones/catalogue.ts'
import { exampleQuestion } from '../../src/zones/example.ts'
import { consoleExamples, onlyBlock, readDocument } from '../docs/markdown.ts'
import { temporaryFolder } from '../support/folders.ts'
import { dig, type RunningServer, startServer } from '../support/programs.ts'

const LOOPBACK = '127.0.0.1'
const README_PORT = '5300'

/** The key of the root zone: nothing here is signed by it, and that is what matters. */
const ROOT_KEY = '20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D'

const readme = readDocument('README.md')

/** A resolver, and how to start it with a recipe. */
interface Resolver {
  readonly program: string
  /** The Debian package that holds it. */
  readonly package: string
  /** The languages of the README's blocks. */
  readonly blocks: readonly string[]
  /** Its configuration with the recipe. */
  readonly config: (options: ConfigOptions) => string
  readonly args: (config: string) => readonly string[]
  /** What it logs when it answers. */
  readonly ready: RegExp
}

/** What a configuration is made from. */
interface ConfigOptions {
  readonly recipes: readonly string[]
  /** The resolver's own port. */
  readonly port: number
  readonly folder: string
  /** The port of asnzone. */
  readonly elsewhere: number
}

const RESOLVERS: readonly Resolver[] = [
  {
    program: 'unbound',
    package: 'unbound',
    blocks: ['unbound'],
    config: ({ recipes: [recipe], port, folder, elsewhere }) => `
      server:
        interface: ${LOOPBACK}
        port: ${port}
        directory: "${folder}"
        chroot: ""
        username: ""
        pidfile: ""
        use-syslog: no
        verbosity: 1
        trust-anchor: ". DS ${ROOT_KEY}"
        qname-minimisation-strict: yes
        private-address: 127.0.0.0/8
      forward-zone:
        name: "."
        forward-addr: ${LOOPBACK}@${elsewhere}
      ${recipe}`,
    args: (config) => ['-d', '-c', config],
    ready: /start of service/,
  },
  {
    program: 'dnsmasq',
    package: 'dnsmasq-base',
    blocks: ['dnsmasq'],
    config: ({ recipes: [recipe], port }) =>
      [
        `listen-address=${LOOPBACK}`,
        `port=${port}`,
        'bind-interfaces',
        'no-resolv',
        'no-hosts',
        'pid-file=',
        `user=${userInfo().username}`,
        'dnssec',
        `trust-anchor=.,${ROOT_KEY.replaceAll(' ', ',')}`,
        'stop-dns-rebind',
        recipe,
      ].join('\n'),
    args: (config) => ['--keep-in-foreground', '--log-facility=-', `--conf-file=${config}`],
    ready: /started, version/,
  },
  {
    program: 'named',
    package: 'bind9',
    blocks: ['named-options', 'named'],
    config: ({ recipes: [options, zones], port, folder, elsewhere }) => `
      options {
        directory "${folder}";
        pid-file none;
        session-keyfile none;
        listen-on port ${port} { ${LOOPBACK}; };
        listen-on-v6 { none; };
        dnssec-validation yes;
        qname-minimization strict;
        forward only;
        forwarders { ${LOOPBACK} port ${elsewhere}; };
        ${options}
      };
      trust-anchors { . static-ds ${ROOT_KEY.replace(/(\S+)$/, '"$1"')}; };
      controls { };
      ${zones}`,
    args: (config) => ['-g', '-c', config],
    ready: /\d running$/,
  },
]

/** The examples of all zones that take no settings, one question and its answer a line. */
const examples = compileCatalogue(readZoneDefinitions(undefined, []), {
  domain: 'asnzone.internal',
  countries: ['US'],
  authority: { nameservers: [Uint8Array.of(0)], contact: Uint8Array.of(0), serial: 1, about: [] },
})
  .zones.flatMap((zone) => exampleQuestion(zone) ?? [])
  .filter(({ settings }) => Object.keys(settings).length === 0)

let asnzone: RunningServer
let running: ChildProcess | undefined

beforeAll(async () => {
  asnzone = await startServer(['--listen', `${LOOPBACK}:0`])
})

afterEach(async () => {
  if (running === undefined || running.exitCode !== null) return
  const closed = once(running, 'close')
  running.kill()
  await closed
})

afterAll(() => asnzone?.stop())

describe.each(RESOLVERS)('the recipe for $program', (resolver) => {
  const path = findProgram(resolver.program)
  const isMissing = path === null
  if (isMissing && process.env.REQUIRE_PROGRAMS) throw new Error(`apt-get install ${resolver.package}`)

  test.skipIf(isMissing)(`leads every zone to asnzone (needs the package ${resolver.package})`, async () => {
    const address = await start(resolver, path ?? '')
    const questions = examples.flatMap(({ type, name }) => [name, type])
    const answers = await dig(address, ['+short', ...questions])
    expect(answers.split('\n')).toEqual(examples.map(({ answer }) => answer))

    const [shown] = consoleExamples(readme).filter(({ command }) => command.startsWith('dig +short '))
    expect(await dig(address, shown.command.split(' ').slice(1))).toBe(shown.output)
    expect(await dig(address, ['TXT', '1.0.0.10.geo.asnzone.internal'])).toContain('status: NXDOMAIN')
  })
})

/** Starts a resolver with its recipe and waits until it answers. */
async function start(resolver: Resolver, program: string): Promise<{ host: string; port: number }> {
  const elsewhere = asnzone.addresses[0].port
  const recipes = resolver.blocks.map((language) =>
    onlyBlock(readme, language).replaceAll(README_PORT, String(elsewhere)),
  )
  const folder = temporaryFolder()
  const port = await freePort()
  const config = join(folder, 'resolver.conf')
  writeFileSync(config, resolver.config({ recipes, port, folder, elsewhere }))
  // AppArmor lets the installed program read its own folders only, but knows it by its path.
  const copy = join(folder, resolver.program)
  copyFileSync(program, copy)
  const child = spawn(copy, resolver.args(config), { stdio: ['ignore', 'pipe', 'pipe'] })
  running = child
  const log: string[] = []
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        log.push(line)
        if (resolver.ready.test(line)) resolve()
      })
    }
    child.once('error', reject)
    child.once('close', () => reject(new Error(`${resolver.program} ended:\n${log.join('\n')}`)))
  })
  return { host: LOOPBACK, port }
}

function findProgram(name: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin']
  return folders.map((folder) => join(folder, name)).find(existsSync) ?? null
}

/** A port that nothing listens on, as far as one can know: these programs can't choose one themselves. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, LOOPBACK)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
