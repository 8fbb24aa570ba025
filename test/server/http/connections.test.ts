// HTTP connections: how many there may be, and who has to go.

import { randomBytes } from 'node:crypto'
import { Hono } from 'hono'
import { afterEach, expect, test } from 'vitest'
import { Connections } from '../../../src/http/connections.ts'
import { FileText } from '../../../src/http/file-text.ts'
import { type HttpServer, RawClient, requestOf, serveApp } from '../../support/http-server.ts'

/** More than the kernel keeps for a client that doesn't read. */
const LONG_OCTETS = 20_200_000

/** What is closed when a test ends. */
const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

/** Serves /now at once, /never never, and /long as long as somebody reads. */
async function serve(connections: Connections): Promise<HttpServer> {
  const hono = new Hono()
  hono.get('/now', (context) => context.text('now'))
  hono.get('/last', (context) => context.text('last'))
  hono.get('/never', () => new Promise<Response>(() => {}))
  const line = randomBytes(50).toString('hex')
  const lines = Array.from({ length: LONG_OCTETS / 101 }, () => `${line}\n`)
  const text = await FileText.of(lines)
  hono.get('/long', (context) => context.body(text.stream(), 200, { 'content-length': String(text.octets) }))
  const server = await serveApp({ hono, stop: () => {} }, connections)
  open.push(() => server.close())
  return server
}

function client(server: HttpServer): RawClient {
  const raw = new RawClient(server.port)
  open.push(() => raw.socket.destroy())
  return raw
}

async function asking(server: HttpServer, path: string): Promise<RawClient> {
  const raw = client(server)
  raw.send(requestOf(path))
  if (path === '/now') await raw.receive(/now$/)
  return raw
}

test('a connection too many gets the place of the one that has waited for a request the longest', async () => {
  const server = await serve(new Connections(2))
  const first = await asking(server, '/now')
  const second = await asking(server, '/now')
  // It has asked later than the second one.
  first.send(requestOf('/now'))
  await first.receive(/now[\s\S]*now$/)
  await asking(server, '/now')
  await second.ended
  expect(first.socket.destroyed).toBe(false)
  expect(server.connections.open).toBe(2)
})

test('one whose request is not whole waits for one, too', async () => {
  const server = await serve(new Connections(1))
  const half = client(server)
  half.send('GET /now HTTP/1.1\r\n')
  await asking(server, '/now')
  expect(await half.ended).toBe('')
})

test('while all are answered, one too many is closed', async () => {
  const server = await serve(new Connections(1))
  const busy = await asking(server, '/long')
  await busy.receive(/200 OK/)
  busy.socket.pause()
  expect(await client(server).ended).toBe('')
  expect(busy.socket.destroyed).toBe(false)
})

test('a client that takes nothing of its reply is cut off, one that reads is not', async () => {
  const server = await serve(new Connections(8, 1000))
  const slow = await asking(server, '/long')
  await slow.receive(/200 OK/)
  slow.socket.pause()
  while (server.connections.open > 0) {
    // Whole, or the test would fail here.
    const response = await fetch(`${server.url}/long`, { headers: { connection: 'close' } })
    expect((await response.arrayBuffer()).byteLength).toBe(LONG_OCTETS)
  }
  slow.socket.resume()
  expect((await slow.ended).length).toBeLessThan(LONG_OCTETS)
})

test('a client that asks far ahead of its replies is cut off', async () => {
  const server = await serve(new Connections(8))
  const greedy = client(server)
  greedy.send(requestOf('/never').repeat(33))
  expect(await greedy.ended).toBe('')
  const patient = client(server)
  patient.send(requestOf('/now').repeat(31) + requestOf('/last'))
  await patient.receive(/last$/)
})
