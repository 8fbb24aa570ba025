// Where DNS is answered, from the settings: nowhere where only the policy service or HTTP is wanted.

import type { Settings } from '../config/setting-values.ts'
import { AsnzoneError } from '../errors.ts'
import { passedDescriptors } from '../system/inherited-sockets.ts'
import { type ListenAddress, parseListenEntry } from '../system/listen-address.ts'
import { refuseUnlistenable } from '../system/unlistenable.ts'

/** Says that DNS is not answered. */
const NONE = 'none'

/** Whether the settings say that DNS is not answered. */
export const isWithoutDns = ({ listen }: Pick<Settings, 'listen'>): boolean => listen.includes(NONE)

/**
 * The addresses of DNS.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when one is none or nobody could ask there.
 */
export function listenAddresses({ listen }: Pick<Settings, 'listen'>): ListenAddress[] {
  if (!listen.includes(NONE)) {
    return listen.flatMap((text) => {
      const addresses = parseListenEntry(text)
      for (const address of addresses) refuseUnlistenable('listen', text, address)
      return addresses
    })
  }
  if (listen.length > 1) throw new AsnzoneError('ASNZONE_CONFIG', 'listen: none stands alone')
  return []
}

/**
 * Refuses settings by which nothing at all would be answered.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG`
 */
export function refuseIdle(settings: Settings, environment: NodeJS.ProcessEnv): void {
  const { policy, http, publish, whois } = settings
  const others =
    policy.listen.length +
    count(http.address, publish.address, policy.restAddress ?? undefined, whois) +
    passedDescriptors(environment).length
  if (!isWithoutDns(settings) || others > 0) return
  const needed = 'policy.listen, policy.http, http, publish-csv or whois is needed'
  throw new AsnzoneError('ASNZONE_CONFIG', `listen: with none, ${needed}`)
}

const count = (...values: readonly unknown[]): number => values.filter((value) => value !== undefined).length
