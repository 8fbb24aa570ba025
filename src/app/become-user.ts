// Becomes the user and the group of the settings, before anything else but the sockets is opened.

import type { Settings } from '../config/setting-values.ts'
import { bindDescriptors } from '../server/bound-descriptors.ts'
import { type Handover, keepToOurselves, restartAs } from '../server/handover.ts'
import { endAtOnce } from '../system/early-signals.ts'
import {
  type IdentityCalls,
  identityOf,
  isAlready,
  letSigusr1Through,
  loadIdentityCalls,
  wrong,
} from '../system/identity.ts'
import { passedDescriptors, type SocketUse } from '../system/inherited-sockets.ts'
import { loadLibc, unsupportedReason } from '../system/libc.ts'
import type { ListenAddress } from '../system/listen-address.ts'
import { listenAddresses } from './listen.ts'
import { bindPolicySockets } from './policy-sockets.ts'
import type { StreamSocket } from './stream-sockets.ts'
import { bindWhois } from './whois.ts'

/** What the process that has bound the sockets tells the one that takes its place. */
export interface Details {
  /** The user may not be able to read the config. */
  readonly settings: Settings
  /** The config file that was read; null when there is none. */
  readonly configFile: string | null
  /** Listen addresses that this host doesn't have. */
  readonly missing: readonly ListenAddress[]
  /** The sockets of the policy service, those of systemd not among them. */
  readonly policySockets: readonly StreamSocket[]
  /** The same of whois. */
  readonly whoisSockets: readonly StreamSocket[]
}

/**
 * Becomes another user and group where the settings say so and this process isn't that yet: it binds the sockets and
 * starts the program anew in its place. Where libc can't be called it is left to `dropPrivileges`.
 *
 * @param handed what such a process has handed to this one; null when there was none
 * @param isServer whether sockets are bound; a command that only looks stays as it is where it may not change
 * @returns whether nothing is left to be done
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when there is no such user or group, or it can't be had;
 *   `ASNZONE_LISTEN` when an address can't be bound.
 */
export async function becomeUser(
  settings: Settings,
  configFile: string | null,
  handed: Handover<Details> | null,
  isServer = true,
): Promise<boolean> {
  const calls = await callsOfLibc()
  if (calls === null) return false
  letSigusr1Through(calls, true)
  if (handed !== null) {
    const { policySockets, whoisSockets } = handed.details
    keepToOurselves(calls, [...handed.sockets, ...boundOf([...policySockets, ...whoisSockets])])
  }
  const { user, group, udp, workers } = settings
  if (user === undefined && group === undefined) return true
  const identity = identityOf(calls, user, group)
  if (isAlready(identity)) return true
  if (handed !== null) throw wrong(user, group, 'the process that was to be so is not')
  if (!isServer && process.geteuid?.() !== 0) return false
  const missing: ListenAddress[] = []
  const passed = isServer ? passedDescriptors(process.env) : []
  const isBound = (use: SocketUse): boolean => !isServer || passed.some((it) => it.use === use)
  const policySockets = isBound('policy') ? [] : await bindPolicySockets(settings.policy)
  const whoisSockets = isBound('whois') ? [] : await bindWhois(settings)
  const sockets = isBound('dns')
    ? []
    : await bindDescriptors(await loadLibc(), {
        listen: listenAddresses(settings),
        udp,
        workers,
        onMissingAddress: (address) => missing.push(address),
      })
  // What asks this process to end must not get lost on the way.
  endAtOnce()
  return restartAs(
    calls,
    identity,
    { user, group },
    { sockets, details: { settings, configFile, missing, policySockets, whoisSockets } },
    [...passed, ...boundOf([...policySockets, ...whoisSockets])].map(({ fd }) => fd),
  )
}

const boundOf = (sockets: readonly StreamSocket[]) => sockets.filter((socket) => socket.kind === 'bound')

/** Null where libc can't be called. */
async function callsOfLibc(): Promise<IdentityCalls | null> {
  return unsupportedReason() === null ? loadIdentityCalls().catch(() => null) : null
}
