// Which data has ended the process that compiled it, or this one with it: what did so twice is not tried again by
// itself, because a server that is started again and again answers nothing meanwhile.

import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { AsnzoneError } from '../../errors.ts'
import { writeFileAtomically } from '../../system/atomic-file.ts'
import { makeDirectory } from '../../system/make-directory.ts'
import { readText } from '../../system/safe-file.ts'

/** In the data directory while data is compiled, and afterwards when that did not end well. */
const FILE = 'compiling.json'

/** How often data may be tried. */
const MAX_TRIES = 2

const noted = z.object({
  /** Of what is compiled, see `identityOf`. */
  identity: z.string(),
  /** How often that was begun and has not ended. */
  tries: z.int().min(1),
})

const TWICE = 'compiling the same data has ended a process twice, and is not tried again automatically'

/** The error that says that data is not tried again; who catches it adds what lets it be tried there. */
export const triedTwice = (): AsnzoneError => new AsnzoneError('ASNZONE_COMPILE', TWICE)

/** An error as it is told; one that says that data is not tried again, with what lets it be tried. */
export function withMend(error: AsnzoneError, mend: string): AsnzoneError {
  if (error.message !== TWICE) return error
  return new AsnzoneError(error.code, `${TWICE}: ${mend}`, { cause: error })
}

/** One attempt to compile. */
export class Attempt {
  readonly #file: string
  readonly #identity: string
  readonly #tries: number
  readonly #onExit = (): void => this.forget()

  constructor(directory: string, identity: Buffer) {
    this.#file = join(directory, FILE)
    this.#identity = identity.toString('hex')
    const before = read(this.#file)
    this.#tries = before?.identity === this.#identity ? before.tries : 0
  }

  /** Whether this data has been tried often enough. */
  get isHopeless(): boolean {
    return this.#tries >= MAX_TRIES
  }

  /** Notes that it begins. A data directory that can't be written is noticed elsewhere. */
  begin(): void {
    // Who stops the server meanwhile says nothing about the data.
    process.once('exit', this.#onExit)
    try {
      makeDirectory(dirname(this.#file))
      const note: z.output<typeof noted> = { identity: this.#identity, tries: this.#tries + 1 }
      writeFileAtomically(this.#file, `${JSON.stringify(note)}\n`)
    } catch {
      return
    }
  }

  /** It ended with a table, or with a reason against the data. */
  forget(): void {
    this.leave()
    forgetAttempts(dirname(this.#file))
  }

  /** It ended with a death, which stays noted. */
  leave(): void {
    process.off('exit', this.#onExit)
  }
}

/** Lets all data be tried again. */
export function forgetAttempts(directory: string): void {
  try {
    rmSync(join(directory, FILE), { force: true })
  } catch {
    return
  }
}

function read(file: string): z.output<typeof noted> | null {
  try {
    return noted.parse(JSON.parse(readText(file)))
  } catch {
    return null
  }
}
