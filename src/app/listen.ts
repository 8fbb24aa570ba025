// Where DNS is answered, from the settings: nowhere where only the policy service or HTTP is wanted.

import type { Settings } from '../config/setting-values.ts'
import { AsnzoneError } from '../errors.ts'
import { type ListenAddress, parseListenEntry } from '../system/listen-address.ts'
import { refuseUnlistenable } from '../system/unlistenable.ts'

/** Says that DNS is not answered. */
const NONE = 'none'

/** Whether the settings say that DNS is not answered. */
export const isWithoutDns = ({ listen }: Pick<Settings, 'listen'>): boolean => listen.includes(NONE)

/**
 * The addresses of DNS.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when one is none or nobody could ask there, or when nothing at all would be answered.
 */
export function listenAddresses({
  listen,
  policy,
  http,
  publish,
}: Pick<Settings, 'listen' | 'policy' | 'http' | 'publish'>): ListenAddress[] {
  if (!listen.includes(NONE)) {
    return listen.flatMap((text) => {
      const addresses = parseListenEntry(text)
      for (const address of addresses) refuseUnlistenable('listen', text, address)
      return addresses
    })
  }
  if (listen.length > 1) throw new AsnzoneError('ASNZONE_CONFIG', 'listen: none stands alone')
  const others = [http.address, publish.address].some((address) => address !== undefined)
  if (policy.listen.length === 0 && !others) {
    throw new AsnzoneError(
      'ASNZONE_CONFIG',
      'listen: with none, policy.listen, http or publish-csv is needed',
    )
  }
  return []
}
