// Listen addresses as administrators write them: 127.0.0.1:5300, [::1]:5300, a lone address for the standard port, or
// *:5300 for every address of the host.

import { isIP } from 'node:net'
import { Address4, Address6 } from 'ip-address'
import { AsnzoneError } from '../errors.ts'

/** An address to bind. */
export interface ListenAddress {
  readonly host: string
  /** 0 for any free port. */
  readonly port: number
  readonly family: 4 | 6
}

/** Where DNS is answered when an address has no port; 53 is often another server's. */
export const DNS_PORT = 5300

/**
 * @param standardPort the port where the text has none
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when the text is not an IP address with a port.
 */
export function parseListenAddress(text: string, setting = 'listen', standardPort = DNS_PORT): ListenAddress {
  return read(text, setting, standardPort, `127.0.0.1:${standardPort} or [::1]:${standardPort}`)
}

/**
 * The addresses that one entry of `listen` stands for: `*` is the wildcard of each family.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when the text is neither `*` nor an IP address, with or without a port.
 */
export function parseListenEntry(text: string): ListenAddress[] {
  const like = `127.0.0.1:${DNS_PORT}, [::1]:${DNS_PORT}, or *:${DNS_PORT} for all addresses`
  const port = /^\*(:.*)?$/.exec(text)
  if (port === null) return [read(text, 'listen', DNS_PORT, like)]
  const rest = port[1] ?? ''
  return [`0.0.0.0${rest}`, `[::]${rest}`].map((all) => read(all, 'listen', DNS_PORT, like, text))
}

/** @param written what an error quotes */
function read(
  text: string,
  setting: string,
  standardPort: number,
  like: string,
  written = text,
): ListenAddress {
  const found = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[\d.]+))(?::(?<port>\d{1,5}))?$/.exec(text)
  const bare = isIP(text) === 6 ? text : undefined
  if (bare !== undefined) refuseAmbiguous(bare, setting)
  const host = bare ?? found?.groups?.v6 ?? found?.groups?.v4 ?? ''
  const family = isIP(host)
  const port = Number(found?.groups?.port ?? standardPort)
  if (family === 0 || port > 65535) {
    const meant = meantBy(written, standardPort, like.includes('*'))
    throw wrong(`${setting}: '${written}' is not ${meant === null ? `like ${like}` : `an address; ${meant}`}`)
  }
  return { host, port, family: family as 4 | 6 }
}

/** What to write in the place of a lone port, of this host's name and of all addresses; null for anything else. */
function meantBy(text: string, standardPort: number, mayBeAll: boolean): string | null {
  const [, host, digits] = /^(localhost|\*)?:?(\d{1,5})?$/i.exec(text) ?? []
  const port = Number(digits ?? standardPort)
  if ((host === undefined && digits === undefined) || port > 65535) return null
  if (host !== '*') return `write 127.0.0.1:${port}`
  return mayBeAll ? `write *:${port}` : `write 0.0.0.0:${port} or [::]:${port}`
}

/** Whether an address has no port, so that the standard one counts. */
export function isWithoutPort(text: string): boolean {
  return isIP(text) !== 0 || /^(\[[^\]]*\]|\*)$/.test(text)
}

/** `::1:5300` is an IPv6 address, and was meant to be one with a port. */
function refuseAmbiguous(text: string, setting: string): void {
  const { host, port } = /^(?<host>.*):(?<port>\d{1,4})$/.exec(text)?.groups ?? {}
  if (host === undefined || isIP(host) !== 6) return
  throw wrong(`${setting}: '${text}' can be read in two ways: write [${host}]:${port}, or [${text}]`)
}

function wrong(message: string): AsnzoneError {
  return new AsnzoneError('ASNZONE_CONFIG', message)
}

/** The address as an administrator writes it. */
export function formatListenAddress({ host, port }: { host: string; port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Whether the host stands for every address of its family. */
export function isWildcard(host: string): boolean {
  return /^[0:.]+$/.test(host)
}

/** The host by which this host reaches itself, wildcards included. */
export function ownHost(host: string): string {
  if (!isWildcard(host)) return host
  return host.includes(':') ? '::1' : '127.0.0.1'
}

/** Whether only this host can reach the address. */
export function isLoopback({ host }: { host: string }): boolean {
  return host.startsWith('127.') || host === '::1'
}

/** The host as 4 or 16 octets. */
export function addressOctets({ host, family }: ListenAddress): Uint8Array {
  const octets = family === 4 ? new Address4(host).toArray() : new Address6(host).toUnsignedByteArray()
  const address = new Uint8Array(family === 4 ? 4 : 16)
  address.set(octets, address.length - octets.length)
  return address
}
