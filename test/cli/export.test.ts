// asnzone export on the command line: files, standard output, and what is refused.

import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Reader } from 'mmdb-lib'
import { expect, test } from 'vitest'
import { projectPath } from '../docs/markdown.ts'
import { COMPILED_DATA } from '../support/conformance/launch.ts'
import { temporaryFolder } from '../support/folders.ts'
import { runCli } from '../support/programs.ts'

test('a file is written aside and renamed, and others may read it', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'US.map')
  writeFileSync(file, 'old')
  const inode = statSync(file).ino
  const { code, stderr } = await runCli(['export', 'haproxy', '--country', 'us', '--family', '4', '-o', file])
  expect([code, stderr]).toEqual([0, ''])
  expect(readFileSync(file, 'utf8')).toMatch(/^# asnzone .*DB-IP.*\n(\d+\.\d+\.\d+\.\d+\/\d+ US\n)+$/)
  expect(statSync(file).ino).not.toBe(inode)
  expect(statSync(file).mode & 0o777).toBe(0o666 & ~process.umask())
  expect(readdirSync(folder)).toEqual(['US.map'])
})

test('what is no file stays what it is, and is not written to', async () => {
  const fifo = join(temporaryFolder(), 'fifo')
  execFileSync('mkfifo', [fifo])
  const { code, stderr } = await runCli(['export', 'nft', '--country', 'LI', '-o', fifo])
  const mend = 'it is not a file; leave --output out, and lead standard output there'
  expect([code, stderr]).toEqual([1, `asnzone: ${fifo}: ${mend}\n`])
  expect(lstatSync(fifo).isFIFO()).toBe(true)
})

test('a link stays one: what it leads to is written', async () => {
  const folder = temporaryFolder({ file: 'old' })
  const link = join(folder, 'link')
  symlinkSync('file', link)
  const { code } = await runCli(['export', 'nft', '--country', 'LI', '--family', '6', '-o', link])
  expect(code).toBe(0)
  expect(lstatSync(link).isSymbolicLink()).toBe(true)
  expect(readFileSync(join(folder, 'file'), 'utf8')).toContain('add set inet asnzone LI6')
})

