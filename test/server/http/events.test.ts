// Pages that follow the events: whoever goes gives the place back, also while the answer still waits for its turn.

import { Hono } from 'hono'
import { afterEach, expect, test, vi } from 'vitest'
import { Events } from '../../../src/http/events.ts'
import type { SecondBySecond } from '../../../src/http/live.ts'
import { RawClient, requestOf, serveApp } from '../../support/http-server.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

test('requests in a row on one connection, which is dropped', async () => {
  let listeners = 0
  const seconds = {
    history: [],
    listen: () => {
      listeners++
      return () => listeners--
    },
  }
  const events = new Events(seconds as unknown as SecondBySecond)
  const hono = new Hono()
  let begun = 0
  hono.get('/api/events', (context) => {
    begun++
    return events.answer(context)
  })
  const server = await serveApp({ hono, stop: () => {} })
  open.push(() => server.close())
  const warned = vi.fn()
  process.on('warning', warned)
  open.push(() => process.off('warning', warned))
  for (let round = 1; round <= 5; round++) {
    const client = new RawClient(server.port)
    client.send(requestOf('/api/events').repeat(20))
    await client.receive(/event: history/)
    await vi.waitFor(() => expect(begun).toBe(20 * round), 20_000)
    client.socket.destroy()
    await vi.waitFor(() => expect(listeners).toBe(0), 20_000)
  }
  // Node.js warns of too many listeners, on the terminal of whoever serves.
  expect(warned).not.toHaveBeenCalled()
  // Places that were not given back would be used up by now.
  const last = new RawClient(server.port)
  open.push(() => last.socket.destroy())
  last.send(requestOf('/api/events'))
  expect(await last.receive(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 200/)
})
