// Units open no socket of the network: what does belongs below test/server, where it takes nobody's turn.

import { Socket as DatagramSocket } from 'node:dgram'
import { Server, Socket } from 'node:net'

type Method = (this: unknown, ...args: unknown[]) => unknown

const MARK = Symbol.for('asnzone.no-sockets')

/** Has a method refuse, unless its first argument is the name of a Unix socket. */
function refuse(prototype: object, name: string): void {
  const methods = prototype as Record<string, Method>
  const method = methods[name]
  methods[name] = function (...args) {
    // How node:net hands arguments on to itself.
    const [first] = args.flat() as { readonly path?: unknown }[]
    if (first?.path != null) return method.apply(this, args)
    throw new Error(`${name} opens a socket of the network: the test belongs below test/server`)
  }
}

// Modules are read once a worker, files of set-up once a test file.
const marked = globalThis as { [MARK]?: true }
if (marked[MARK] === undefined) {
  marked[MARK] = true
  refuse(Server.prototype, 'listen')
  refuse(Socket.prototype, 'connect')
  refuse(DatagramSocket.prototype, 'bind')
}
