// HTTP proxies of the environment: for whom they are, and downloads through one.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Download, download } from '../../../src/data/update/fetch/download.ts'
import { type Environment, proxyFor } from '../../../src/data/update/fetch/proxy.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { type HttpProxy, startHttpProxy } from '../../support/http-proxy.ts'
import { ReleaseServer } from '../../support/release-server.ts'

const PROXY = 'http://proxy.example:3128'

test.each<[string, Environment, string | null]>([
  ['https://a.example/x', {}, null],
  ['https://a.example/x', { https_proxy: PROXY }, 'proxy.example:3128'],
  ['https://a.example/x', { HTTPS_PROXY: PROXY }, 'proxy.example:3128'],
  ['https://a.example/x', { https_proxy: '', HTTPS_PROXY: PROXY }, 'proxy.example:3128'],
  ['https://a.example/x', { https_proxy: 'proxy.example:3128' }, 'proxy.example:3128'],
  ['https://a.example/x', { http_proxy: PROXY }, null],
  ['http://a.example/x', { http_proxy: PROXY }, 'proxy.example:3128'],
  ['http://a.example/x', { HTTP_PROXY: PROXY, https_proxy: PROXY }, null],
  ['http://127.0.0.1:8053/x', { http_proxy: PROXY }, null],
  ['http://[::1]/x', { http_proxy: PROXY }, null],
  ['http://localhost/x', { http_proxy: PROXY }, null],
])('%s with %j', (url, environment, host) => {
  expect(proxyFor(new URL(url), environment)?.url.host ?? null).toBe(host)
})

test.each([
  ['https://a.example/', '*', true],
  ['https://a.example/', 'a.example', true],
  ['https://a.example/', 'b.example, A.Example', true],
  ['https://a.example/', 'example', true],
  ['https://a.example/', '.example', true],
  ['https://a.example/', '*.example', true],
  ['https://a.example/', 'xample', false],
  ['https://a.example/', 'b.a.example', false],
  ['https://a.example/', 'a.example:443', true],
  ['https://a.example/', 'a.example:8443', false],
  ['https://a.example/', ',. ', false],
  ['https://192.0.2.9/', '192.0.2.9', true],
  ['https://192.0.2.9/', '192.0.2.0/24', true],
  ['https://192.0.2.9/', '192.0.2.0/33', false],
  ['https://192.0.2.9/', '198.51.100.0/24 10.0.0.0/8', false],
  ['https://192.0.2.9:8443/', '192.0.2.9:443', false],
  ['https://[2001:db8::9]/', '2001:db8::/32', true],
  ['https://[2001:db8::9]/', '2001:db8::9', true],
  ['https://[2001:db8::9]/', '[2001:db8::9]:443', true],
  ['https://[2001:db8::9]/', '192.0.2.0/24', false],
])('%s with no_proxy %s: without a proxy is %s', (url, list, isDirect) => {
  const environment = { https_proxy: PROXY, no_proxy: list }
  expect(proxyFor(new URL(url), environment) === null).toBe(isDirect)
})

test.each(['socks5://u:geheim@proxy.example:1080', 'http://u:geheim@[', 'ftp://geheim@x'])(
  'what is no HTTP proxy is told without its secrets: %s',
  (text) => {
    const ask = (): unknown => proxyFor(new URL('https://a.example/'), { https_proxy: text })
    expect(ask).toThrow(/^https_proxy: .* is not an HTTP proxy; write http:\/\/proxy\.example:3128$/)
    expect(ask).not.toThrow(/geheim/)
  },
)

let server: ReleaseServer
const started: HttpProxy[] = []

beforeAll(async () => {
  server = await ReleaseServer.start()
  server.publish('data.csv', 'contents')
})
afterAll(() => Promise.all([server.stop(), ...started.map((it) => it.stop())]))

async function proxyTo(refusal?: number): Promise<HttpProxy> {
  const proxy = await startHttpProxy(Number(new URL(server.url).port), refusal)
  started.push(proxy)
  return proxy
}

const part = join(temporaryFolder(), 'parts', '0')
const fetchFrom = (url: string, environment: Environment): Promise<Download> =>
  download(url, { part, maxOctets: 1 << 20, attempts: 2, pause: 1, network: { environment } })

test('a download through one, which is told who asks', async () => {
  const { port, asked } = await proxyTo()
  const environment = { http_proxy: `http://anna:a%20b@127.0.0.1:${port}` }
  expect(await fetchFrom('http://data.example/latest/data.csv', environment)).toMatchObject({
    kind: 'fetched',
  })
  expect(readFileSync(part, 'utf8')).toBe('contents')
  const credentials = Buffer.from('anna:a b').toString('base64')
  expect(asked).toEqual([`GET http://data.example/latest/data.csv Basic ${credentials}`])
})

test.each(['http', 'https'])(
  '%s: one that wants to know who asks is named, and what to do',
  async (scheme) => {
    const { port, asked } = await proxyTo(407)
    const environment = { [`${scheme}_proxy`]: `http://u:geheim@127.0.0.1:${port}` }
    const attempt = fetchFrom(`${scheme}://data.example/latest/data.csv`, environment)
    await expect(attempt).rejects.toThrow(
      new RegExp(
        `data.csv: the proxy http://127.0.0.1:${port}/ of ${scheme}_proxy answers 407 .*; write http://USER:PASSWORD@127`,
      ),
    )
    expect(asked).toHaveLength(1)
  },
)

test('one that reaches nobody is asked again', async () => {
  const { port, asked } = await proxyTo(502)
  const attempt = fetchFrom('https://data.example/x', { https_proxy: `127.0.0.1:${port}` })
  await expect(attempt).rejects.toThrow(/the proxy http:\/\/127\.0\.0\.1:\d+\/ of https_proxy answers 502/)
  expect(asked).toEqual(['CONNECT data.example:443', 'CONNECT data.example:443'])
})

test('one that is not there is named', async () => {
  const { port, stop } = await startHttpProxy(1)
  await stop()
  for (const scheme of ['http', 'https']) {
    const attempt = fetchFrom(`${scheme}://data.example/x`, { [`${scheme}_proxy`]: `127.0.0.1:${port}` })
    await expect(attempt).rejects.toThrow(/x: the proxy http:\/\/127.* of https?_proxy: connect ECONNREFUSED/)
  }
})

test('a redirection leads no further than without one', async () => {
  const { port } = await proxyTo()
  server.fail('/latest/data.csv', { kind: 'redirect', location: 'http://169.254.169.254/secret' })
  const attempt = fetchFrom('http://data.example/latest/data.csv', { http_proxy: `127.0.0.1:${port}` })
  await expect(attempt).rejects.toThrow('which is link-local (169.254.169.254)')
})
