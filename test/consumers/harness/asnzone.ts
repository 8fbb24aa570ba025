// asnzone itself, on a machine, as an administrator starts it.

import { fileURLToPath } from 'node:url'
import type { Daemon } from './daemon.ts'
import type { Machine } from './machine.ts'

/** The command line of the build. */
const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))

/** Starts asnzone with its defaults, on 127.0.0.1 and [::1] port 5300, and waits until it answers. */
export async function startAsnzone(machine: Machine, options: readonly string[] = []): Promise<Daemon> {
  const asnzone = machine.start(process.execPath, [MAIN, 'serve', '--log-format', 'json', ...options])
  await asnzone.says(/answers on 127\.0\.0\.1:\d+/)
  return asnzone
}
