// Binds what a server answers on as bare descriptors, for the process that takes this one's place.

import type { InheritedSocket } from '../system/inherited-sockets.ts'
import type { Libc } from '../system/libc.ts'
import { addressOctets, isWildcard, type ListenAddress } from '../system/listen-address.ts'
import { openTcpSocket, openUdpSocket, type UdpSocket } from '../system/udp-socket.ts'
import { type BindOptions, bindAll } from './bind.ts'
import { bindError } from './bind-error.ts'
import { WAKE_MS } from './mmsg/socket-watch.ts'
import { ownAddresses } from './udp-dgram.ts'
import { RECEIVE_BUFFER } from './udp-front-end.ts'

/** What to bind. */
export interface DescriptorOptions extends BindOptions {
  readonly udp: 'mmsg' | 'dgram'
  readonly workers: number
}

/**
 * Binds every address: a TCP socket, and for UDP one for each worker.
 *
 * @throws {AsnzoneError} `ASNZONE_LISTEN` as `Server.bind`; what was bound before stays open then.
 */
export async function bindDescriptors(libc: Libc, options: DescriptorOptions): Promise<InheritedSocket[]> {
  const { listen, udp, workers, onMissingAddress } = options
  const sockets: InheritedSocket[] = []
  const tcpEnd = {
    bind: async (address: ListenAddress): Promise<number> => {
      const { family, port: asked } = address
      const open = () => openTcpSocket(libc, { family, address: addressOctets(address), port: asked })
      const { fd, port } = orBindError('TCP', address, open)
      sockets.push({ fd, kind: 'tcp', address: { ...address, port } })
      return port
    },
    unbindLast: async (): Promise<void> => {
      const last = sockets.pop()
      if (last !== undefined) libc.close(last.fd)
    },
  }
  const udpEnd = {
    bind: async (address: ListenAddress): Promise<{ port: number; receiveBuffer: number }> => {
      const endpoints = endpointsOf(address)
      if (endpoints.length === 0) {
        throw bindError('UDP', address, Object.assign(new Error(), { code: 'EADDRNOTAVAIL' }))
      }
      const opened: { readonly socket: InheritedSocket; readonly receiveBuffer: number }[] = []
      try {
        for (const endpoint of endpoints) {
          const { fd, receiveBuffer } = openUdp(libc, endpoint.address)
          opened.push({ socket: { fd, kind: 'udp', ...endpoint }, receiveBuffer })
        }
      } catch (error) {
        for (const { socket } of opened) libc.close(socket.fd)
        throw error
      }
      sockets.push(...opened.map(({ socket }) => socket))
      return { port: address.port, receiveBuffer: opened[0].receiveBuffer }
    },
  }
  const endpointsOf = (address: ListenAddress): Omit<InheritedSocket, 'fd' | 'kind'>[] => {
    if (udp === 'mmsg') return Array.from({ length: workers }, (_, worker) => ({ address, worker }))
    if (!isWildcard(address.host)) return [{ address, worker: 0 }]
    // Link-local addresses need their interface; the successor finds that it lacks them, and binds them if it may.
    return ownAddresses(address.family)
      .filter((host) => !host.includes('%'))
      .map((host) => ({ address: { ...address, host }, worker: 0, standsFor: address }))
  }
  await bindAll({ listen, onMissingAddress }, udpEnd, tcpEnd)
  return sockets
}

function openUdp(libc: Libc, address: ListenAddress): UdpSocket {
  const { family, port } = address
  const times = { receiveTimeout: WAKE_MS, receiveBuffer: RECEIVE_BUFFER }
  return orBindError('UDP', address, () =>
    openUdpSocket(libc, { family, address: addressOctets(address), port, ...times }),
  )
}

function orBindError<T>(protocol: 'UDP' | 'TCP', address: ListenAddress, bind: () => T): T {
  try {
    return bind()
  } catch (cause) {
    throw bindError(protocol, address, cause as Error)
  }
}
