// The sockets of the policy service: bound by the main thread while it may, and handed to the thread that answers.

import type { PolicyAddress, PolicySetting } from '../config/policy/policy.ts'
import { AsnzoneError } from '../errors.ts'
import type { PolicyDoor } from '../policy-server/task.ts'
import { tryAddresses } from '../server/try-addresses.ts'
import { identityOf, loadIdentityCalls } from '../system/identity.ts'
import type { InheritedListener } from '../system/inherited-sockets.ts'
import { type Libc, loadLibc, unsupportedReason } from '../system/libc.ts'
import { addressOctets, formatListenAddress } from '../system/listen-address.ts'
import { openTcpSocket } from '../system/udp-socket.ts'
import { checkPath, duplicate, openUnixListener } from '../system/unix-listener.ts'

/** A socket that is bound, or an address that the thread is to bind, where libc can't be called. */
export type PolicySocket =
  | { readonly kind: 'bound'; readonly fd: number; readonly isUnix: boolean; readonly name: string }
  | { readonly kind: 'unbound'; readonly host: string; readonly port: number; readonly name: string }

/**
 * The sockets of the policy service: those that systemd has passed, else those that the process before this one has
 * bound, else those of the settings.
 *
 * @throws {AsnzoneError} `ASNZONE_LISTEN` when something can't be bound.
 */
export async function policySocketsOf(
  setting: PolicySetting,
  passed: readonly InheritedListener[],
  handed: readonly PolicySocket[],
): Promise<readonly PolicySocket[]> {
  if (passed.length > 0) return passed.map((listener) => ({ kind: 'bound', ...listener }))
  return handed.length > 0 ? handed : bindPolicySockets(setting)
}

/**
 * Binds what the settings name.
 *
 * @throws {AsnzoneError} `ASNZONE_LISTEN` when something can't be bound.
 */
export async function bindPolicySockets({ listen, socket }: PolicySetting): Promise<PolicySocket[]> {
  if (listen.length === 0) return []
  const libc = unsupportedReason() === null ? await loadLibc() : null
  const sockets: PolicySocket[] = []
  for (const address of listen) {
    try {
      sockets.push(libc === null ? unbound(address) : await bind(libc, address, socket))
    } catch (cause) {
      throw notBound(address, cause as Error)
    }
  }
  return sockets
}

/**
 * Checks what the settings name without taking it: a server may run that has it.
 *
 * @throws {AsnzoneError} `ASNZONE_LISTEN` as `bindPolicySockets` does, but not for what is taken or not allowed.
 */
export async function checkPolicySockets({ listen, socket }: PolicySetting): Promise<void> {
  for (const address of listen) {
    try {
      if (address.kind === 'unix') {
        checkPath(address.path)
        if (unsupportedReason() === null) await gidOf(socket)
      } else await tryAddresses({ listen: [address], onMissingAddress: () => {} })
    } catch (cause) {
      // What is told of a listen address has the error of the system as its cause.
      const { code } = cause as { code?: string }
      throw notBound(address, (code === 'ASNZONE_LISTEN' ? (cause as Error).cause : cause) as Error)
    }
  }
}

function notBound(address: PolicyAddress, cause: Error): AsnzoneError {
  return new AsnzoneError('ASNZONE_LISTEN', `policy.listen ${nameOf(address)}: ${reasonOf(cause)}`, { cause })
}

async function gidOf({ group }: PolicySetting['socket']): Promise<number | null> {
  return group === null ? null : identityOf(await loadIdentityCalls(), undefined, group).gid
}

/** What a thread listens on: descriptors of its own, which end with it. */
export async function doorsFrom(sockets: readonly PolicySocket[]): Promise<() => PolicyDoor[]> {
  const libc = sockets.some(({ kind }) => kind === 'bound') ? await loadLibc() : null
  return () =>
    sockets.map((socket): PolicyDoor => {
      if (socket.kind === 'unbound') return { kind: 'address', host: socket.host, port: socket.port }
      const fd = libc === null ? socket.fd : duplicate(libc, socket.fd)
      return { kind: 'socket', fd, isUnix: socket.isUnix }
    })
}

async function bind(
  libc: Libc,
  address: PolicyAddress,
  socket: PolicySetting['socket'],
): Promise<PolicySocket> {
  if (address.kind === 'unix') {
    const { mode } = socket
    const fd = await openUnixListener(libc, { path: address.path, mode, gid: await gidOf(socket) })
    return { kind: 'bound', fd, isUnix: true, name: nameOf(address) }
  }
  const { family, port: asked } = address
  const { fd, port } = openTcpSocket(libc, { family, address: addressOctets(address), port: asked })
  return { kind: 'bound', fd, isUnix: false, name: formatListenAddress({ ...address, port }) }
}

function unbound(address: PolicyAddress): PolicySocket {
  if (address.kind === 'unix') throw new Error(`no Unix sockets here: ${unsupportedReason() ?? ''}`)
  return { kind: 'unbound', host: address.host, port: address.port, name: nameOf(address) }
}

const nameOf = (address: PolicyAddress): string =>
  address.kind === 'unix' ? `unix:${address.path}` : formatListenAddress(address)

function reasonOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return 'another process listens there'
  if (code === 'EADDRNOTAVAIL') return 'this host has no such address'
  return error.message
}
