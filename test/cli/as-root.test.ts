// Root's commands on the data of a service: they work, as the service's user, and leave nothing of root's.

import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/folders.ts'
import { type Outcome, runCli } from '../support/programs.ts'

/** An account of a service that every Debian has. */
const DAEMON = 1

let folder: string
let data: string

beforeEach(() => {
  folder = temporaryFolder({
    'asnzone.yaml': `feed: none
sources:
  - { what: override, format: overrides, from: rows.csv }
policy: { listen: ["127.0.0.1:0"] }
`,
    'rows.csv': 'cidr,asn,name,country\n10.0.0.0/8,64512,our LAN,DE\n',
    verdicts: `${Math.floor(Date.now() / 1000)} 10.1.2.3 spam\n`,
  })
  chmodSync(folder, 0o755)
  data = join(folder, 'data')
  mkdirSync(data, { mode: 0o750 })
  chownSync(data, DAEMON, DAEMON)
})

const run = (...args: string[]): Promise<Outcome> =>
  runCli(args, { cwd: folder, env: { ASNZONE_DATA_DIR: data } })

const owners = (): Set<number> => new Set(readdirSync(data).map((name) => statSync(join(data, name)).uid))

describe.runIf(process.geteuid?.() === 0)('as root (skipped without root)', () => {
  test.each([
    [['lookup', '10.1.2.3'], /our LAN/],
    [['check'], /^ok: /],
    [['learn', 'verdicts'], /^1 verdict learned|1 ignored/],
    [['export', 'csv', '--what', 'asn', '--output', '-'], /64512/],
  ])('%j works, and what it makes is of the owner', async (args, shown) => {
    const { code, stdout, stderr } = await run(...args)
    expect([stderr, code]).toEqual([expect.not.stringMatching(/run it as/), 0])
    expect(stdout).toMatch(shown)
    expect(owners()).toEqual(new Set([DAEMON]))
  })

  test('which config it goes by is said once', async () => {
    const { config, stderr } = await run('lookup', '10.1.2.3')
    expect(config).toBe(`asnzone.yaml, data in ${data}`)
    expect(stderr).not.toContain('config')
  })

  test('what the owner may not read is told with whose right it is', async () => {
    writeFileSync(join(folder, 'root-only'), '', { mode: 0o600 })
    const { code, stderr } = await run('learn', 'root-only')
    expect(code).toBe(1)
    expect(stderr).toContain(`root's command works as daemon, the owner of ${data}, who may not do that`)
  })
})
