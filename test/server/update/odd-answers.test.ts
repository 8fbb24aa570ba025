// Answers that a client of HTTP hardly ever sees: each has an end, and none is the end of this process.

import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { download } from '../../../src/data/update/fetch/download.ts'
import { requestFile } from '../../../src/data/update/fetch/request.ts'
import { temporaryFolder } from '../../support/folders.ts'

const open: (() => unknown)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

/** The URL of a server that sends these octets to everybody, and ends the connection where that is said. */
async function sending(octets: Uint8Array | string, isEnded = true): Promise<string> {
  const server = createServer((socket) => {
    open.push(() => socket.destroy())
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write(octets)
      if (isEnded) socket.end()
    })
  }).listen(0, '127.0.0.1')
  open.push(() => server.close())
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/data.csv`
}

const fetched = (url: string, environment = {}) =>
  download(url, {
    part: join(temporaryFolder(), 'part'),
    maxOctets: 1 << 20,
    attempts: 1,
    network: { environment },
  })

const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: foo\r\n\r\n'

test.each([
  ['another protocol', SWITCHING, /the server answers 101, though no other protocol was asked for/],
  ['another protocol, without a name', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', /./],
  ['nothing', '', /./],
  ['early hints alone', 'HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n', /./],
])('%s', async (_, octets, reason) => {
  await expect(fetched(await sending(octets))).rejects.toThrow(reason)
})

test('another protocol, where nobody ends the connection, and where it comes of a proxy', async () => {
  const url = await sending(SWITCHING, false)
  await expect(fetched(url)).rejects.toThrow('answers 101')
  const asked = { headers: {}, signal: AbortSignal.timeout(30_000) }
  for (const [scheme, variable] of [
    ['http', 'http_proxy'],
    ['https', 'https_proxy'],
  ]) {
    await expect(
      requestFile(`${scheme}://data.example/`, { ...asked, environment: { [variable]: url } }),
    ).rejects.toThrow(/the proxy http:.* 101/)
  }
})

const answerOf = (encoding: string, body: Uint8Array | string): Buffer =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\ncontent-encoding: ${encoding}\r\nconnection: close\r\n\r\n`),
    Buffer.from(body),
  ])

describe('a body that is read late, after it has failed', () => {
  test.each([
    ['no gzip', answerOf('gzip', '8.8.8.0,8.8.8.255,15169,Google\n')],
    ['no brotli', answerOf('br', '8.8.8.0,8.8.8.255,15169,Google\n')],
    ['no deflate', answerOf('deflate', '8.8.8.0,8.8.8.255,15169,Google\n')],
    ['gzip that was cut off', answerOf('gzip', gzipSync('8.8.8.0,8.8.8.255,15169\n').subarray(0, 25))],
    ['a length that does not come', 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n8.8.8.0'],
    ['a chunk that is none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
  ])('%s', async (_, octets) => {
    const url = await sending(octets)
    const { body } = await requestFile(url, { headers: {}, signal: AbortSignal.timeout(30_000) })
    // Something flows as soon as it is asked for alone.
    body.read(0)
    while (!body.destroyed) await turn()
    await turn()
    await expect(body.toArray()).rejects.toThrow()
    await expect(fetched(url)).rejects.toThrow(/data\.csv: /)
  })
})
