// The control socket: a Unix socket in the data directory, a JSON object a line, one request a connection.
//
//     → {"command":"status"}                        ← {"ok":true, …}
//     → {"command":"reload","force":false}          ← {"ok":false,"reason":"…"}
//
// Who may open the socket may reload data and read counters; its mode lets the user of the server do so.

import { chmodSync } from 'node:fs'
import { connect, type Server, type Socket } from 'node:net'
import { AsnzoneError } from '../errors.ts'
import { checkSocket } from '../system/safe-file.ts'
import { listenOnPath } from '../system/unix-socket.ts'

/** The socket's name in the data directory. */
export const CONTROL_SOCKET = 'control.sock'

/** A request is a short line. */
const MAX_OCTETS = 4096

/** A reply tells of each source; no server has as many as would fill this. */
const MAX_REPLY = 16 << 20

const IDLE_MS = 10_000

/** Milliseconds that a reply is waited for; a reload takes as long as it takes. */
const PATIENCE_MS = 30_000

/** What is asked of a running server. */
export interface ControlRequest {
  readonly command: string
  readonly force?: boolean
  /** Of the policy service: which function, and what it takes. */
  readonly call?: string
  readonly argument?: unknown
}

/** What it replies: whether it could do so, and whatever there is to tell. */
export interface ControlReply {
  readonly ok: boolean
  readonly [key: string]: unknown
}

/** What a server does for each command. */
export type ControlHandlers = Readonly<Record<string, (request: ControlRequest) => Promise<ControlReply>>>

/** A control socket that is listened on. */
export class ControlSocket {
  readonly #server: Server
  readonly #clients: Set<Socket>

  private constructor(server: Server, clients: Set<Socket>) {
    this.#server = server
    this.#clients = clients
  }

  /**
   * Listens on a path.
   *
   * @returns null when another server listens there
   * @throws {Error} of the system when the path can't be bound.
   */
  static async listen(path: string, handlers: ControlHandlers): Promise<ControlSocket | null> {
    const clients = new Set<Socket>()
    const server = await listenOnPath(path, (socket) => {
      clients.add(socket)
      socket.once('close', () => clients.delete(socket))
      serveClient(socket, handlers)
    })
    if (server === null) return null
    chmodSync(path, 0o600)
    return new ControlSocket(server, clients)
  }

  /** Stops listening and removes the socket. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const client of this.#clients) client.destroy()
    await closed
  }
}

/** Why a server that is there can't be asked, by the code of the system. */
const UNASKED: Readonly<Record<string, string>> = {
  EACCES: 'this user may not ask the server; run it as the user of the server, or as root',
  EAGAIN: 'the server takes no more connections: is it stopped, or the host too busy?',
}

/**
 * Asks the server that listens on a path.
 *
 * @param patience milliseconds that the reply is waited for
 * @returns null when no server listens there
 * @throws {AsnzoneError} `ASNZONE_CONTROL` when what listens there doesn't answer as a server would.
 */
export async function askControl(
  path: string,
  request: ControlRequest,
  patience = request.command === 'reload' ? Number.POSITIVE_INFINITY : PATIENCE_MS,
): Promise<ControlReply | null> {
  try {
    checkSocket(path)
  } catch (cause) {
    throw new AsnzoneError('ASNZONE_CONTROL', (cause as Error).message, { cause })
  }
  return new Promise((resolve, reject) => {
    const socket = connect({ path })
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      if (text.length > MAX_REPLY) socket.destroy()
    })
    socket.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      if (code === 'ENOENT' || code === 'ECONNREFUSED') resolve(null)
      else fail(UNASKED[code ?? ''] ?? message)
    })
    const fail = (reason: string, cause?: unknown): void =>
      reject(new AsnzoneError('ASNZONE_CONTROL', `${path}: ${reason}`, { cause }))
    // One that is stopped, or whose main thread is stuck, is connected to all the same.
    if (Number.isFinite(patience)) {
      socket.setTimeout(patience, () => {
        fail(`the server has not answered for ${patience / 1000} s: is it stopped, or the host too busy?`)
        socket.destroy()
      })
    }
    socket.once('close', () => {
      try {
        resolve(JSON.parse(text) as ControlReply)
      } catch (cause) {
        fail('the server ended without a reply', cause)
      }
    })
    socket.end(`${JSON.stringify(request)}\n`)
  })
}

function serveClient(socket: Socket, handlers: ControlHandlers): void {
  let text = ''
  let isAsked = false
  let isAnswered = false
  // Who has been answered and doesn't go is sent away as well as who doesn't ask.
  socket.setEncoding('utf8').setTimeout(IDLE_MS, () => {
    if (!isAsked || isAnswered) socket.destroy()
  })
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: string) => {
    if (isAsked) return
    text += chunk
    const end = text.indexOf('\n')
    if (end < 0) {
      if (text.length > MAX_OCTETS) socket.destroy()
      return
    }
    isAsked = true
    void replyTo(text.slice(0, end), handlers).then((reply) => {
      isAnswered = true
      socket.end(`${JSON.stringify(reply)}\n`)
      socket.setTimeout(IDLE_MS)
    })
  })
}

async function replyTo(line: string, handlers: ControlHandlers): Promise<ControlReply> {
  try {
    const request = JSON.parse(line) as ControlRequest | null
    const command = String(request?.command)
    if (request === null || !Object.hasOwn(handlers, command)) {
      return {
        ok: false,
        reason: `no such command as '${command}'; known are ${Object.keys(handlers).join(', ')}`,
      }
    }
    return await handlers[command](request)
  } catch (error) {
    return { ok: false, reason: (error as Error).message }
  }
}
