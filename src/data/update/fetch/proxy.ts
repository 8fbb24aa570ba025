// HTTP proxies, as the environment names them: https_proxy, http_proxy and no_proxy, read as curl reads them. Node.js 20 has no
// setting for them.

import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { BlockList, isIP, isIPv6, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { nameOfUrl, withoutUser } from '../../sources/source-url.ts'
import { PROXY_REFUSES } from './failures.ts'
import { sent } from './sent.ts'
import { isLoopbackName, withoutBrackets } from './target.ts'

/** A proxy. */
export interface Proxy {
  readonly url: URL
  /** What it is shown to know who asks; null for nothing. */
  readonly authorization: string | null
  /** The variable that names it. */
  readonly variable: string
}

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The proxy that a URL is asked for through; null where it is asked for without one. This host itself always is.
 *
 * @throws {Error} when the variable names none that there can be.
 */
export function proxyFor(url: URL, environment: Environment): Proxy | null {
  // A program that a web server runs gets HTTP_PROXY from any client's header «Proxy».
  const names = url.protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy']
  const variable = names.find((name) => environment[name])
  if (variable === undefined || isLoopbackName(url.hostname)) return null
  if (isExcepted(url, environment.no_proxy ?? environment.NO_PROXY ?? '')) return null
  const text = environment[variable] as string
  const full = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`
  if (!URL.canParse(full) || !/^https?:$/.test(new URL(full).protocol)) {
    const wrong = `${variable}: ${nameOfUrl(full)} is not an HTTP proxy; write http://proxy.example:3128`
    throw Object.assign(new Error(wrong), { code: PROXY_REFUSES })
  }
  return { ...withoutUser(full), variable }
}

/** Whether no_proxy names a host: `*`, a name with all below it, an address, a network, each with or without a port. */
function isExcepted(url: URL, list: string): boolean {
  const host = withoutBrackets(url.hostname)
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const [, bare, onlyPort] = /^(.*?)(?::(\d+))?$/.exec(isIPv6(entry) ? `[${entry}]` : entry) ?? []
      if (onlyPort !== undefined && onlyPort !== port) return false
      const name = withoutBrackets(bare).toLowerCase()
      if (isIP(host) !== 0) return name === '*' || isWithin(host, name)
      const suffix = name.replace(/^\*?\.?/, '')
      return name === '*' || (suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`)))
    })
}

/** Whether an address is another one, or in a network. */
function isWithin(address: string, network: string): boolean {
  const [base, length] = network.split('/')
  if (isIP(base) === 0 || isIP(base) !== isIP(address)) return false
  const family = isIPv6(base) ? 'ipv6' : 'ipv4'
  const most = isIPv6(base) ? 128 : 32
  const bits = length === undefined ? most : Number(length)
  if (!Number.isInteger(bits) || bits < 0 || bits > most) return false
  const list = new BlockList()
  list.addSubnet(base, bits, family)
  return list.check(address, family)
}

/** What is asked of a server. */
interface Asked {
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/**
 * Asks for a URL through a proxy. What is encrypted goes through a tunnel, so that the proxy knows the host alone.
 *
 * @throws {Error} that names the proxy where that is what fails.
 */
export async function requestThrough(proxy: Proxy, url: URL, asked: Asked): Promise<IncomingMessage> {
  const { headers, signal } = asked
  if (url.protocol === 'https:') {
    const socket = await tunnel(proxy, url, asked)
    const host = withoutBrackets(url.hostname)
    const secured = (): TLSSocket =>
      connectTls({ socket, host, ...(isIP(host) === 0 && { servername: host }) })
    const request = requestHttps(url, { headers, signal, createConnection: secured })
    const [response] = await sent<[IncomingMessage]>(request, 'response')
    return response
  }
  const request = sending(proxy)(proxy.url, {
    path: url.href,
    headers: { ...headers, host: url.host, ...authorizing(proxy) },
    signal,
    agent: false,
  })
  const [response] = await named(proxy, sent<[IncomingMessage]>(request, 'response'))
  if (response.statusCode === 407) {
    response.destroy()
    throw refusal(proxy, response)
  }
  return response
}

/** A connection through the proxy to the host of a URL (RFC 9110 9.3.6). */
async function tunnel(proxy: Proxy, url: URL, { headers, signal }: Asked): Promise<Socket> {
  const authority = `${url.hostname}:${url.port === '' ? 443 : url.port}`
  const request = sending(proxy)(proxy.url, {
    method: 'CONNECT',
    path: authority,
    headers: {
      host: authority,
      ...(headers['user-agent'] !== undefined && { 'user-agent': headers['user-agent'] }),
      ...authorizing(proxy),
    },
    signal,
    agent: false,
  })
  const [response, socket] = await named(proxy, sent<[IncomingMessage, Socket]>(request, 'connect'))
  const status = response.statusCode ?? 0
  if (status >= 200 && status < 300) return socket
  socket.destroy()
  throw refusal(proxy, response)
}

const sending = ({ url }: Proxy): typeof requestHttp =>
  url.protocol === 'https:' ? requestHttps : requestHttp

const authorizing = ({ authorization }: Proxy): Record<string, string> =>
  authorization === null ? {} : { 'proxy-authorization': authorization }

/** Errors of the way to the proxy name it. */
async function named<Result>(proxy: Proxy, work: Promise<Result>): Promise<Result> {
  try {
    return await work
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const error = new Error(`${nameOf(proxy)}: ${(cause as Error).message}`, { cause })
    throw Object.assign(error, code !== undefined && { code })
  }
}

/** Why a proxy lets nobody through; one that only can't reach the host may do so later. */
function refusal(proxy: Proxy, { statusCode = 0, statusMessage = '' }: IncomingMessage): Error {
  const mend = statusCode === 407 ? `; write http://USER:PASSWORD@${proxy.url.host} there` : ''
  const error = new Error(`${nameOf(proxy)} answers ${statusCode} ${statusMessage}`.trimEnd() + mend)
  return Object.assign(error, { code: statusCode >= 500 ? 'EPROXY' : PROXY_REFUSES })
}

const nameOf = ({ url, variable }: Proxy): string => `the proxy ${nameOfUrl(url.href)} of ${variable}`
