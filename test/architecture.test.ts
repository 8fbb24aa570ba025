// The house rules of docs/architecture.md that a reader could break without noticing.

import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from './support/folders.ts'

const SRC = fileURLToPath(new URL('../src/', import.meta.url))

/** Which folders of src/ a folder may import from, besides itself and the files in src/. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  table: [],
  score: [],
  system: [],
  zones: ['table'],
  policy: ['score', 'table'],
  'policy-server': ['policy', 'system', 'table'],
  dns: ['zones', 'table'],
  stats: ['system', 'table'],
  learn: ['policy', 'system', 'table'],
  server: ['stats', 'system', 'dns', 'zones', 'table'],
  data: ['learn', 'system', 'score', 'table'],
  whois: ['server', 'system', 'dns', 'table'],
  export: ['zones', 'table'],
  config: ['data', 'learn', 'zones', 'policy-server', 'policy', 'system', 'table'],
  http: [
    'export',
    'policy-server',
    'whois',
    'server',
    'stats',
    'learn',
    'system',
    'data',
    'dns',
    'zones',
    'table',
  ],
  app: [
    'http',
    'export',
    'policy-server',
    'policy',
    'whois',
    'server',
    'stats',
    'learn',
    'system',
    'config',
    'data',
    'dns',
    'zones',
    'table',
  ],
  cli: [
    'app',
    'export',
    'policy-server',
    'server',
    'stats',
    'learn',
    'system',
    'config',
    'data',
    'dns',
    'zones',
    'table',
  ],
}

/** Folders of the answering half: bytes in, bytes out. */
const WITHOUT_NODE = ['dns', 'zones', 'table', 'policy']

/** One source file. */
interface Source {
  /** Relative to src/. */
  readonly path: string
  /** The folder in src/, '' for a file in src/ itself. */
  readonly folder: string
  readonly text: string
  /** What it imports, as it is written there. */
  readonly imports: readonly string[]
}

