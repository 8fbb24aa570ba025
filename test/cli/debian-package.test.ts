// The Debian package: what it is made of, by dpkg's and lintian's judgement. It is installed by npm run prove:packages.

import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadSettings } from '../../src/config/load.ts'
import { projectPath, readDocument } from '../docs/markdown.ts'
import { temporaryFolder } from '../support/folders.ts'
import { runCli } from '../support/programs.ts'

/** Whether a program is missing; .ci/run sets REQUIRE_PROGRAMS, so that its tests fail instead. */
const isMissing = (program: string): boolean =>
  !process.env.REQUIRE_PROGRAMS && spawnSync(program, ['--version']).error !== undefined

/** Only for machines that there are packages for, and with what is installed: nothing is fetched. */
const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as string]

const CONFIG = projectPath('scripts/package/debian/asnzone.yaml')

describe.skipIf(isMissing('dpkg-deb') || architecture === undefined)('the package', () => {
  let file: string
  let listed: readonly string[]
  let tree: string

  beforeAll(() => {
    // Not packed as tightly as one that is handed on, which takes longer than the test may.
    const script = `import { writeDeb } from '${projectPath('scripts/package/deb.js')}'
      console.log(await writeDeb('${architecture}', '${temporaryFolder()}', 'gzip'))`
    file = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
    }).trim()
    listed = execFileSync('dpkg-deb', ['--contents', file], { encoding: 'utf8', maxBuffer: 1 << 24 })
      .trim()
      .split('\n')
    tree = join(temporaryFolder(), 'tree')
    execFileSync('dpkg-deb', ['--raw-extract', file, tree])
  }, 300_000)

  test('its control fields ask for the Node.js that package.json asks for', () => {
    const control = execFileSync('dpkg-deb', ['--field', file], { encoding: 'utf8' })
    const { version, engines } = JSON.parse(readDocument('package.json')) as {
      version: string
      engines: { node: string }
    }
    const needed = engines.node.replace('>=', '')
    expect(control).toMatch(
      new RegExp(`^Depends: nodejs \\(>= ${needed}\\), systemd \\|.*, libc6 \\(>= 2\\.\\d+\\)`, 'm'),
    )
    expect(control).toMatch(
      new RegExp(`^Version: ${version.replaceAll('.', '\\.')}([~+]git\\d{14}\\.\\w+)?-1$`, 'm'),
    )
    expect(control).toMatch(new RegExp(`^Architecture: ${architecture}$`, 'm'))
    const conffiles = readFileSync(join(tree, 'DEBIAN/conffiles'), 'utf8')
    expect(conffiles).toBe('/etc/asnzone/asnzone.yaml\n/etc/logrotate.d/asnzone\n')
  })

  test('all belongs to root, and nobody else may write', () => {
    for (const line of listed)
      expect(line).toMatch(/^(lrwxrwxrwx|drwxr-xr-x|-rwxr-xr-x|-rw-r--r--) root\/root /)
    const run = listed.filter((line) => line.startsWith('-rwx')).map((line) => line.replace(/.* \.\//, ''))
    expect(run).toEqual(['usr/lib/asnzone/dist/cli/main.js'])
  })

  test('its units are those of docs/, and start what it has', () => {
    for (const unit of [
      'asnzone.service',
      'asnzone.socket',
      'asnzone-update.service',
      'asnzone-update.timer',
    ]) {
      expect(readFileSync(join(tree, 'usr/lib/systemd/system', unit), 'utf8')).toBe(
        readDocument(`docs/${unit}`),
      )
    }
    expect(readDocument('docs/asnzone.service')).toContain('ExecStart=/usr/bin/asnzone serve')
    expect(listed.join('\n')).toContain(' ./usr/bin/asnzone -> ../lib/asnzone/dist/cli/main.js')
    expect(readFileSync(join(tree, 'usr/lib/asnzone/dist/cli/main.js'), 'utf8')).toMatch(
      /^#!\/usr\/bin\/node\n/,
    )
  })

  test('native code is for this machine and glibc only', () => {
    const native = listed
      .filter((line) => line.endsWith('.node'))
      .map((line) => line.replace(/.*node_modules\//, ''))
    const { arch } = process
    expect(native).toEqual([
      `@koromix/koffi-linux-${arch}/linux_${arch}/koffi.node`,
      `@libsql/linux-${arch}-gnu/index.node`,
    ])
  })

  test('what it has of packages is enough to count, to receive, to load the data and to draw', () => {
    const main = join(tree, 'usr/lib/asnzone/dist/cli/main.js')
    const load = `const { createRequire } = await import('node:module')
      const require = createRequire('${main}')
      const db = new (require('libsql'))(':memory:')
      console.log(db.prepare('select 1 + 1 as two').get().two, require('koffi').version)
      process.exit(0)`
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', load], { encoding: 'utf8' })
    expect(said).toMatch(/^2 \d+\.\d+\.\d+\n$/)
    const { resolve } = createRequire(main)
    const sources = readDocument('src/data/sources/sources.ts') + readDocument('src/http/static-files.ts')
    const read = [
      ...['ipv4', 'ipv6'].map((family) => `@ip-location-db/asn/asn-${family}.csv`),
      ...['ipv4', 'ipv6'].map((family) => `@ip-location-db/asn-country/asn-country-${family}.csv`),
      ...['uPlot.esm.js', 'uPlot.min.css'].map((name) => `uplot/dist/${name}`),
    ]
    for (const path of read) {
      expect(sources).toContain(basename(path))
      expect(resolve(path)).toContain(tree)
    }
  })

  test('copyright names a licence for all files, and has its text', () => {
    const copyright = readFileSync(join(tree, 'usr/share/doc/asnzone/copyright'), 'utf8')
    const [head, ...paragraphs] = copyright.split('\n\n')
    expect(head).toMatch(
      /^Format: https:\/\/www\.debian\.org\/doc\/packaging-manuals\/copyright-format\/1\.0\/\n/,
    )
    const used = paragraphs
      .filter((it) => it.startsWith('Files:'))
      .flatMap((it) => /^License: (.+)$/m.exec(it)?.[1].split(' and ') ?? [])
    const told = paragraphs.flatMap((it) => /^License: (\S+)\n \S/.exec(it)?.[1] ?? [])
    expect(told.sort()).toEqual([...new Set(used)].sort())
    for (const name of ['koffi', 'libsql', '@ip-location-db/asn', 'uplot']) {
      expect(copyright).toContain(`Files: usr/lib/asnzone/node_modules/${name}/*\n`)
    }
  })

  test.skipIf(isMissing('lintian'))(
    'lintian finds no error, and nothing to warn of',
    () => {
      const { stdout, status } = spawnSync('lintian', ['--allow-root', '--fail-on', 'error,warning', file], {
        encoding: 'utf8',
      })
      expect([status, stdout]).toEqual([0, ''])
    },
    120_000,
  )
})

describe('the config that it brings', () => {
  test('is right', async () => {
    const outcome = await runCli(['check', '--config', CONFIG, '--log-level', 'error'])
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
  })

  test('what is behind a # is right, too', () => {
    const text = readFileSync(CONFIG, 'utf8').replace(/^# (?=[a-z-]+: )/gm, '')
    const given = parse(text) as Record<string, unknown>
    expect(Object.keys(given)).toEqual(
      expect.arrayContaining([
        'disable',
        'here',
        'score',
        'learn',
        'http',
        'stats',
        'whois',
        'policy',
        'query-log',
      ]),
    )
    const folder = temporaryFolder({ 'asnzone.yaml': text })
    expect(loadSettings({ configFile: join(folder, 'asnzone.yaml') }).queryLog.every).toBe(100)
  })
})
