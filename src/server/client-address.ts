// A client's address as Node gives it: text, with a zone for link-local IPv6.

import type { AccessList } from '../dns/access-list.ts'
import { Client } from '../dns/client.ts'
import { addressOctets } from '../system/listen-address.ts'

/** Puts an address that Node gave for a socket's peer into `client`. */
export function setClient(client: Client, address: string): void {
  const host = address.replace(/%.*$/, '')
  const family = host.includes(':') ? 6 : 4
  client.set(family, addressOctets({ host, port: 0, family }), 0)
}

/** Whether an address that Node gave is in a list. */
export function holdsAddress(list: AccessList, address: string): boolean {
  const client = new Client()
  setClient(client, address)
  return list.holds(client)
}
