// Asks a running asnzone as a program does that has a DNS library: TXT records as lists of strings.

import { Resolver } from 'node:dns/promises'
import { spawnAsnzone } from './asnzone.ts'
import { Daemon } from './daemon.ts'

/** An asnzone on a free port of this host, and a resolver that asks it. */
export class Asker {
  readonly #asnzone: Daemon
  readonly #resolver = new Resolver()

  private constructor(asnzone: Daemon, port: string) {
    this.#asnzone = asnzone
    this.#resolver.setServers([`127.0.0.1:${port}`])
  }

  /** Starts the server. */
  static async start(): Promise<Asker> {
    const asnzone = new Daemon('asnzone', spawnAsnzone(['--listen', '127.0.0.1:0']))
    const [, port] = await asnzone.says(/answers on 127\.0\.0\.1:(\d+)/)
    return new Asker(asnzone, port)
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

  /** Ends the server. */
  stop(): Promise<void> {
    return this.#asnzone.stop()
  }
}

/** The owner name of an address: octets or nibbles, the last one first. */
export function ownerName(address: string): string {
  if (!address.includes(':')) return address.split('.').reverse().join('.')
  const [head, tail = ''] = address.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const missing = 8 - groups(head).length - groups(tail).length
  const all = [...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail)]
  return [...all.map((group) => group.padStart(4, '0')).join('')].reverse().join('.')
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
