// The files for Docker: what a linter says, and that image, compose files and unbound's config fit each other.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { validate } from 'dockerfile-utils'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { policyOf } from '../../src/app/treatment.ts'
import { loadSettings } from '../../src/config/load.ts'
import { policyLeaves } from '../../src/config/policy/policy.ts'
import { environmentName, settingNames } from '../../src/config/settings.ts'
import { parseListenAddress } from '../../src/system/listen-address.ts'
import { codeBlocks, projectPath, readDocument, section } from './markdown.ts'

interface Service {
  readonly image: string
  readonly build?: { readonly context: string; readonly dockerfile?: string }
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly dns?: readonly string[]
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>
  readonly networks: { readonly dns: { readonly ipv4_address: string } }
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly restart: string
  readonly command?: readonly string[]
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes?: Readonly<Record<string, unknown>>
}

const COMPOSE_FILES = [
  'compose.yaml',
  'compose.unbound.yaml',
  'compose.rspamd.yaml',
  'compose.valkey.yaml',
] as const
const composeOf = (file: string): Compose => parse(readDocument(`docker/${file}`)) as Compose
const services: Record<string, Service> = {}
for (const file of COMPOSE_FILES) {
  for (const [name, it] of Object.entries(composeOf(file).services)) {
    services[name] = together(services[name], it)
  }
}
/** A service that several files tell of, as Compose reads them. */
function together(one: Service | undefined, other: Service): Service {
  if (one === undefined) return other
  return {
    ...one,
    ...other,
    environment: { ...one.environment, ...other.environment },
    ports: [...(one.ports ?? []), ...(other.ports ?? [])],
    volumes: [...(one.volumes ?? []), ...(other.volumes ?? [])],
  }
}

const addressOf = (service: string): string => services[service].networks.dns.ipv4_address
const dockerfile = readDocument('docker/Dockerfile')

