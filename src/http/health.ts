// Health: whether the process lives, and whether it is fit to be asked.

import { Resolver } from 'node:dns/promises'
import { ageWarning } from '../data/sources/age.ts'
import { answersOverUdp } from '../server/self-check.ts'
import { formatListenAddress, ownHost } from '../system/listen-address.ts'
import type { ServerView } from './server-view.ts'
import type { PolicyState } from './task.ts'

/** Milliseconds that a server may take to answer itself. */
const TIMEOUT_MS = 1000

/** What /readyz tells. */
export interface Readiness {
  readonly ready: boolean
  /** Why not, one line each. */
  readonly reasons: readonly string[]
}

/** Looks whether a server is fit to be asked. */
export class Health {
  readonly #running: ServerView
  /** The look that is under way. Each takes sockets, and nobody needs a token to ask for one. */
  #looking: Promise<Readiness> | null = null

  constructor(running: ServerView) {
    this.#running = running
  }

  /** Whether the data is young enough, the store of the policy service is there and every listen address answers over UDP. */
  readiness(): Promise<Readiness> {
    this.#looking ??= look(this.#running).finally(() => {
      this.#looking = null
    })
    return this.#looking
  }
}

async function look(running: ServerView): Promise<Readiness> {
  const isAlive = await running.refresh()
  const age = ageWarning(running.reloader.table.metadata(), running.maxAge, Date.now())
  const reasons = [
    ...(isAlive ? [] : ['the main thread does not answer']),
    ...(age === null ? [] : [age]),
    ...policyReasons(running.policy),
    ...(await answerReasons(running)),
  ]
  return { ready: reasons.length === 0, reasons }
}

function policyReasons(policy: PolicyState | null): string[] {
  if (policy === null) return []
  if (policy.figures === null) return ['the policy service does not answer']
  const { storeTrouble } = policy.figures
  return storeTrouble === null ? [] : [`the store of the policy service is not available: ${storeTrouble}`]
}

async function answerReasons({ server, zones, proxies }: ServerView): Promise<string[]> {
  const [zone] = zones
  if (zone === undefined) return ['no zone is served']
  const results = await Promise.all(
    server.addresses.map(async (address) => {
      const host = ownHost(address.host)
      const own = formatListenAddress({ ...address, host })
      const reason = `${own} does not answer for ${zone.name}`
      // The resolver of Node.js writes nothing before its queries.
      if (proxies !== null) {
        const { port } = address
        return (await answersOverUdp({ host, port }, zone.name, proxies, TIMEOUT_MS)) ? [] : [reason]
      }
      const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 })
      resolver.setServers([own])
      try {
        await resolver.resolveSoa(zone.name)
        return []
      } catch (error) {
        return [`${reason}: ${(error as Error).message}`]
      }
    }),
  )
  return results.flat()
}
