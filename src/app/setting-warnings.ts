// What is odd about settings, and no fault: told at the start, at a reload, and by asnzone check.

import type { Settings } from '../config/setting-values.ts'
import { AccessList } from '../dns/access-list.ts'
import { Client } from '../dns/client.ts'
import {
  addressOctets,
  DNS_PORT,
  formatListenAddress,
  isLoopback,
  isWithoutPort,
  type ListenAddress,
} from '../system/listen-address.ts'
import { isWithoutDns, listenAddresses } from './listen.ts'
import { networksOf } from './treatment.ts'

/** A line for each, which begins with its place. */
export function settingWarnings(settings: Pick<Settings, 'listen' | 'allow' | 'places'>): string[] {
  if (isWithoutDns(settings)) return []
  const at = (setting: 'listen' | 'allow'): string => {
    const place = settings.places?.[setting]
    return place === undefined ? setting : `${place}: ${setting}`
  }
  const portless = settings.listen
    .filter(isWithoutPort)
    .map(
      (text) =>
        `${at('listen')}: ${text} has no port, so that ${DNS_PORT} counts; write it, or the port that is meant`,
    )
  const own = listenAddresses(settings).filter(isLoopback)
  const allowed = new AccessList(networksOf('allow', settings.allow))
  const client = new Client()
  const isAllowed = (address: ListenAddress): boolean => {
    client.set(address.family, addressOctets(address), 0)
    return allowed.holds(client)
  }
  // Who asks at a loopback address has one.
  if (own.length === 0 || own.some(isAllowed)) return portless
  const where = formatListenAddress(own[0])
  const network = own[0].family === 4 ? '127.0.0.0/8' : '::1'
  return [...portless, `${at('allow')}: all who can ask at ${where} are refused; add ${network}`]
}
