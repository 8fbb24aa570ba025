// The end of a Unix datagram socket that systemd would have: takes what a service tells.

import { join } from 'node:path'
import koffi from 'koffi'
import { temporaryFolder } from './folders.ts'

const AF_UNIX = 1
const SOCK_DGRAM = 2
const MSG_DONTWAIT = 0x40

const libc = koffi.load(null)
const socket = libc.func('int socket(int family, int type, int protocol)')
const bind = libc.func('int bind(int fd, const uint8_t *address, uint length)')
const recv = libc.func('long recv(int fd, _Out_ uint8_t *message, size_t length, int flags)')
const close = libc.func('int close(int fd)')

/** A bound socket, and all that came. */
export class NotifySocket {
  /** What NOTIFY_SOCKET says. */
  readonly name: string
  /** The messages so far, each as its assignments. */
  readonly messages: string[][] = []
  readonly #fd: number

  /** @param abstract whether its name is in the abstract namespace instead of the file system */
  constructor(abstract = false) {
    const path = join(temporaryFolder(), 'notify')
    this.name = abstract ? `@${path}` : path
    const address = Buffer.concat([Buffer.from([AF_UNIX, 0]), Buffer.from(abstract ? `\0${path}` : path)])
    this.#fd = socket(AF_UNIX, SOCK_DGRAM, 0)
    if (bind(this.#fd, address, address.length) !== 0) throw new Error(`${path}: can't be bound`)
  }

  /** Resolves with the first message from now on that holds an assignment. */
  async until(assignment: string | RegExp): Promise<string[]> {
    for (let seen = this.messages.length; ; seen = this.messages.length) {
      this.#receive()
      const found = this.messages
        .slice(seen)
        .find((message) =>
          message.some((it) => (typeof assignment === 'string' ? it === assignment : assignment.test(it))),
        )
      if (found !== undefined) return found
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  close(): void {
    close(this.#fd)
  }

  #receive(): void {
    const octets = new Uint8Array(4096)
    const length = Number(recv(this.#fd, octets, octets.length, MSG_DONTWAIT))
    if (length >= 0) this.messages.push(Buffer.from(octets.subarray(0, length)).toString().split('\n'))
  }
}
