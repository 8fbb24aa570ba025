// Every command when what it prints can't be written, as on a full disk: one line, and no success.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandTree, runnableCommands } from '../../src/cli/command-tree.ts'
import { createProgram } from '../../src/cli/program.ts'
import { projectPath } from '../docs/markdown.ts'
import { compiledData } from '../support/compiled-data.ts'
import { temporaryFolder } from '../support/folders.ts'
import { type RunningServer, startServer } from '../support/programs.ts'

const FULL = 'asnzone: standard output: ENOSPC: no space left on device, write\n'

const folder = temporaryFolder({
  env: 'GEOIPPOLICYD_MAX_IPS=5\n',
  verdicts: '2026-11-20T10:00:00Z 8.8.8.8 spam\n'.repeat(30),
  'asn.csv': '8.8.8.0,8.8.8.255,15169,Google\n',
  'own.yaml': 'feed: none\nsources: [{ what: asn, format: ip-location-db, from: asn.csv }]\n',
})
const socket = join(folder, 'policy.sock')
const data = compiledData()
let server: RunningServer

beforeAll(async () => {
  const config = `max-age: 10000d\nstats: true\npolicy: { listen: ["unix:${socket}"] }\n`
  writeFileSync(join(folder, 'asnzone.yaml'), config)
  server = await startServer([], { cwd: folder, env: { ASNZONE_DATA_DIR: data } })
  const client = connect(socket)
  client.write('request=smtpd_access_policy\nsasl_username=anna\nclient_address=8.8.8.8\n\n')
  await once(client, 'data')
  client.destroy()
})
afterAll(() => server.stop())

/** What each command is asked so that it prints; SERVER stands for the address of the server. */
const ASKED: Readonly<Record<string, readonly (readonly string[])[]>> = {
  update: [['--force', '--config', 'own.yaml', '--data-dir', 'own']],
  status: [[], ['--json']],
  reload: [[]],
  reopen: [[]],
  lookup: [['8.8.8.8'], ['--json', '8.8.8.8']],
  query: [
    ['8.8.8.8.geo.asnzone.internal', '--server', 'SERVER'],
    ['--json', '8.8.8.8', '--server', 'SERVER'],
  ],
  probe: [['--listen', 'SERVER']],
  zones: [[]],
  export: [
    ['csv', '--country', 'LI'],
    ['mmdb', '--country', 'LI'],
    ['nft', '--country', 'LI'],
    ['zone', '--zone', 'geo.asnzone.internal', '--country', 'LI'],
  ],
  build: [
    ['--output', 'published'],
    ['--new-key', 'key'],
  ],
  stats: [[]],
  learn: [['verdicts'], ['--explain', '8.8.8.8'], ['--check', 'verdicts'], ['--csv'], ['--rspamd-map']],
  'policy check': [
    ['anna', '8.8.8.8'],
    ['anna', '8.8.8.8', '--json'],
  ],
  'policy list': [[]],
  'policy show': [['anna']],
  'policy history': [[], ['--csv']],
  'policy unblock': [['anna']],
  'policy forget': [['anna']],
  'policy records': [[]],
  'policy import': [['--env', 'env']],
  check: [[]],
  init: [['haraka', '-'], ['postfix', 'new.yaml'], ['unbound']],
  completion: [['bash']],
}

const commands = runnableCommands(commandTree(createProgram())).map(({ name }) => name)

test('this table has every command that prints', () => {
  // What serve has to say is the log, on standard error.
  expect(Object.keys(ASKED).sort()).toEqual(commands.filter((name) => name !== 'serve').sort())
})

const LINES = [
  ['--version'],
  ['--help'],
  ['policy', 'list', '--help'],
  ...Object.entries(ASKED).flatMap(([name, asked]) => asked.map((args) => [...name.split(' '), ...args])),
]

test.each(LINES.map((args) => [args.join(' '), args] as const))('asnzone %s', async (_, args) => {
  const { host, port } = server.addresses[0]
  const words = args.map((word) => (word === 'SERVER' ? `${host}:${port}` : word))
  const full = openSync('/dev/full', 'w')
  const child = spawn(process.execPath, [projectPath('dist/cli/main.js'), ...words], {
    cwd: folder,
    env: { ...process.env, ASNZONE_DATA_DIR: data },
    stdio: ['ignore', full, 'pipe'],
  })
  closeSync(full)
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [code] = await once(child, 'close')
  // A command may have logged before.
  expect([code, stderr.slice(stderr.indexOf(FULL))]).toEqual([1, FULL])
})
