// The SOA serial of a server: it rises with every change of what is answered, over restarts as well.
//
// The last one lies in the data directory, beside a sum of the content that it stands for.

import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Settings } from '../config/setting-values.ts'
import { checksumOfSnapshot } from '../data/snapshot/snapshot.ts'
import { writeFileAtomically } from '../system/atomic-file.ts'
import { makeFolder } from '../system/make-folder.ts'
import { readText } from '../system/safe-file.ts'
import type { Table } from '../table/table.ts'
import type { ZoneDefinition } from '../zones/definition.ts'
import { nextSerial } from '../zones/serial.ts'
import { serialOf } from '../zones/zone.ts'
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

/** The serials of one data directory; one server owns them. */
export class Serials {
  readonly #settings: Settings
  readonly #path: string
  readonly #now: () => number
  readonly #onWarning: (message: string) => void
  /** Sums of tables that are in use: each is asked for by several who compile zones. */
  readonly #sums = new WeakMap<
    Table,
    { readonly definitions: readonly ZoneDefinition[]; readonly sum: string }
  >()
  /** What was told last; null before the first. */
  #last: NotedSerial | null

  /** @param onWarning told that a serial can't be read or kept */
  constructor(settings: Settings, onWarning: (message: string) => void, now: () => number = Date.now) {
    this.#settings = settings
    this.#path = join(settings.dataDir, SERIAL_FILE)
    this.#now = now
    this.#onWarning = onWarning
    this.#last = this.#read()
  }

  /**
   * The serial of zones with the data of a table: the last one, when nothing has changed since, or a greater one. Where
   * there was none yet, it is the hour of the newest data.
   */
  of(table: Table, definitions: readonly ZoneDefinition[]): number {
    const snapshot = this.#snapshotOf(table, definitions)
    if (snapshot !== undefined && this.#last?.snapshot === snapshot) return this.#last.serial
    const content = this.#sumOf(table, definitions)
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

  #snapshotOf(table: Table, definitions: readonly ZoneDefinition[]): string | undefined {
    const checksum = checksumOfSnapshot(table)
    if (checksum === null) return undefined
    const others = JSON.stringify(this.#othersOf(table, definitions))
    return createHash('sha256').update(others).update(checksum).digest('hex')
  }

  /** What is answered besides the table. */
  #othersOf(table: Table, definitions: readonly ZoneDefinition[]): readonly unknown[] {
    const { domain, nameservers, contact } = this.#settings
    return [definitions, domain, nameservers, contact, aboutTexts(table.metadata())]
  }

  #hour(): number {
    return serialOf(new Date(this.#now()).toISOString())
  }

  /** A sum of what is answered: dates of sources are not, but for the one that the TXT record tells. */
  #sumOf(table: Table, definitions: readonly ZoneDefinition[]): string {
    const known = this.#sums.get(table)
    if (known?.definitions === definitions) return known.sum
    const others = this.#othersOf(table, definitions)
    const sum = createHash('sha256').update(JSON.stringify(others)).update(table.content).digest('hex')
    this.#sums.set(table, { definitions, sum })
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
        this.#onWarning(`${this.#path}: ${reason}; the SOA serial begins anew with the time of the data`)
      }
      return null
    }
  }

  #write(last: NotedSerial): void {
    try {
      makeFolder(dirname(this.#path))
      writeFileAtomically(this.#path, `${JSON.stringify(last)}\n`)
    } catch (error) {
      const effect = 'the SOA serial is not kept, and may be an older one after the next start'
      this.#onWarning(`${effect}: ${this.#path}: ${(error as Error).message}`)
    }
  }
}
