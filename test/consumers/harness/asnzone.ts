// asnzone itself, as an administrator starts it.

import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Daemon } from './daemon.ts'
import type { Machine } from './machine.ts'

/** The command line of the build. */
const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))

const serve = (options: readonly string[]): string[] => [MAIN, 'serve', '--log-format', 'json', ...options]

/** Starts asnzone on a machine, with its defaults on 127.0.0.1 and [::1] port 5300, and waits until it answers. */
export async function startAsnzone(machine: Machine, options: readonly string[] = []): Promise<Daemon> {
  const asnzone = machine.start(process.execPath, serve(options))
  await asnzone.says(/answers on 127\.0\.0\.1:\d+/)
  return asnzone
}

/** Starts asnzone on this host. */
export function spawnAsnzone(options: readonly string[]): ChildProcess {
  return spawn(process.execPath, serve(options), { stdio: ['ignore', 'pipe', 'pipe'] })
}
