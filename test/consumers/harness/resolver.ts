// The resolver of the client tests: Unbound with the recipe of docs/consumers/resolvers.md.

import { vi } from 'vitest'
import { startAsnzone } from './asnzone.ts'
import type { Daemon } from './daemon.ts'
import { ROOT_SERVERS, SIGNED_ADDRESS, SIGNED_NAME, startInternet, type TrustAnchor } from './internet.ts'
import { Machine, type MachineOptions } from './machine.ts'
import { Page } from './page.ts'

/** What every client test needs installed, beside its client. */
export const RESOLVER_NEEDS = ['unbound', 'named', 'dnssec-signzone'] as const

/** A machine with asnzone and a resolver that sends it our zones. */
export interface MailHost {
  readonly machine: Machine
  readonly asnzone: Daemon
}

/** What a mail host is made with. */
export interface MailHostOptions extends MachineOptions {
  /** Writes files before asnzone starts: its own configuration, for one. */
  readonly prepare?: (machine: Machine) => void
}

/** Makes a machine as an administrator has it. */
export async function startMailHost(options: MailHostOptions = {}): Promise<MailHost> {
  const machine = await Machine.start({
    ...options,
    addresses: [...ROOT_SERVERS, ...(options.addresses ?? [])],
  })
  try {
    options.prepare?.(machine)
    const [anchor, asnzone] = await Promise.all([startInternet(machine), startAsnzone(machine)])
    Page.read('resolvers').section('Unbound').install(machine)
    await startUnbound(machine, anchor)
    return { machine, asnzone }
  } catch (error) {
    await machine.stop()
    throw error
  }
}

/** Starts Unbound as its package configures it, with the trust anchor of the test's internet. */
export async function startUnbound(machine: Machine, anchor: TrustAnchor): Promise<void> {
  machine.write('/var/lib/unbound/root.key', `. DNSKEY ${anchor.dnskey}\n`)
  await machine.must('chown', ['unbound:', '/var/lib/unbound/root.key'])
  machine.start('unbound', ['-d'])
  await answersBegin(machine)
}

/**
 * Waits until the resolver in /etc/resolv.conf resolves. One that was too slow at first, on a busy machine, takes its
 * servers for dead, and asks them again after a minute or two only.
 */
export async function answersBegin(machine: Machine): Promise<void> {
  await vi.waitFor(
    async () => {
      const { stdout } = await machine.run('dig', ['+tries=1', '+time=5', '+short', SIGNED_NAME])
      if (!stdout.includes(SIGNED_ADDRESS)) throw new Error(`the resolver says of ${SIGNED_NAME}: ${stdout}`)
    },
    { timeout: 240_000, interval: 200 },
  )
}
