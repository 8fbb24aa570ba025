// A directory that stops in the middle of STARTTLS, and one that closes what nobody uses: neither keeps a place in the pool.

import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { afterEach, expect, test, vi } from 'vitest'
import { LdapPool } from '../../../src/policy-server/ldap/pool.ts'
import { certificates } from '../../support/certificates.ts'

const TIMEOUT = 500

const open: (() => unknown)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

/** A message of LDAP of a few octets: its number, and the result of an operation, success (RFC 4511 4.1.9). */
const success = (id: number, operation: number): Buffer =>
  Buffer.of(0x30, 12, 2, 1, id, operation, 7, 0x0a, 1, 0, 4, 0, 4, 0)

const [EXTENDED, SEARCH_DONE] = [0x78, 0x65]

/** The number of a request; those of this test are small. */
const idOf = (request: Buffer): number => request[request.indexOf(2, 1) + 2]

async function start() {
  const { key, cert } = certificates()
  const directory = { isStalled: false, sockets: [] as Socket[] }
  const server = createServer((socket) => {
    directory.sockets.push(socket)
    socket.on('error', () => {})
    socket.once('data', (request) => {
      socket.write(success(idOf(request), EXTENDED))
      if (directory.isStalled) return
      const secured = new TLSSocket(socket, { isServer: true, key, cert })
      secured.on('error', () => {})
      secured.on('data', (search) => secured.write(success(idOf(search), SEARCH_DONE)))
    })
  }).listen(0, '127.0.0.1')
  open.push(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const pool = new LdapPool({
    urls: [`ldap://127.0.0.1:${port}`],
    base: 'dc=example,dc=org',
    bindDn: '',
    password: '',
    filter: '(mail=%s)',
    attribute: 'mail',
    scope: 'sub',
    startTls: true,
    verify: false,
    tls: { ca: null, cert: null, key: null },
    isExternal: false,
    pool: 3,
    idle: 2,
    cache: 0,
    timeout: TIMEOUT,
  })
  open.push(() => {
    pool.close()
    for (const socket of directory.sockets) socket.destroy()
  })
  return { directory, pool }
}

test('a handshake that does not come: its place is free again, and so is the socket', async () => {
  const { directory, pool } = await start()
  directory.isStalled = true
  const asked = Array.from({ length: 5 }, () => pool.valuesOf('anna').catch(({ message }: Error) => message))
  for (const outcome of await Promise.all(asked)) expect(outcome).toMatch(/no connection within 500 ms/)
  await vi.waitFor(() => expect(directory.sockets.every(({ destroyed }) => destroyed)).toBe(true), 20_000)
  directory.isStalled = false
  await vi.waitFor(async () => expect(await pool.valuesOf('anna')).toEqual([]), 20_000)
})

test.each([
  ['closed', (socket: Socket) => socket.end()],
  ['reset', (socket: Socket) => socket.resetAndDestroy()],
])('a connection that is %s while nobody uses it costs no question', async (_, end) => {
  const { directory, pool } = await start()
  for (let connections = 1; connections <= 3; connections++) {
    expect(await pool.valuesOf('anna')).toEqual([])
    expect(directory.sockets).toHaveLength(connections)
    const [socket] = directory.sockets.slice(-1)
    const closed = once(socket, 'close')
    end(socket)
    await closed
    // The news of it has to come.
    await new Promise((resolve) => setImmediate(resolve))
  }
})
