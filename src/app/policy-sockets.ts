// The sockets of the policy service: TCP and Unix.

import type { PolicyAddress, PolicySetting } from '../config/policy/policy.ts'
import { AsnzoneError } from '../errors.ts'
import { tryAddresses } from '../server/try-addresses.ts'
import { identityOf, loadIdentityCalls } from '../system/identity.ts'
import { type Libc, loadLibc, unsupportedReason } from '../system/libc.ts'
import { formatListenAddress } from '../system/listen-address.ts'
import { checkPath, openUnixListener } from '../system/unix-listener.ts'
import { bindStream, type StreamSocket } from './stream-sockets.ts'

/**
 * Binds what the settings name.
 *
 * @throws {AsnzoneError} `ASNZONE_LISTEN` when something can't be bound.
 */
export async function bindPolicySockets({ listen, socket }: PolicySetting): Promise<StreamSocket[]> {
  if (listen.length === 0) return []
  const libc = unsupportedReason() === null ? await loadLibc() : null
  const sockets: StreamSocket[] = []
  for (const address of listen) {
    try {
      sockets.push(await bind(libc, address, socket))
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
  return new AsnzoneError('ASNZONE_LISTEN', `policy.listen ${nameOf(address)}: ${reasonOf(cause)}`, {
    cause,
  })
}

async function gidOf({ group }: PolicySetting['socket']): Promise<number | null> {
  return group === null ? null : identityOf(await loadIdentityCalls(), undefined, group).gid
}

async function bind(
  libc: Libc | null,
  address: PolicyAddress,
  socket: PolicySetting['socket'],
): Promise<StreamSocket> {
  if (address.kind === 'inet') return bindStream(libc, address)
  if (libc === null) throw new Error(`no Unix sockets here: ${unsupportedReason() ?? ''}`)
  const { mode } = socket
  const fd = await openUnixListener(libc, { path: address.path, mode, gid: await gidOf(socket) })
  return { kind: 'bound', fd, isUnix: true, name: nameOf(address) }
}

const nameOf = (address: PolicyAddress): string =>
  address.kind === 'unix' ? `unix:${address.path}` : formatListenAddress(address)

function reasonOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return 'another process listens there'
  if (code === 'EADDRNOTAVAIL') return 'this host has no such address'
  return error.message
}
