// Sockets of the threads that answer over streams: bound by the main thread while it may, and handed to the thread.

import type { InheritedListener } from '../system/inherited-sockets.ts'
import { type Libc, loadLibc } from '../system/libc.ts'
import { addressOctets, formatListenAddress, type ListenAddress } from '../system/listen-address.ts'
import type { StreamDoor } from '../system/stream-listener.ts'
import { openTcpSocket } from '../system/udp-socket.ts'
import { duplicate } from '../system/unix-listener.ts'

/** A socket that is bound, or an address that the thread is to bind, where libc can't be called. */
export type StreamSocket =
  | { readonly kind: 'bound'; readonly fd: number; readonly isUnix: boolean; readonly name: string }
  | { readonly kind: 'unbound'; readonly host: string; readonly port: number; readonly name: string }

/**
 * The sockets of a thread: those that systemd has passed, else those that the process before this one has bound, else
 * those that are bound now.
 */
export async function streamSocketsOf(
  passed: readonly InheritedListener[],
  handed: readonly StreamSocket[],
  bind: () => Promise<readonly StreamSocket[]>,
): Promise<readonly StreamSocket[]> {
  if (passed.length > 0) return passed.map((listener) => ({ kind: 'bound', ...listener }))
  return handed.length > 0 ? handed : bind()
}

/** What a thread listens on: descriptors of its own, which end with it. */
export async function doorsFrom(sockets: readonly StreamSocket[]): Promise<() => StreamDoor[]> {
  const libc = sockets.some(({ kind }) => kind === 'bound') ? await loadLibc() : null
  return () =>
    sockets.map((socket): StreamDoor => {
      if (socket.kind === 'unbound') return { kind: 'address', host: socket.host, port: socket.port }
      const fd = libc === null ? socket.fd : duplicate(libc, socket.fd)
      return { kind: 'socket', fd, isUnix: socket.isUnix }
    })
}

/**
 * Binds an address over TCP; the thread does where libc can't be called.
 *
 * @throws {Error} with a Node error code when that can't be done.
 */
export function bindStream(libc: Libc | null, address: ListenAddress): StreamSocket {
  const { family, host, port: asked } = address
  if (libc === null) return { kind: 'unbound', host, port: asked, name: formatListenAddress(address) }
  const { fd, port } = openTcpSocket(libc, { family, address: addressOctets(address), port: asked })
  return { kind: 'bound', fd, isUnix: false, name: formatListenAddress({ ...address, port }) }
}
