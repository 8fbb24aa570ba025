// Addresses that can be written, and often bound, but that no client could ask: another one was meant.

import { networkInterfaces } from 'node:os'
import { AsnzoneError } from '../errors.ts'
import { addressOctets, formatListenAddress, type ListenAddress } from './listen-address.ts'

/**
 * Refuses to listen where nobody could be answered.
 *
 * @param text the address as it is written in the setting
 * @throws {AsnzoneError} `ASNZONE_CONFIG` that says why, and what to write instead.
 */
export function refuseUnlistenable(setting: string, text: string, address: ListenAddress): void {
  const reason = whyUnlistenable(address)
  if (reason !== null) throw new AsnzoneError('ASNZONE_CONFIG', `${setting}: ${text} ${reason}`)
}

function whyUnlistenable(address: ListenAddress): string | null {
  const { host, port, family } = address
  const octets = addressOctets(address)
  const ofHost = 'name an address of this host'
  if (family === 4) {
    if (octets[0] >= 224 && octets[0] <= 239) return `is a multicast address; ${ofHost}`
    return isBroadcast(octets) ? `is a broadcast address; ${ofHost}` : null
  }
  if (octets[0] === 0xff) return `is a multicast address; ${ofHost}`
  if (octets[0] === 0xfe && (octets[1] & 0xc0) === 0x80 && !host.includes('%')) {
    return `is link-local; name the interface, too, as in ${formatListenAddress({ host: `${host}%eth0`, port })}`
  }
  const isMapped = MAPPED.every((octet, i) => octet === octets[i])
  if (!isMapped) return null
  const mapped = octets.subarray(MAPPED.length).join('.')
  return `is IPv4 written as IPv6; write ${formatListenAddress({ host: mapped, port })}`
}

/** ::ffff:0:0/96 (RFC 4291 2.5.5.2). */
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255] as const

/** Whether an IPv4 address is the broadcast address of all or of an interface. */
function isBroadcast(octets: Uint8Array): boolean {
  if (octets.every((octet) => octet === 255)) return true
  const ofInterfaces = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  return ofInterfaces.some(({ family, address, netmask }) => {
    if (family !== 'IPv4') return false
    const [own, mask] = [address, netmask].map((text) => text.split('.').map(Number))
    // Networks of one or two addresses have none (RFC 3021).
    const hasOne = (mask[3] & 3) === 0
    return hasOne && octets.every((octet, i) => octet === (own[i] | (~mask[i] & 255)))
  })
}
