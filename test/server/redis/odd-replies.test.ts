// What listens where Redis should says what Redis doesn't: it costs the decisions of that time, no memory, and nobody else.

import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { Commands } from '../../../src/policy-server/redis/commands.ts'
import { connect } from '../../../src/policy-server/redis/connection.ts'
import { redisSettings } from '../../support/redis-servers.ts'

const open: (() => unknown)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

/** What answers each command but PING, which is answered as ever. */
type Answer = (socket: Socket) => void

async function start(first: Answer) {
  const server = { answer: first, connections: 0, sockets: [] as Socket[] }
  const listener = createServer((socket) => {
    server.connections++
    server.sockets.push(socket)
    open.push(() => socket.destroy())
    socket.on('error', () => {})
    socket.on('data', (data) => {
      for (const command of String(data).matchAll(/\$\d+\r\n(PING|GET)\r\n/g)) {
        if (command[1] === 'PING') socket.write('+PONG\r\n')
        else server.answer(socket)
      }
    })
  }).listen(0, '127.0.0.1')
  open.push(() => listener.close())
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const errors: string[] = []
  const settings = redisSettings({ url: `redis://127.0.0.1:${port}` })
  const connection = connect(settings, ({ message }) => errors.push(message))
  open.push(() => connection.destroy())
  await connection.connected
  const commands = new Commands(connection, 500, (error) => error, true)
  const ask = (): Promise<unknown> => commands.run('a', ['GET', 'a']).catch(({ message }: Error) => message)
  return { server, errors, ask }
}

const fine: Answer = (socket) => void socket.write('$2\r\nok\r\n')

/** Writes for as long as somebody reads. */
function endless(socket: Socket, head: string, piece: Buffer): void {
  socket.write(head)
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece));
    if (!socket.destroyed) socket.once('drain', more)
  }
  more()
}

test.each<[string, Answer]>([
  ['a length that is no number', (socket) => void socket.write('*x\r\n')],
  ['a text without an end', (socket) => void socket.write('$1000\r\nshort')],
  ['a web server', (socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
])('%s: the store is there again soon after Redis is', async (_, odd) => {
  const { server, ask } = await start(odd)
  await ask()
  server.answer = fine
  // Somebody asks all the time, so that the connection is never silent.
  const told: unknown[] = []
  await vi.waitFor(
    async () => {
      told.push(await ask())
      expect(told.at(-1)).toBe('ok')
    },
    { timeout: 30_000, interval: 100 },
  )
  // Nothing that was for another command.
  expect(told.filter((it) => it === 'PONG')).toEqual([])
  expect(server.connections).toBe(2)
})

test('the octets of a reply are counted anew with each, on the next connection as well', async () => {
  const { server, ask } = await start((socket) => {
    socket.write(`$1000000\r\n${'a'.repeat(1_000_000)}\r\n`)
  })
  for (let connection = 1; connection <= 2; connection++) {
    for (let asked = 0; asked < 30; asked++) {
      await vi.waitFor(async () => expect(String(await ask())).toHaveLength(1_000_000), {
        timeout: 30_000,
        interval: 50,
      })
    }
    expect(server.connections).toBe(connection)
    server.sockets.at(-1)?.destroy()
  }
})

test.each<[string, string, Buffer]>([
  ['an array', '*2000000000\r\n', Buffer.from(':1\r\n'.repeat(16_384))],
  ['a text', '$2000000000\r\n', Buffer.alloc(65_536, 'a')],
  ['a line', '+', Buffer.alloc(65_536, 'a')],
])('%s without an end is cut off', async (_, head, piece) => {
  const { server, errors, ask } = await start((socket) => endless(socket, head, piece))
  const before = process.memoryUsage().rss
  await ask()
  await vi.waitFor(() => expect(errors.join()).toContain('a reply has more than 8 MiB'), 20_000)
  server.answer = fine
  await vi.waitFor(async () => expect(await ask()).toBe('ok'), { timeout: 30_000, interval: 100 })
  expect(process.memoryUsage().rss - before).toBeLessThan(256 << 20)
})
