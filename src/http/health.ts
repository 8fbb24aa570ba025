// Health: whether the process lives, and whether it is fit to be asked.

import { Resolver } from 'node:dns/promises'
import { ageWarning } from '../data/age.ts'
import { formatListenAddress, ownHost } from '../server/listen-address.ts'
import type { Running } from './running.ts'

/** Milliseconds that a server may take to answer itself. */
const TIMEOUT_MS = 1000

/** What /readyz tells. */
export interface Readiness {
  readonly ready: boolean
  /** Why not, one line each. */
  readonly reasons: readonly string[]
}

/** Whether the data are young enough and every listen address answers over UDP. */
export async function readinessOf(running: Running): Promise<Readiness> {
  const age = ageWarning(running.reloader.table.metadata(), running.maxAge, Date.now())
  const reasons = [...(age === null ? [] : [age]), ...(await answerReasons(running))]
  return { ready: reasons.length === 0, reasons }
}

async function answerReasons({ server, catalogue }: Running): Promise<string[]> {
  const [zone] = catalogue.zones
  if (zone === undefined) return ['no zone is served']
  const results = await Promise.all(
    server.addresses.map(async (address) => {
      const own = formatListenAddress({ ...address, host: ownHost(address.host) })
      const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 })
      resolver.setServers([own])
      try {
        await resolver.resolveSoa(zone.name)
        return []
      } catch (error) {
        return [`${own} does not answer for ${zone.name}: ${(error as Error).message}`]
      }
    }),
  )
  return results.flat()
}
