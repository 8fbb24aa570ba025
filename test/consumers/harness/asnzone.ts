// asnzone itself on a machine, as an administrator starts it.

import { fileURLToPath } from 'node:url'
import type { Daemon } from './daemon.ts'
import type { Machine } from './machine.ts'

/** The command line of the build. */
const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))

/** The folder where asnzone keeps what it needs, as systemd names it to a service. */
const STATE_DIRECTORY = '/var/lib/asnzone'

/** Starts asnzone with its defaults, on 127.0.0.1 and [::1] port 5300, and waits until it answers. */
export async function startAsnzone(machine: Machine, options: readonly string[] = []): Promise<Daemon> {
  // compile-once.ts has made the snapshot; each machine has a copy, because its files are its own.
  await machine.must('cp', ['-rT', process.env.TEST_DATA_DIRECTORY!, STATE_DIRECTORY])
  const args = [MAIN, 'serve', '--log-format', 'json', ...options]
  const asnzone = machine.start(process.execPath, args, { env: { STATE_DIRECTORY } })
  await asnzone.says(/answers on 127\.0\.0\.1:\d+/)
  return asnzone
}
