// Asks a running asnzone as a program does that has a DNS library: TXT records as lists of strings.

import { Resolver } from 'node:dns/promises'
import { type RunningServer, startServer } from '../../support/programs.ts'

/** An asnzone on a free port of this host, and a resolver that asks it. */
export class Asker {
  readonly server: RunningServer
  readonly #resolver = new Resolver()

  private constructor(server: RunningServer) {
    this.server = server
    this.#resolver.setServers([`127.0.0.1:${server.addresses[0].port}`])
  }

  /** Starts the server, with options of `asnzone serve`. */
  static async start(options: readonly string[] = []): Promise<Asker> {
    return new Asker(await startServer(['--listen', '127.0.0.1:0', ...options]))
  }

  /** The strings of each TXT record of a name; null when the name doesn't exist. */
  async txt(name: string): Promise<string[][] | null> {
    try {
      return await this.#resolver.resolveTxt(name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOTFOUND') return null
      throw error
    }
  }
}

/** The owner name of an address: octets or nibbles, the last one first. */
export function ownerName(address: string): string {
  return (address.includes(':') ? [...nibblesOf(address)] : address.split('.')).reverse().join('.')
}

/** The 32 nibbles of an IPv6 address. */
export function nibblesOf(address: string): string {
  const [head, tail] = address.split('::').map((part) => (part === '' ? [] : part.split(':')))
  const missing = tail === undefined ? 0 : 8 - head.length - tail.length
  const groups = [...head, ...Array<string>(missing).fill('0'), ...(tail ?? [])]
  return groups.map((group) => group.padStart(4, '0')).join('')
}

/** Addresses all over the used parts of both families, always the same ones. */
export function manyAddresses(count: number): string[] {
  let state = 1
  const next = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return (state >>> 8) % below
  }
  return Array.from({ length: count }, (_, i) =>
    i % 2 === 0
      ? `${1 + next(222)}.${next(256)}.${next(256)}.${next(256)}`
      : `2${['001', '400', '600', '803', 'a00', 'c0f'][next(6)]}:${next(0x10000).toString(16)}::${next(0x10000).toString(16)}`,
  )
}
