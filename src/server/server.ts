// The server: one UDP and one TCP front end for each listen address.

import type { Responder } from '../dns/responder.ts'
import { AsnzoneError } from '../errors.ts'
import { type FrontEnd, isMissingAddress } from './front-end.ts'
import type { ListenAddress } from './listen-address.ts'
import { bindTcp, type TcpOptions } from './tcp.ts'
import { bindUdp } from './udp-dgram.ts'

/** Settings of a server. */
export interface ServerOptions {
  readonly listen: readonly ListenAddress[]
  readonly responder: Responder
  readonly tcp: TcpOptions
  /** Told about an address that this host doesn't have; the others are served. */
  readonly onMissingAddress?: (address: ListenAddress) => void
}

/** Tries to find a port that is free for both protocols, where the caller asked for any. */
const PORT_ATTEMPTS = 20

/** A running server. */
export class Server {
  /** The addresses that are answered on, ports resolved. */
  readonly addresses: readonly ListenAddress[]
  readonly #frontEnds: readonly FrontEnd[]

  private constructor(addresses: readonly ListenAddress[], frontEnds: readonly FrontEnd[]) {
    this.addresses = addresses
    this.#frontEnds = frontEnds
  }

  /**
   * Binds every address and answers.
   *
   * @throws {AsnzoneError} `ASNZONE_LISTEN` when an address can't be bound for another reason than that this
   *   host lacks it, or when it lacks them all; nothing stays bound then.
   */
  static async start(options: ServerOptions): Promise<Server> {
    const { listen, onMissingAddress } = options
    const frontEnds: FrontEnd[] = []
    const addresses: ListenAddress[] = []
    try {
      for (const address of listen) {
        try {
          const pair = await bindBoth(address, options)
          frontEnds.push(...pair)
          addresses.push(pair[0].address)
        } catch (error) {
          if (!isMissingAddress(error) || listen.length === 1) throw error
          onMissingAddress?.(address)
        }
      }
      if (addresses.length === 0) {
        throw new AsnzoneError('ASNZONE_LISTEN', 'this host has none of the listen addresses')
      }
    } catch (error) {
      await Promise.all(frontEnds.map((frontEnd) => frontEnd.close()))
      throw error
    }
    return new Server(addresses, frontEnds)
  }

  /** Stops answering and closes every socket. */
  async stop(): Promise<void> {
    await Promise.all(this.#frontEnds.map((frontEnd) => frontEnd.close()))
  }
}

/** UDP and TCP on the same port; where any port will do, one that is free for both. */
async function bindBoth(address: ListenAddress, options: ServerOptions): Promise<[FrontEnd, FrontEnd]> {
  for (let attempt = 1; ; attempt++) {
    const udp = await bindUdp(address, options.responder)
    try {
      return [udp, await bindTcp(udp.address, options.responder, options.tcp)]
    } catch (error) {
      await udp.close()
      if (address.port !== 0 || attempt === PORT_ATTEMPTS) throw error
    }
  }
}
