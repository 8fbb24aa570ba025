// asnzone itself on a machine, as an administrator starts it.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse, stringify } from 'yaml'
import { SNAPSHOT_FILE } from '../../../src/data/snapshot/snapshot.ts'
import type { Daemon } from './daemon.ts'
import type { Machine } from './machine.ts'

/** The command line of the build. */
const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))

/** The folder where asnzone keeps what it needs, as systemd names it to a service. */
const STATE_DIRECTORY = '/var/lib/asnzone'

/** Where a machine may have a configuration of asnzone. */
const CONFIG = '/etc/asnzone/asnzone.yaml'

/** How it is started. */
export interface AsnzoneOptions {
  /** Who runs it, as systemd starts it; root unless given. */
  readonly user?: string
}

/** Starts asnzone with its defaults, on 127.0.0.1 and [::1] port 5300, and waits until it answers. */
export async function startAsnzone(
  machine: Machine,
  options: readonly string[] = [],
  { user }: AsnzoneOptions = {},
): Promise<Daemon> {
  const config = machine.read(CONFIG)
  // A machine's files are its own: it gets a copy of the snapshot.
  await machine.must('mkdir', ['-p', STATE_DIRECTORY])
  await machine.must('cp', [snapshotFor(config), STATE_DIRECTORY])
  // Who changes users forgets that it is to end with its parent, and has to be told again.
  const identity = ['--reuid', `${user}`, '--regid', `${user}`, '--clear-groups', '--pdeathsig', 'TERM']
  const asUser = user === undefined ? [] : ['setpriv', ...identity]
  const [program, ...args] = [
    ...asUser,
    process.execPath,
    MAIN,
    'serve',
    '--log-format',
    'json',
    ...(config === '' ? [] : ['--config', CONFIG]),
    ...options,
  ]
  const asnzone = machine.start(program, args, { env: { STATE_DIRECTORY } })
  await asnzone.says(/answers on 127\.0\.0\.1:\d+/)
  return asnzone
}

/** Has the command `asnzone` on a machine, as npm installs it. */
export function installCommand(machine: Machine): void {
  machine.write('/usr/local/bin/asnzone', `#!/bin/sh\nexec ${process.execPath} ${MAIN} "$@"\n`, 0o755)
}

/** The snapshot of a configuration, which is compiled when the first machine has it; compile-once.ts did the default. */
function snapshotFor(text: string): string {
  const compiled = process.env.TEST_DATA_DIRECTORY!
  // Neither the policy service nor zones have a part in the data.
  const { policy: _, zones: __, ...ofData } = (parse(text) ?? {}) as Readonly<Record<string, unknown>>
  if (Object.keys(ofData).length === 0) return join(compiled, SNAPSHOT_FILE)
  const config = stringify(ofData)
  const folder = join(compiled, createHash('sha256').update(config).digest('hex'))
  const snapshot = join(folder, SNAPSHOT_FILE)
  if (!existsSync(snapshot)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'asnzone.yaml'), config)
    const args = [MAIN, 'check', '--config', join(folder, 'asnzone.yaml'), '--data-dir', folder]
    execFileSync(process.execPath, args, { stdio: 'pipe' })
  }
  return snapshot
}
