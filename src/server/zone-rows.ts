// Which row of the counters each zone has: a zone keeps its row, and so its count, however often others come and go.

import { counted } from '../counted.ts'
import { AsnzoneError } from '../errors.ts'

/** Zones that may be added while a server runs, over those that it starts with. */
const SPARE_ROWS = 256

/** Gives zones their rows; one server owns them. */
export class ZoneRows {
  readonly #rows = new Map<string, number>()
  /** How many rows there are. */
  readonly room: number

  /** @param zones how many zones there are at the start */
  constructor(zones: number) {
    this.room = zones + SPARE_ROWS
  }

  /**
   * The row of each zone, in their order.
   *
   * @param ids the keys of the zones in their files; no two are the same
   * @throws {AsnzoneError} `ASNZONE_ZONE` when there were so many over time that no row is left.
   */
  of(ids: readonly string[]): number[] {
    const added = ids.filter((id) => !this.#rows.has(id))
    if (this.#rows.size + added.length > this.room) {
      throw new AsnzoneError(
        'ASNZONE_ZONE',
        `${counted(this.#rows.size + added.length, 'zone')} since the start, of which ${this.room} can be counted; restart asnzone`,
      )
    }
    for (const id of added) this.#rows.set(id, this.#rows.size)
    return ids.map((id) => this.#rows.get(id) ?? -1)
  }
}
