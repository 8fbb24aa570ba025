// Whether this host has the addresses that a server is to answer on, without taking their ports: the server that runs
// there may be another one.

import type { ListenAddress } from '../system/listen-address.ts'
import { type BindOptions, bindAll } from './bind.ts'
import { bindError } from './bind-error.ts'
import { TcpFrontEnd } from './tcp.ts'

/**
 * Binds each address for a moment, at any port, and judges what fails as a server does.
 *
 * @param setting where the addresses stand
 * @throws {AsnzoneError} `ASNZONE_LISTEN` as `Server.bind`, but not for a port.
 */
export async function tryAddresses(options: BindOptions, setting?: string): Promise<void> {
  const tcp = new TcpFrontEnd({ connections: 1, perClient: 1, idle: 1000 })
  const bind = async (address: ListenAddress): Promise<number> => {
    try {
      return await tcp.bind({ ...address, port: 0 })
    } catch (error) {
      throw bindError('TCP', address, (error as Error).cause as Error, setting)
    }
  }
  const udp = { bind: async (address: ListenAddress) => ({ port: address.port, receiveBuffer: 0 }) }
  try {
    await bindAll(options, udp, { bind, unbindLast: () => tcp.unbindLast() })
  } finally {
    await tcp.close()
  }
}
