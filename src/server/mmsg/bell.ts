// What wakes a worker that waits for packets: an eventfd, which poll() finds readable once it was rung.

import type { Libc } from '../../system/libc.ts'

const EFD_NONBLOCK = 0x800
const EFD_CLOEXEC = 0x80000

/** What eventfd(2) takes: 64 bits, little-endian, that are added to its counter. */
const ONE = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0)

/** The bell of one worker and its successors; the main thread holds it. */
export class Bell {
  /** Its descriptor; negative where the system has none to give: the worker then looks for itself. */
  readonly fd: number
  readonly #libc: Libc
  #isClosed = false

  constructor(libc: Libc) {
    this.#libc = libc
    this.fd = libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)
  }

  /** Nothing once it is closed, when the number may be of a file that somebody else has opened. */
  ring(): void {
    if (this.fd >= 0 && !this.#isClosed) this.#libc.write(this.fd, ONE, ONE.length)
  }

  /** To be called once no worker waits any more. */
  close(): void {
    if (this.fd >= 0 && !this.#isClosed) this.#libc.close(this.fd)
    this.#isClosed = true
  }
}
