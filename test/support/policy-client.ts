// A mail server that asks a policy server, and can be as awkward as a real one.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** What a request says. */
export type Attributes = Readonly<Record<string, string>>

/** A request as Postfix sends it. */
export function request(attributes: Attributes): string {
  const all = { request: 'smtpd_access_policy', protocol_state: 'RCPT', ...attributes }
  return `${Object.entries(all)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')}\n`
}

/** A connection of a mail server. */
export class PolicyClient {
  readonly #socket: Socket
  #received = ''
  #isClosed = false
  #notify: () => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.#received += text
      this.#notify()
    })
    const close = (): void => {
      this.#isClosed = true
      this.#notify()
    }
    socket.on('error', close)
    socket.on('close', close)
  }

  static async connect(to: { host: string; port: number } | { path: string }): Promise<PolicyClient> {
    const socket = connect({ ...to, allowHalfOpen: false })
    const client = new PolicyClient(socket)
    await once(socket, 'connect')
    return client
  }

  /** Sends octets; resolves when they are on their way. */
  write(octets: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#socket.write(octets, () => resolve()))
  }

  /** The next answer as it came, `action=…` and an empty line; null when the connection is closed instead. */
  async receive(): Promise<string | null> {
    for (;;) {
      const end = this.#received.indexOf('\n\n')
      if (end >= 0) {
        const answer = this.#received.slice(0, end + 2)
        this.#received = this.#received.slice(end + 2)
        return answer
      }
      if (this.#isClosed) return null
      await new Promise<void>((resolve) => {
        this.#notify = resolve
      })
    }
  }

  /** Asks, and gives the action that is answered, or `closed`. */
  async ask(attributes: Attributes): Promise<string> {
    await this.write(request(attributes))
    const answer = await this.receive()
    if (answer === null) return 'closed'
    const action = /^action=(.*)\n\n$/.exec(answer)?.[1]
    if (action === undefined) throw new Error(`no answer of the protocol: ${JSON.stringify(answer)}`)
    return action
  }

  /** Resolves when the other side has closed it. */
  async closed(): Promise<void> {
    while (!this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#notify = resolve
      })
    }
  }

  /** Reads nothing any more. */
  pause(): void {
    this.#socket.pause()
  }

  /** Says that no more requests come. */
  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
