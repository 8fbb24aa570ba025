// Whether a file that is kept open still has its name: what is written to one that was removed, or that another one was
// moved over, is for nobody.

import { statSync } from 'node:fs'

/** A file that somebody keeps open, by its name. */
export class OpenFile {
  readonly #path: string
  #identity: string | null = null

  constructor(path: string) {
    this.#path = path
  }

  /** It has been opened just now. */
  opened(): void {
    this.#identity = this.#identityNow()
  }

  /** It is not open any more. */
  closed(): void {
    this.#identity = null
  }

  /** Whether it is open, and its name is not its own any more. */
  get isGone(): boolean {
    return this.#identity !== null && this.#identity !== this.#identityNow()
  }

  /** The kernel gives the number of a file that is open to no other one. */
  #identityNow(): string | null {
    const stats = statSync(this.#path, { bigint: true, throwIfNoEntry: false })
    return stats === undefined ? null : `${stats.dev}:${stats.ino}`
  }
}
