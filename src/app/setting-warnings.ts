// What is odd about settings, and no fault: told at the start, at a reload, and by asnzone check.

import { accessSync, constants } from 'node:fs'
import type { Settings } from '../config/setting-values.ts'
import { AccessList } from '../dns/access-list.ts'
import { Client } from '../dns/client.ts'
import { fileReason } from '../system/file-reason.ts'
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

type Looked = Pick<Settings, 'listen' | 'allow' | 'publish' | 'places'>

/** A line for each, which begins with its place. */
export function settingWarnings(settings: Looked): string[] {
  return [...publishedWarnings(settings), ...(isWithoutDns(settings) ? [] : askingWarnings(settings))]
}

/** Others may be about to make the folder: that is no fault. */
function publishedWarnings({ publish: { snapshots }, places }: Looked): string[] {
  if (snapshots === undefined) return []
  try {
    accessSync(snapshots, constants.R_OK | constants.X_OK)
    return []
  } catch (cause) {
    const at = placeOf(places, 'publish-snapshots')
    return [
      `${at}: ${snapshots}: ${fileReason(cause)}; nothing is published from there until asnzone build has`,
    ]
  }
}

function placeOf(places: Looked['places'], setting: string): string {
  const place = places?.[setting]
  return place === undefined ? setting : `${place}: ${setting}`
}

function askingWarnings(settings: Looked): string[] {
  const at = (setting: 'listen' | 'allow'): string => placeOf(settings.places, setting)
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