describe.each(['docker/Dockerfile', 'docker/unbound/Dockerfile'])('%s', (path) => {
  const text = readDocument(path)

  test('the linter finds nothing', () => {
    const found = validate(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`)
    expect(found).toEqual([])
  })

  test('what it is built on is pinned by its digest', () => {
    const stages = [...text.matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, stage]) => stage)
    const argument = /^ARG NODE_IMAGE=(\S+)$/m.exec(text)?.[1]
    const images = [...text.matchAll(/^FROM (\S+)/gm)].map(([, image]) =>
      image.startsWith('$') ? argument : image,
    )
    expect(images.length).toBeGreaterThan(0)
    for (const image of images.filter((name) => !stages.includes(name ?? ''))) {
      expect(image).toMatch(/^docker\.io\/library\/\S+:[\w.-]+@sha256:[0-9a-f]{64}$/)
    }
  })

  test('it does not end as root', () => {
    expect(text.match(/^USER (\S+)$/gm)?.at(-1)).toMatch(/^USER (node|unbound)$/)
  })

  test('what it copies from the project is there, and is let in by .dockerignore', () => {
    const context = path === 'docker/Dockerfile' ? '.' : dirname(path)
    const allowed = readDocument('.dockerignore').match(/(?<=^!).*$/gm) ?? []
    const sources = [...text.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, names]) => names.split(' '))
    expect(sources.length).toBeGreaterThan(0)
    for (const source of sources) {
      expect(existsSync(projectPath(join(context, source))), source).toBe(true)
      if (context === '.') expect(allowed).toContain(source)
    }
  })
})

test('the image has all that the package has, but for what is only read', () => {
  const { files } = JSON.parse(readDocument('package.json')) as { files: string[] }
  // Of dist/ it has what npm packs.
  const folders = [...new Set(files.map((name) => name.replace(/^dist\/.*/, 'dist')))]
  const needed = folders.filter((name) => !['docs', 'CHANGELOG.md', 'SECURITY.md'].includes(name))
  const copied = [...dockerfile.matchAll(/^COPY (?:--from=build )?(.*) \S+$/gm)].flatMap(([, names]) =>
    names.split(' ').map((name) => name.replace(/^\/build\/package\//, '')),
  )
  expect(copied).toEqual(expect.arrayContaining(needed))
})

test('the linter finds what is wrong', () => {
  expect(validate('FORM scratch\nCOPY a').length).toBeGreaterThan(0)
})

test('the config of the image is right, and agrees with what it exposes', () => {
  const settings = loadSettings({ configFile: projectPath('docker/asnzone.yaml') })
  expect(() => policyOf(settings)).not.toThrow()
  const ports = settings.listen.map((address) => parseListenAddress(address).port)
  expect(new Set(ports)).toEqual(new Set([5300]))
  expect(dockerfile).toContain('EXPOSE 5300/udp 5300/tcp\n')
})

describe('each library with native code has a binary for both architectures', () => {
  const lock = JSON.parse(readDocument('package-lock.json')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean; cpu?: string[]; os?: string[] }>
  }
  const binaries = Object.entries(lock.packages).filter(
    ([name, { dev, optional, os }]) => !dev && optional && os?.includes('linux') && !/musl/.test(name),
  )

  test.each(['x64', 'arm64'])('%s', (cpu) => {
    const of = binaries.filter((entry) => entry[1].cpu?.includes(cpu)).map(([name]) => name)
    expect(of.some((name) => name.includes('koffi'))).toBe(true)
    const families = (names: readonly string[]) => new Set(names.map((name) => name.split('/')[1]))
    expect(families(of)).toEqual(families(binaries.map(([name]) => name)))
  })
})

describe.each(Object.entries(services))('the service %s', (name, service) => {
  test('is built from what is there, or has an image', () => {
    if (service.build === undefined) {
      expect(service.image).toMatch(/^docker\.io\/\S+:\d\S*$/)
      return
    }
    const { context, dockerfile: file = 'Dockerfile' } = service.build
    expect(existsSync(projectPath(join('docker', context, file)))).toBe(true)
  })

  test('is shut off, where it is ours', () => {
    if (service.build === undefined) return
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      restart: 'unless-stopped',
    })
  })

  test('publishes to this host only', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/)
  })

  test('has an address of its own in the network, and waits for services that there are', () => {
    expect(service.networks.dns.ipv4_address).toMatch(/^172\.31\.53\.\d+$/)
    const others = Object.entries(services).filter(([other]) => other !== name)
    expect(others.map(([other]) => addressOf(other))).not.toContain(addressOf(name))
    const { depends_on: waits = [] } = service
    const known = Object.keys(services)
    for (const other of Array.isArray(waits) ? waits : Object.keys(waits)) expect(known).toContain(other)
  })
})

test('asnzone is given settings that there are, and keeps its state in a volume', () => {
  const { environment = {}, volumes = [] } = services.asnzone
  const known = [...settingNames.map(environmentName), ...policyLeaves.map(({ variable }) => variable)]
  for (const variable of Object.keys(environment)) expect(known).toContain(variable)
  expect(() => policyOf(loadSettings({ environment }))).not.toThrow()
  expect(volumes).toContain('state:/var/lib/asnzone')
  expect(composeOf('compose.yaml').volumes).toHaveProperty('state')
  expect(dockerfile).toContain('VOLUME ["/var/lib/asnzone"]\n')
})

test('the policy service keeps its accounts in the Valkey of the network, which has a volume and a password', () => {
  const { policy } = loadSettings({ environment: services.asnzone.environment ?? {} })
  expect(policy.store).toMatchObject({ kind: 'redis', url: `redis://${addressOf('valkey')}` })
  expect(policy.listen).toMatchObject([{ host: '0.0.0.0', port: 4646 }])
  expect(services.asnzone.ports).toContain('127.0.0.1:4646:4646/tcp')
  expect(services.valkey.ports).toBeUndefined()
  const { command = [], volumes } = services.valkey
  const password = command[command.indexOf('--requirepass') + 1]
  expect(password).toMatch(/^\$\{POLICY_PASSWORD:\?.+\}$/)
  expect(services.asnzone.environment?.ASNZONE_POLICY_REDIS_PASSWORD).toBe(password)
  expect(volumes).toEqual(['accounts:/data'])
  expect(composeOf('compose.valkey.yaml').volumes).toHaveProperty('accounts')
})

describe('unbound', () => {
  const config = readDocument('docker/unbound/unbound.conf')

  test('sends the names of the recipe for unbound to asnzone, and mail servers ask it', () => {
    const [recipe] = codeBlocks(section(readDocument('docs/consumers/resolvers.md'), 'Unbound'))
    const stubs = (text: string): string[] => text.match(/(?<=^ +name: ").*(?=")/gm) ?? []
    expect(stubs(config)).toEqual(stubs(recipe.code))
    expect(stubs(config).length).toBeGreaterThan(5)
    const targets = new Set(config.match(/(?<=stub-addr: ).*$/gm))
    expect(targets).toEqual(new Set([`${addressOf('asnzone')}@5300`]))
    expect(services.rspamd.dns).toEqual([addressOf('unbound')])
  })

  const isMissing = !process.env.REQUIRE_PROGRAMS && !existsSync('/usr/sbin/unbound-checkconf')
  test.skipIf(isMissing)('its config is right', () => {
    const path = projectPath('docker/unbound/unbound.conf')
    const env = { PATH: `${process.env.PATH}:/usr/sbin` }
    expect(execFileSync('unbound-checkconf', [path], { encoding: 'utf8', env })).toContain('no errors')
  })
})