/** Static imports, dynamic ones, and modules that threads are started from. */
const IMPORT = /\bfrom '([^']+)'|\bimport '([^']+)'|\bimport\('([^']+)'\)|\bnew URL\('(\.[^']+\.js)'/g

const SOURCES: readonly Source[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .sort()
  .map((path) => {
    const text = readFileSync(join(SRC, path), 'utf8')
    const imports = [...text.matchAll(IMPORT)].map(([, ...groups]) => groups.find((group) => group) ?? '')
    return { path, folder: folderOf(path), text, imports }
  })

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : ''
}

/** The folder in src/ that an import leads to; null for a package or a module of Node. */
function targetOf(source: Source, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null
  return folderOf(relative(SRC, join(SRC, dirname(source.path), specifier)))
}

test('the source files were found, and what they import', () => {
  expect(SOURCES.length).toBeGreaterThan(50)
  const responder = SOURCES.find(({ path }) => path === 'dns/responder.ts')
  expect(responder?.imports).toContain('../zones/zone-set.ts')
  expect(SOURCES.find(({ path }) => path === 'server/udp-mmsg.ts')?.imports).toContain('./mmsg/worker.js')
})

describe('imports run one way', () => {
  test('every folder has its place', () => {
    const folders = [...new Set(SOURCES.map(({ folder }) => folder))].filter((folder) => folder !== '')
    expect(Object.keys(MAY_IMPORT)).toEqual(expect.arrayContaining(folders))
  })

  test('the places make no circle', () => {
    const reach = (folder: string, path: readonly string[]): void => {
      expect(path).not.toContain(folder)
      for (const next of MAY_IMPORT[folder]) reach(next, [...path, folder])
    }
    for (const folder of Object.keys(MAY_IMPORT)) reach(folder, [])
  })

  test.each(Object.keys(MAY_IMPORT))('%s/', (folder) => {
    const allowed = [folder, '', ...MAY_IMPORT[folder]]
    const strays = SOURCES.filter((source) => source.folder === folder).flatMap((source) =>
      source.imports
        .filter((specifier) => !allowed.includes(targetOf(source, specifier) ?? ''))
        .map((specifier) => `${source.path} imports ${specifier}`),
    )
    expect(strays).toEqual([])
  })

  test('errors.ts and version.ts, which all may import, import nothing of the project', () => {
    const ours = SOURCES.filter(({ path }) => ['errors.ts', 'version.ts'].includes(path)).flatMap((source) =>
      source.imports.filter((specifier) => targetOf(source, specifier) !== null),
    )
    expect(ours).toEqual([])
  })
})

test('what answers imports nothing that prepares: the halves meet in the table', () => {
  const answering = SOURCES.filter(
    ({ path, folder }) => [...WITHOUT_NODE, 'server'].includes(folder) && !path.startsWith('table/build/'),
  )
  expect(answering.length).toBeGreaterThan(40)
  const strays = answering.flatMap(({ path, imports }) =>
    imports
      .filter(
        (specifier) => specifier.startsWith('.') && join(dirname(path), specifier).startsWith('table/build/'),
      )
      .map((specifier) => `${path} imports ${specifier}`),
  )
  expect(strays).toEqual([])
})

/** What is read when a module is, files of ours and packages; with `later` also what is imported when it is asked for. */
function reachedFrom(start: string, later: boolean): Set<string> {
  const reached = new Set<string>()
  const follow = (path: string): void => {
    if (reached.has(path)) return
    reached.add(path)
    const text = SOURCES.find((source) => source.path === path)?.text ?? ''
    // Types are gone when it runs, and what a thread is started from is loaded there.
    for (const [, from, alone, asked] of text.replace(/^import type .*$/gm, '').matchAll(IMPORT)) {
      const specifier = from ?? alone ?? (later ? asked : undefined)
      if (specifier?.endsWith('.ts')) follow(join(dirname(path), specifier))
      else if (specifier !== undefined) reached.add(specifier)
    }
  }
  follow(start)
  return reached
}

test('libsql is loaded by threads and by asnzone stats, never in the thread that answers', () => {
  // Loading it takes a process report, for which every thread of the process is interrupted and waited for.
  const reached = reachedFrom('cli/serve.ts', true)
  expect(reached).toContain('server/udp-mmsg.ts')
  expect(reached).toContain('koffi')
  expect(reached).not.toContain('stats/database.ts')
  expect(reached).not.toContain('libsql')
})

test('the policy service loads the store that is asked for, and no other', () => {
  const thread = 'policy-server/policy-thread.ts'
  const stores = ['libsql', '@redis/client', 'ldapts']
  const atOnce = reachedFrom(thread, false)
  expect(stores.filter((name) => atOnce.has(name))).toEqual([])
  expect(atOnce).toContain('policy-server/open-store.ts')
  expect([...reachedFrom(thread, true)]).toEqual(expect.arrayContaining(stores))
})

test('mail is loaded by the thread that sends it, when there is some', () => {
  const thread = 'policy-server/telling/telling-thread.ts'
  expect(reachedFrom('policy-server/policy-thread.ts', true)).not.toContain('nodemailer')
  expect(reachedFrom(thread, false)).not.toContain('nodemailer')
  expect(reachedFrom(thread, true)).toContain('nodemailer')
})

test('biome holds the answering half to octets: no module, global or clock of Node.js', () => {
  // biome.json says so for each folder; here is seen that it does.
  const folder = temporaryFolder()
  copyFileSync(join(SRC, '../biome.json'), join(folder, 'biome.json'))
  const probe = "import { x } from 'node:fs'\nexport const y = [x, Buffer, process.pid, performance.now()]\n"
  const places = [...WITHOUT_NODE, 'dns/edns', 'table/build', 'server']
  for (const place of places) {
    mkdirSync(join(folder, 'src', place), { recursive: true })
    writeFileSync(join(folder, 'src', place, 'probe.ts'), probe)
  }
  writeFileSync(join(folder, 'src/dns/clock.ts'), 'export const now = (): number => Date.now()\n')
  const biome = join(SRC, '../node_modules/.bin/biome')
  const { stdout } = spawnSync(biome, ['lint', '--max-diagnostics=none', '--reporter=json', 'src'], {
    cwd: folder,
    encoding: 'utf8',
  })
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { category: string; severity: string; location: { path: string } }[]
  }
  const found = (path: string): string[] =>
    diagnostics
      .filter(({ severity, location }) => severity === 'error' && location.path === path)
      .map(({ category }) => category)
  const [modules, globals] = ['lint/correctness/noNodejsModules', 'lint/style/noRestrictedGlobals']
  for (const place of places.slice(0, -1)) {
    expect([place, found(`src/${place}/probe.ts`)]).toEqual([place, [modules, globals, globals, globals]])
  }
  expect(found('src/dns/clock.ts')).toEqual([globals])
  expect(found('src/server/probe.ts')).toEqual([])
})

test('imports of the project end in .ts', () => {
  const strays = SOURCES.flatMap(({ path, imports }) =>
    imports
      .filter((name) => name.startsWith('.') && !/\.(ts|js)$/.test(name))
      .map((name) => `${path}: ${name}`),
  )
  expect(strays).toEqual([])
})

test('what is printed is printed by print.ts, which makes it printable', () => {
  const strays = SOURCES.filter(({ path }) => path !== 'print.ts').flatMap(({ path, text }) =>
    [...text.matchAll(/\bconsole\.\w+|\bprocess\.(?:stdout|stderr)(?!\.isTTY)\b.*/g)]
      .map(([what]) => `${path}: ${what}`)
      // It draws a line of its own, and the name in it is printable.
      .filter((stray) => stray !== 'cli/progress-bar.ts: process.stderr) {'),
  )
  expect(strays).toEqual([])
})

test('files are opened by safe-file.ts, or by who opens none of the data directory', () => {
  const OTHERS: Readonly<Record<string, string>> = {
    'cli/init-systemd.ts': 'units',
    'config/systemd-units.ts': 'our units',
    'system/atomic-file.ts': 'folders, to sync them; what it writes is open',
    'data/snapshot/code-digest.ts': 'our code',
    'data/compile/compile-process.ts': '/proc',
    'data/formats/reading/handwritten.ts': 'what the config names',
    'data/compile/registries.ts': 'our data',
    'data/sources/sources.ts': 'installed packages',
    'data/snapshot/publish.ts': 'a folder for a web server',
    'system/secret-file.ts': 'keys',
    'http/static-files.ts': 'our pages',
    'system/line-file.ts': 'logs',
    'system/kernel-thread.ts': '/proc',
    'server/descriptors.ts': '/proc',
    'server/handover.ts': 'a descriptor that was handed over',
    'server/udp-drops.ts': '/proc',
    'system/no-typing.ts': 'the terminal, and nothing of it',
    'version.ts': 'our version',
  }
  const openers = SOURCES.filter(({ text }) =>
    /\b(?:openSync|readFileSync|writeFileSync|appendFileSync|createWriteStream|copyFileSync)\b|import \{ .*\b(?:open|readFile|writeFile)\b.* \} from 'node:fs\/promises'|createReadStream\([^'"]/.test(
      text,
    ),
  ).map(({ path }) => path)
  expect(openers.filter((path) => path !== 'system/safe-file.ts').sort()).toEqual(Object.keys(OTHERS).sort())
})

test('the first line of every file says what it is', () => {
  const strays = SOURCES.filter(({ text }) => !/^(#!.*\n)?\/\/ \S/.test(text)).map(({ path }) => path)
  expect(strays).toEqual([])
})

describe('errors', () => {
  const { text } = SOURCES.find(({ path }) => path === 'errors.ts')!
  const documented = [...text.matchAll(/^ \* - `(ASNZONE_[A-Z]+)`: \S/gm)].map(([, code]) => code)
  const declared = [...text.matchAll(/^ {2}\| '(ASNZONE_[A-Z]+)'$/gm)].map(([, code]) => code)
  const thrown = SOURCES.filter(({ path }) => path !== 'errors.ts').flatMap((source) =>
    [...source.text.matchAll(/'(ASNZONE_[A-Z]+)'/g)].map(([, code]) => code),
  )

  test('each code is documented, once', () => {
    expect(documented).toEqual(declared)
    expect(new Set(documented).size).toBe(documented.length)
  })

  test('each code that is documented is thrown, and each that is thrown is documented', () => {
    expect([...new Set(thrown)].sort()).toEqual([...documented].sort())
  })

  test('nothing but an AsnzoneError or a plain Error with a short reason is thrown', () => {
    const strays = SOURCES.flatMap(({ path, text: source }) =>
      [...source.matchAll(/throw new (\w+)/g)]
        .filter(([, name]) => !['AsnzoneError', 'Error', 'RangeError'].includes(name))
        .map(([what]) => `${path}: ${what}`),
    )
    expect(strays).toEqual([])
  })
})