test.each(['mmdb', 'nft', 'csv'])('a full disk behind standard output is one line: %s', (format) => {
  const command = [process.execPath, projectPath('dist/cli/main.js'), 'export', format, '--country', 'LI']
  const { status, stderr } = spawnSync('sh', ['-c', 'exec "$@" > /dev/full', 'sh', ...command], {
    cwd: temporaryFolder(),
    env: { ...process.env, ASNZONE_DATA_DIR: COMPILED_DATA },
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([1, 'asnzone: standard output: ENOSPC: no space left on device, write\n'])
})

test.each([
  ['export', 'nft', '--country', 'DE'],
  ['export', '--help'],
])('standard output that takes only the beginning is no success: %j', (...args) => {
  const folder = temporaryFolder()
  const command = [process.execPath, projectPath('dist/cli/main.js'), ...args]
  // The kernel writes what there is room for, and tells that by the length alone.
  const { status, stderr } = spawnSync('bash', ['-c', 'ulimit -f 1; exec "$@" > file', 'bash', ...command], {
    cwd: folder,
    env: { ...process.env, ASNZONE_DATA_DIR: COMPILED_DATA },
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([1, 'asnzone: standard output: EFBIG: file too large, write\n'])
  expect(statSync(join(folder, 'file')).size).toBe(1024)
})

test.runIf(process.geteuid?.() === 0).each([
  ['a link of another', 'theirs/link'],
  ['a directory that is a link of another', 'theirs/directory/file'],
  ['such a directory to a new file', 'theirs/directory/new'],
])('root does not follow %s', async (_, output) => {
  const folder = temporaryFolder({ file: 'old' })
  mkdirSync(join(folder, 'theirs'))
  symlinkSync('../file', join(folder, 'theirs/link'))
  symlinkSync('..', join(folder, 'theirs/directory'))
  for (const name of ['theirs', 'theirs/link', 'theirs/directory']) lchownSync(join(folder, name), 2, 2)
  const args = ['export', 'nft', '--country', 'LI', '--output', join(folder, output)]
  const { code, stderr } = await runCli(args, { env: { ...process.env, ASNZONE_DATA_DIR: COMPILED_DATA } })
  expect([code, stderr]).toEqual([1, expect.stringMatching(/belongs to user 2; name the file itself\n$/)])
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('old')
  expect(readdirSync(folder).sort()).toEqual(['file', 'theirs'])
})

test('--output /dev/stdout goes on with the file that is standard output', () => {
  const folder = temporaryFolder({ all: 'before\n' })
  const command = [process.execPath, projectPath('dist/cli/main.js'), 'export', 'nft', '--country', 'LI']
  const line = 'exec "$@" --output /dev/stdout >> all'
  const { status } = spawnSync('sh', ['-c', line, 'sh', ...command], {
    cwd: folder,
    env: { ...process.env, ASNZONE_DATA_DIR: COMPILED_DATA },
  })
  expect(status).toBe(0)
  expect(readFileSync(join(folder, 'all'), 'utf8')).toMatch(/^before\n[\s\S]*add set inet asnzone LI/)
})

test('another descriptor is not replaced by a file', async () => {
  const { code, stderr } = await runCli(['export', 'nft', '--country', 'LI', '--output', '/dev/fd/3'])
  const mend = 'it is open already; leave --output out, and lead standard output there'
  expect([code, stderr]).toEqual([1, `asnzone: --output /dev/fd/3: ${mend}\n`])
})

test('mmdb goes to a pipe as it is, and is the same each time', async () => {
  const folder = temporaryFolder()
  const files = ['a', 'b'].map((name) => join(folder, name))
  for (const file of files) {
    const { code } = await runCli([
      'export',
      'mmdb',
      '--what',
      'asn',
      '--asn',
      'AS15169,3333',
      '--output',
      file,
    ])
    expect(code).toBe(0)
  }
  expect(readFileSync(files[0])).toEqual(readFileSync(files[1]))
  expect(new Reader<never>(readFileSync(files[0])).get('8.8.8.8')).toEqual({
    autonomous_system_number: 15169,
    autonomous_system_organization: 'Google LLC',
  })
})

test('standard output', async () => {
  const { code, stdout } = await runCli(['export', 'nft', '--country', 'LI', '--family', '6'])
  expect(code).toBe(0)
  expect(stdout).toContain('add set inet asnzone LI6 { type ipv6_addr; flags interval; auto-merge; }\n')
})

test('--max-names is about the names of a zone file, and not about the data that is read', async () => {
  const args = ['export', 'zone', '--zone', 'li.country.asnzone.internal', '--family', '4']
  const { code, stdout } = await runCli([...args, '--max-names', '900'])
  expect(code).toBe(0)
  expect(stdout).toContain(' TXT "li"\n')
  expect((await runCli([...args, '--max-names', '4000000000'])).stdout).toBe(stdout)
  expect((await runCli([...args, '--max-names', '9'])).stderr).toMatch(/ has \d+ names, more than 9: /)
})

test('zones and their catalog go into a folder', async () => {
  const folder = join(temporaryFolder(), 'zones')
  const args = ['--country', 'LI,AD', '--catalog', 'catalog.asnzone.internal', '--output', folder]
  expect((await runCli(['export', 'zone', ...args])).stderr).toBe('')
  expect(readdirSync(folder).sort()).toEqual([
    'ad.country.asnzone.internal.zone',
    'catalog.asnzone.internal.zone',
    'li.country.asnzone.internal.zone',
  ])
})

test('a folder that is not there is named', async () => {
  const { code, stderr } = await runCli(['export', 'nginx', '--country', 'LI', '-o', '/nowhere/at/all'])
  expect(code).toBe(1)
  expect(stderr).toMatch(/^asnzone: \/nowhere\/at\/all: the folder \/nowhere\/at does not exist\n$/)
})

test.each([
  ['.', /^asnzone: \.: it is a directory, where a file is expected\n$/],
  ['', /^asnzone: --output is empty; name a file, or leave it out\n$/],
])("'%s' is no file", async (output, message) => {
  const cwd = temporaryFolder()
  const { code, stderr } = await runCli(['export', 'nginx', '--country', 'LI', '--output', output], { cwd })
  expect([code, stderr]).toEqual([1, expect.stringMatching(message)])
  expect(readdirSync(cwd)).toEqual([])
})

test('what replaces a private file is private', async () => {
  const folder = temporaryFolder({ file: 'old' })
  const file = join(folder, 'file')
  chmodSync(file, 0o640)
  for (const args of [['nginx'], ['nft']]) {
    const { code } = await runCli(['export', ...args, '--country', 'LI', '--output', file])
    expect([code, statSync(file).mode & 0o777]).toEqual([0, 0o640])
  }
})

test('a large Postfix table is told to be one', async () => {
  const file = join(temporaryFolder(), 'cidr')
  const { stderr } = await runCli(['export', 'postfix-cidr', '--country', 'US', '-o', file])
  expect(stderr).toMatch(/^asnzone: \d+ lines: every process of Postfix reads them all .*\n$/)
})

test.each([
  [['nft'], 'nft has a set for each country or AS: say which with --country or --asn'],
  [['mmdb', '--country', 'DE', '--asn', '1'], '--country or --asn, not both'],
  [['csv', '--zone', 'geo.asnzone.internal'], 'csv has no --zone'],
  [['csv', '--what', 'asn,country'], 'csv has one kind of value per file: --what asn or --what country'],
  [['csv', '--what', 'as-names'], "csv can't tell as-names; rbldnsd and zone can"],
  [['csv', '--type', 'x'], 'csv has no --type'],
  [['mmdb', '--country', 'ZZ'], "'ZZ' is not a country of ISO 3166-1, such as DE"],
  [['mmdb', '--asn', '0'], "'0' is not an AS number, such as AS15169"],
  [['mmdb', '--what', 'names'], "--what is one of asn, country, city, as-names, not 'names'"],
  [['rbldnsd'], 'say which zone: --zone NAME, --country CC or --what as-names'],
  [['zone', '--zone', 'nowhere.test'], 'there is no zone nowhere.test; asnzone zones lists them'],
  [['zone', '--zone', 'top'], 'asnzone.internal holds nothing below its name'],
  [['zone', '--country', 'LI,AD'], 'several files need a directory: --output DIR'],
  [
    ['rbldnsd', '--zone', 'geo'],
    'geo.asnzone.internal is of both families, and rbldnsd has a file for each: --family 4 or --family 6',
  ],
  [
    ['rbldnsd', '--zone', 'origin', '--family', '6'],
    'origin.asnzone.internal has no names of IPv6 addresses',
  ],
])('%j is refused in one line', async (args, message) => {
  const { code, stdout, stderr } = await runCli(['export', ...args])
  expect([code, stdout, stderr]).toEqual([1, '', `asnzone: ${message}\n`])
})

test('a full zone is refused, with what it would take', async () => {
  const { code, stderr } = await runCli(['export', 'zone', '--zone', 'origin'])
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /^asnzone: origin\.asnzone\.internal has 4,\d+,\d+ names, more than 1,000,000: some 3 GB/,
  )
})
