// An HTTP proxy on loopback that leads to one server, whatever host it is asked for.

import { once } from 'node:events'
import { createServer, request as requestHttp } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

/** A running proxy. */
export interface HttpProxy {
  readonly port: number
  /** The first line of each request that it got, with the credentials that came along. */
  readonly asked: string[]
  stop(): Promise<void>
}

/**
 * Starts one.
 *
 * @param target the port on 127.0.0.1 that it leads to
 * @param refusal the status that it answers instead
 */
export async function startHttpProxy(target: number, refusal?: number): Promise<HttpProxy> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim())
    if (refusal !== undefined) {
      response.writeHead(refusal).end()
      return
    }
    const { pathname, search } = new URL(request.url ?? '')
    const on = requestHttp({ host: '127.0.0.1', port: target, path: pathname + search }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    on.end()
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim())
    socket.on('error', () => {})
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal} Refused\r\n\r\n`)
      return
    }
    const on = connect(target, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.pipe(on).pipe(socket)
    })
    on.on('error', () => socket.destroy())
    socket.on('close', () => on.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    stop: async () => {
      const closed = once(server, 'close')
      server.close()
      // A tunnel is no connection of HTTP any more.
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
