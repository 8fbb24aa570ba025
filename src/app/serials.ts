// The SOA serial of a server: it rises with every change of what is answered, over restarts as well.
//
// The last one lies in the data directory, beside a sum of the content that it stands for.

import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { checksumOfSnapshot } from '../data/snapshot/snapshot.ts'
import { writeFileAtomically } from '../system/atomic-file.ts'
import { makeDirectory } from '../system/make-directory.ts'
import { readText } from '../system/safe-file.ts'
import type { Table } from '../table/table.ts'
import { nextSerial, serialOf } from '../zones/serial.ts'
import type { Setup } from './setup.ts'
import { aboutTexts, serialOfData } from './zone-set.ts'

/** Its name in the data directory. */
export const SERIAL_FILE = 'serial.json'

/** The file is a line. */
const MAX_OCTETS = 4096

const noted = z.object({
  serial: z
    .int()
    .min(0)
    .max(2 ** 32 - 1),
  content: z.string(),
  /** The same of a snapshot and the settings, which is known without reading the table once more. */
  snapshot: z.string().optional(),
})

/** A serial and the sum of the content that it stands for. */
type NotedSerial = z.output<typeof noted>

/** What of a setup is answered. */
type AnsweredSetup = Pick<Setup, 'definitions' | 'settings'>

/** The serials of one data directory; one server owns them. */
export class Serials {
  readonly #path: string
  readonly #now: () => number
  readonly #onWarning: (message: string) => void
  /** Sums of tables that are in use: each is asked for by several who compile zones. */
  readonly #sums = new WeakMap<Table, { readonly others: string; readonly sum: string }>()
  /** What was told last; null before the first. */
  #last: NotedSerial | null

  /**
   * @param directory the data directory
   * @param onWarning told that a serial can't be read or kept
   */
  constructor(directory: string, onWarning: (message: string) => void, now: () => number = Date.now) {
    this.#path = join(directory, SERIAL_FILE)
    this.#now = now
    this.#onWarning = onWarning
    this.#last = this.#read()
  }

  /**
   * The serial of zones with the data of a table: the last one, when nothing has changed since, or a greater one. Where
   * there was none yet, it is the hour of the newest data.
   */
  of(table: Table, setup: AnsweredSetup): number {
    const snapshot = this.#snapshotOf(table, setup)
    if (snapshot !== undefined && this.#last?.snapshot === snapshot) return this.#last.serial
    const content = this.#sumOf(table, setup)
    if (this.#last?.content === content) {
      if (snapshot !== undefined) this.#note({ ...this.#last, snapshot })
      return this.#last.serial
    }
    const serial =
      this.#last === null ? serialOfData(table.metadata()) : nextSerial(this.#last.serial, this.#hour())
    this.#note({ serial, content, snapshot })
    return serial
  }

  #note(last: NotedSerial): void {
    this.#last = last
    this.#write(last)
  }

  #snapshotOf(table: Table, setup: AnsweredSetup): string | undefined {
    const checksum = checksumOfSnapshot(table)
    if (checksum === null) return undefined
    return createHash('sha256').update(othersOf(table, setup)).update(checksum).digest('hex')
  }

  #hour(): number {
    return serialOf(new Date(this.#now()).toISOString())
  }

  /** A sum of what is answered: dates of sources are not, but for the one that the TXT record tells. */
  #sumOf(table: Table, setup: AnsweredSetup): string {
    const others = othersOf(table, setup)
    const known = this.#sums.get(table)
    if (known?.others === others) return known.sum
    const sum = createHash('sha256').update(others).update(table.content).digest('hex')
    this.#sums.set(table, { others, sum })
    return sum
  }

  #read(): NotedSerial | null {
    try {
      return noted.parse(JSON.parse(readText(this.#path, MAX_OCTETS)))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        const reason =
          error instanceof z.ZodError
            ? 'it is damaged'
            : (error as Error).message.replace(`${this.#path} `, 'it ')
        this.#onWarning(`${this.#path}: ${reason}; the SOA serial starts from the time of the data`)
      }
      return null
    }
  }

  #write(last: NotedSerial): void {
    try {
      makeDirectory(dirname(this.#path))
      writeFileAtomically(this.#path, `${JSON.stringify(last)}\n`)
    } catch (error) {
      const effect = 'the SOA serial is not kept, and may be an older one after the next start'
      this.#onWarning(`${effect}: ${this.#path}: ${(error as Error).message}`)
    }
  }
}

/** What is answered besides the table, as text. */
function othersOf(table: Table, { definitions, settings }: AnsweredSetup): string {
  const { domain, nameservers, contact, tooFar } = settings
  return JSON.stringify([definitions, domain, nameservers, contact, tooFar, aboutTexts(table.metadata())])
}
