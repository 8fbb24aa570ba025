// Keys of ours that hold what we haven't written: it is passed over and never overwritten, and each key is told of once.

/** Keys that are told of, at most. */
const MAX_TOLD = 1000

/** Tells of keys. */
export class ForeignKeys {
  readonly #where: string
  readonly #onWarning: (message: string) => void
  readonly #told = new Set<string>()

  /** @param where the server, for messages */
  constructor(where: string, onWarning: (message: string) => void) {
    this.#where = where
    this.#onWarning = onWarning
  }

  /** Tells of a key. */
  add(key: string): void {
    if (this.#told.has(key) || this.#told.size >= MAX_TOLD) return
    this.#told.add(key)
    this.#onWarning(`${this.#where}: ${foreignAt(key)}`)
  }
}

/** What is said of a key. */
export const foreignAt = (key: string): string =>
  `what is at ${key} is not asnzone's and is passed over; remove it, or choose another redis.prefix`

/** Whether a server says that a key holds something of another type. */
const isWrongType = (error: unknown): boolean => (error as Error).message.includes('WRONGTYPE')

/** What a command gives; something else where its key holds another type, which is told. */
export async function unlessForeign<Result>(
  command: Promise<Result>,
  otherwise: Result,
  onForeign: () => void,
): Promise<Result> {
  try {
    return await command
  } catch (error) {
    if (!isWrongType(error)) throw error
    onForeign()
    return otherwise
  }
}
